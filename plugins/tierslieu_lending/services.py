"""What is done with loans: reserved, handed over, made longer, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_lending import queries, replacing, rules, telling
from tierslieu_lending.models import Item, Loan, Thing
from tierslieu_lending.terms import borrower, terms_of
from tierslieu_lending.waiting import services as waiting

msg = tl.sentences("tierslieu_lending")


@dataclass(frozen=True)
class HandedOver:
    """What is noted when a thing goes out; the deposit in cents."""

    deposit_cents: int = 0
    condition: str = "good"
    note: str = ""
    signed: str = ""


@dataclass(frozen=True)
class TakenBack:
    """What is noted when it comes back; ``kept_cents`` of the deposit stay with the venue."""

    condition: str = "good"
    note: str = ""
    kept_cents: int = 0


def reserve(work: tl.Work, thing: Thing, span: tl.Span, *, person_id: int | None = None) -> Loan:
    """One item of a thing is kept for a person, the actor or whom the desk names.

    Raises Forbidden, Refused with every reason, Conflict when none is free.
    """
    whose = person_id or work.actor.person_id
    if whose is None:
        raise tl.Forbidden("lending.borrow")
    if whose == work.actor.person_id:
        work.require("lending.borrow", venue=thing.venue_id, own=True)
    else:
        work.require("lending.desk", venue=thing.venue_id)
    # One after the other for each person, so that nobody gets more than her share by hurrying.
    work.session.execute(sa.select(tl.Person.id).where(tl.Person.id == whose).with_for_update())
    venue = work.session.get_one(tl.Venue, thing.venue_id)
    zone = ZoneInfo(venue.zone)
    found = rules.reasons(span, terms_of(work, thing), borrower(work, thing, whose), work.now, zone)
    if not thing.offered:
        found.append(tl.Reason("not_lent", msg("It is not lent at the moment.")))
    if found:
        raise tl.Refused(*found)

    loan = waiting.taken(work, thing, span, whose)
    if loan is None:
        raise tl.Conflict(none_free(work, thing, queries.items_of(work.session, thing.id)))
    work.audit("lending.reserved", f"loan:{loan.public_id}", venue=venue.id, person=whose)
    telling.reserved(work, queries.loan_by_id(work, loan.public_id))
    return loan


def none_free(work: tl.Work, thing: Thing, items: Sequence[Item]) -> tl.Reason:
    """Why nothing of it can be had, and when it can."""
    busy = queries.busy_of(work, [item.id for item in items], work.now + queries.AHEAD)
    first = rules.first_free(list(busy.values()), work.now)
    text = msg("Somebody else has it at that time.")
    if first is None or first <= work.now:
        return tl.Reason("taken", text, "starts_at")
    zone = ZoneInfo(work.session.get_one(tl.Venue, thing.venue_id).zone)
    local = first.astimezone(zone)
    values = {"starts_at": f"{local:%Y-%m-%dT%H:%M}"}
    nearest = tl.Choice(msg("from %(at)s", at=local), values)
    return tl.Reason("taken", text, "starts_at", (nearest,))


def changed(work: tl.Work, loan: Loan, state: str) -> None:
    """Write a loan's new state; what no longer holds an item gives it back."""
    loan.state, loan.changed_at, loan.revision = state, work.now, loan.revision + 1
    if state not in rules.HOLDING:
        tl.release(work, [loan.id])
        waiting.ask(work, loan.thing_id)
    work.session.flush()


def hand_out(work: tl.Work, view: queries.LoanView, said: HandedOver) -> Loan:
    """The thing goes over the desk, perhaps earlier than it was kept for. Raises Conflict."""
    loan, claim = view.loan, view.claim
    work.require("lending.desk", venue=loan.venue_id)
    state = rules.after(loan.state, "hand_out")
    if work.now < claim.starts_at:
        tl.move_claim(work, claim, tl.Span(work.now, claim.ends_at), [loan.item_id])
    loan.out_at = work.now
    loan.deposit_taken_cents = said.deposit_cents
    loan.condition_out, loan.note_out, loan.signed = said.condition, said.note, said.signed
    changed(work, loan, state)
    work.audit(
        "lending.handed_over",
        f"loan:{loan.public_id}",
        venue=loan.venue_id,
        person=loan.person_id,
        deposit=said.deposit_cents,
    )
    return loan


def take_back(work: tl.Work, view: queries.LoanView, said: TakenBack) -> Loan:
    """The thing is back: others may have it from now on, unless it came back damaged."""
    loan, item = view.loan, view.item
    work.require("lending.desk", venue=loan.venue_id)
    state = rules.after(loan.state, "take_back")
    loan.deposit_back_cents = rules.deposit_back(loan.deposit_taken_cents, said.kept_cents)
    loan.back_at = work.now
    loan.condition_back, loan.note_back = said.condition, said.note
    item.condition = said.condition
    changed(work, loan, state)
    work.audit(
        "lending.taken_back",
        f"loan:{loan.public_id}",
        venue=loan.venue_id,
        person=loan.person_id,
        deposit=loan.deposit_back_cents,
        condition=said.condition,
    )
    telling.came_back(work, view)
    if said.condition == "damaged":
        replacing.out_of_use(work, view.thing, item, "repair")
    return loan


def cancel(work: tl.Work, view: queries.LoanView) -> Loan:
    """A loan that has not begun is given up, by who asked for it or by the desk."""
    loan = view.loan
    own = loan.person_id is not None and loan.person_id == work.actor.person_id
    if not work.actor.may("lending.desk", venue=loan.venue_id):
        if not own:
            raise tl.NotFound
        work.require("lending.borrow", venue=loan.venue_id, own=True)
    changed(work, loan, rules.after(loan.state, "cancel"))
    work.audit(
        "lending.cancelled", f"loan:{loan.public_id}", venue=loan.venue_id, person=loan.person_id
    )
    if not own:
        telling.cancelled(work, view)
    return loan


def renew(work: tl.Work, view: queries.LoanView) -> Loan:
    """It is kept as long again, if nobody else is to have it then. Raises Refused, Conflict."""
    loan, claim = view.loan, view.claim
    own = loan.person_id is not None and loan.person_id == work.actor.person_id
    if not own and not work.actor.may("lending.desk", venue=loan.venue_id):
        raise tl.NotFound
    most = int(tl.setting(work, "renewals", venue_id=loan.venue_id))
    if loan.state != "out" or view.is_late or loan.renewals >= most:
        text = msg("It cannot be made longer any more: please bring it back.")
        raise tl.Refused(tl.Reason("no_renewal", text))
    days = terms_of(work, view.thing).longest_days
    until = loan.due_at + min(claim.ends_at - claim.starts_at, timedelta(days=days))
    try:
        tl.move_claim(work, claim, tl.Span(claim.starts_at, until), [loan.item_id])
    except tl.Conflict as taken:
        text = msg("Somebody else is to have it then: please bring it back.")
        raise tl.Conflict(tl.Reason("promised", text)) from taken
    loan.due_at, loan.renewals, loan.reminded = until, loan.renewals + 1, 0
    changed(work, loan, "out")
    work.audit(
        "lending.renewed", f"loan:{loan.public_id}", venue=loan.venue_id, person=loan.person_id
    )
    return loan
