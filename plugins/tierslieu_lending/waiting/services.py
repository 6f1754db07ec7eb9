"""Standing in line for a thing, being offered it, answering."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_lending import queries, rules, telling
from tierslieu_lending.models import Loan, Thing
from tierslieu_lending.terms import borrower, terms_of
from tierslieu_lending.waiting.models import Waiting

msg = tl.sentences("tierslieu_lending")

#: The job that offers what became free.
OFFER = "lending.offer"


def join(work: tl.Work, thing: Thing, span: tl.Span) -> Waiting:
    """Stand in line. Raises Refused where she might not borrow it, or one is free."""
    person_id = work.actor.person_id
    if person_id is None:
        raise tl.Forbidden("lending.borrow")
    work.require("lending.borrow", venue=thing.venue_id, own=True)
    zone = ZoneInfo(work.session.get_one(tl.Venue, thing.venue_id).zone)
    who = borrower(work, thing, person_id)
    found = rules.reasons(span, terms_of(work, thing), who, work.now, zone)
    ids = [item.id for item in queries.items_of(work.session, thing.id)]
    if not ids:
        found.append(tl.Reason("none", msg("There is none in use.")))
    elif tl.free(work.session, ids, span, work.now):
        found.append(tl.Reason("free", msg("One is free: you need not wait.")))
    if found:
        raise tl.Refused(*found)
    entry = Waiting(
        thing_id=thing.id,
        person_id=person_id,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        asked_at=work.now,
    )
    work.session.add(entry)
    work.session.flush()
    work.audit(
        "lending.waits", f"waiting:{entry.public_id}", venue=thing.venue_id, person=person_id
    )
    return entry


def leave(work: tl.Work, entry: Waiting) -> None:
    """She waits no longer."""
    if entry.person_id != work.actor.person_id or entry.state != "waiting":
        raise tl.NotFound
    work.require("lending.borrow", own=True)
    entry.state = "left"
    work.audit("lending.waits_no_more", f"waiting:{entry.public_id}", person=entry.person_id)


def ask(work: tl.Work, thing_id: int) -> None:
    """Something of a thing became free: whoever waits is offered it, once this is done."""
    waits = sa.select(Waiting.id).where(Waiting.thing_id == thing_id, Waiting.state == "waiting")
    if work.session.scalar(waits.limit(1)) is not None:
        work.later(OFFER, key=f"{OFFER}:{thing_id}", thing=thing_id)


def offer(work: tl.Work, thing: int) -> None:
    """Offer what is free of a thing, in the order of asking; each offer holds an item."""
    row = work.session.get(Thing, thing)
    if row is None or not row.offered:
        return
    line = work.session.scalars(
        sa.select(Waiting)
        .where(Waiting.thing_id == thing, Waiting.state == "waiting")
        .order_by(Waiting.id)
        .with_for_update()
    ).all()
    for entry in line:
        if entry.starts_at <= work.now:
            entry.state = "lapsed"
        else:
            _offer(work, row, entry)


def _offer(work: tl.Work, thing: Thing, entry: Waiting) -> None:
    span = tl.Span(entry.starts_at, entry.ends_at)
    hours = int(tl.setting(work, "offer_hours", venue_id=thing.venue_id))
    until = min(work.now + timedelta(hours=hours), span.starts_at)
    made = taken(work, thing, span, entry.person_id, state="offered")
    if made is None:
        return
    tl.hold(work, [tl.Taking(made.id, [made.item_id], span)], until)
    token = tl.new_token("tlo_")
    entry.state, entry.loan_id, entry.token_hash = "offered", made.id, tl.hash_token(token)
    work.session.flush()
    work.audit(
        "lending.offered", f"loan:{made.public_id}", venue=thing.venue_id, person=entry.person_id
    )
    view = queries.loan_by_id(work, made.public_id)
    telling.offered(work, view, until, f"/lending/offers/{token}")


def taken(
    work: tl.Work, thing: Thing, span: tl.Span, person_id: int, state: str = "reserved"
) -> Loan | None:
    """A loan of the first item that is free; who comes second that moment gets the next one."""
    items = queries.items_of(work.session, thing.id)
    free = tl.free(work.session, [item.id for item in items], span, work.now) if items else set()
    for item in [each for each in items if each.id in free]:
        claim = tl.new_claim(
            work,
            venue_id=thing.venue_id,
            kind="loan",
            span=span,
            resource_id=item.id,
            label=str(thing.name),
        )
        try:
            tl.take(work, [tl.Taking(claim.id, [item.id], span)])
        except tl.Conflict:
            work.session.delete(claim)
            work.session.flush()
            continue
        loan = Loan(
            id=claim.id,
            venue_id=thing.venue_id,
            thing_id=thing.id,
            item_id=item.id,
            person_id=person_id,
            state=state,
            due_at=claim.ends_at,
            deposit_asked_cents=thing.deposit_cents,
            asked_at=work.now,
            changed_at=work.now,
        )
        work.session.add(loan)
        work.session.flush()
        return loan
    return None


def entry_of(work: tl.Work, token: str) -> tuple[Waiting, queries.LoanView]:
    """The offer that a link opens; raises NotFound."""
    asked = sa.select(Waiting).where(Waiting.token_hash == tl.hash_token(token))
    entry = work.session.scalar(asked)
    loan = entry and entry.loan_id and work.session.get(Loan, entry.loan_id)
    if not entry or not loan:
        raise tl.NotFound
    return entry, queries.loan_by_id(work, loan.public_id)


def answer(work: tl.Work, view: queries.LoanView, *, yes: bool) -> Loan:
    """The offer is taken, or given up for the next in line. Raises Conflict when it is over."""
    loan = view.loan
    locked = sa.select(Loan).where(Loan.id == loan.id).with_for_update()
    work.session.execute(locked.execution_options(populate_existing=True))
    state = rules.after(loan.state, "confirm" if yes else "cancel")
    over = view.claim.expires_at is not None and view.claim.expires_at <= work.now
    if yes and over:
        raise tl.Conflict(tl.Reason("over", msg("This offer is over: the next in line has it.")))
    loan.state, loan.changed_at, loan.revision = state, work.now, loan.revision + 1
    if yes:
        span = tl.Span(view.claim.starts_at, view.claim.ends_at)
        tl.take(work, [tl.Taking(loan.id, [loan.item_id], span)])
    else:
        tl.release(work, [loan.id])
    _end(work, loan, "taken" if yes else "left")
    work.audit(
        "lending.offer_taken" if yes else "lending.offer_given_up",
        f"loan:{loan.public_id}",
        venue=loan.venue_id,
        person=loan.person_id,
    )
    if not yes:
        ask(work, loan.thing_id)
    return loan


def _end(work: tl.Work, loan: Loan, state: str) -> None:
    done = sa.update(Waiting).where(Waiting.loan_id == loan.id, Waiting.state == "offered")
    work.session.execute(done.values(state=state, token_hash=None))
    work.session.flush()


def look(work: tl.Work) -> None:
    """Offers that nobody answered are over; whatever is free is offered to who waits."""
    lapsed = (
        sa.select(Loan)
        .join(tl.Claim, tl.Claim.id == Loan.id)
        .where(Loan.state == "offered")
        .where(sa.or_(tl.Claim.expires_at <= work.now, tl.Claim.starts_at <= work.now))
        .order_by(Loan.id)
        .with_for_update(of=Loan)
    )
    for loan in work.session.scalars(lapsed).all():
        loan.state, loan.changed_at = "expired", work.now
        tl.release(work, [loan.id])
        _end(work, loan, "lapsed")
    waiting = sa.select(Waiting.thing_id).where(Waiting.state == "waiting").distinct()
    for thing_id in work.session.scalars(waiting.order_by(Waiting.thing_id)).all():
        offer(work, thing_id)


def waiting_of(work: tl.Work, person_id: int) -> list[tuple[Waiting, Thing, int]]:
    """What somebody waits for, and how many are before her."""
    before = (
        sa.select(sa.func.count())
        .select_from(other := sa.orm.aliased(Waiting))
        .where(
            other.thing_id == Waiting.thing_id,
            other.state == "waiting",
            other.id < Waiting.id,
            other.starts_at < Waiting.ends_at,
            other.ends_at > Waiting.starts_at,
        )
        .scalar_subquery()
    )
    asked = (
        sa.select(Waiting, Thing, before)
        .join(Thing, Thing.id == Waiting.thing_id)
        .where(Waiting.person_id == person_id, Waiting.state == "waiting")
        .order_by(Waiting.starts_at, Waiting.id)
    )
    return [(row[0], row[1], row[2]) for row in work.session.execute(asked)]
