"""Verbs of preconditions: ask for one, note that somebody has it, take it back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from tierslieu.bookings.preconditions.models import KINDS, Precondition, Qualification
from tierslieu.bookings.preconditions.queries import need_at, own_need
from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import Texts, clean
from tierslieu.kernel.work import Work


@dataclass(frozen=True)
class NeedValues:
    """What a precondition says. ``rooms``: row ids; empty: everywhere in its scope."""

    kind: str
    label: Texts
    how: Texts = field(default_factory=Texts)
    rooms: tuple[int, ...] = ()
    may_declare: bool = False


def put_need(
    work: Work,
    venue_id: int | None,
    values: NeedValues,
    public_id: str | None = None,
    version: int | None = None,
) -> Precondition:
    """Ask for something in a scope, or change what is asked; bookings already made stay.

    Raises Refused with what is wrong, Conflict ``changed_meanwhile``, NotFound, Forbidden.
    """
    work.require("policies.edit", venue=venue_id)
    reasons = []
    if values.kind not in KINDS:
        text = msg("This is not one of the possible values.")
        reasons.append(Reason("invalid", text, "kind"))
    if not values.label:
        reasons.append(Reason("missing", msg("Please fill this in."), "label"))
    refuse(reasons)
    if public_id is None:
        row = Precondition(venue_id=venue_id, kind=values.kind, version=0)
        work.session.add(row)
    else:
        row = own_need(work.session, venue_id, public_id)
        if version is not None and version != row.version:
            text = msg("Somebody changed this while you were looking at it.")
            raise Conflict(Reason("changed_meanwhile", text, "version", kind="state"))
    row.label = Texts({lang: clean(each)[:200] for lang, each in values.label.items()})
    row.how = Texts({lang: clean(each)[:500] for lang, each in values.how.items()})
    row.rooms = sorted(values.rooms)
    row.may_declare = values.may_declare and row.kind == "adult"
    row.version += 1
    work.session.flush()
    work.audit("preconditions.put", f"precondition:{row.public_id}", venue=venue_id,
               kind=row.kind, rooms=len(row.rooms))  # fmt: skip
    return row


def retire_need(work: Work, venue_id: int | None, public_id: str) -> None:
    """It is asked for no longer; who had it stays noted."""
    work.require("policies.edit", venue=venue_id)
    row = own_need(work.session, venue_id, public_id)
    if row.retired_at is None:
        row.retired_at = work.now
        row.version += 1
        work.session.flush()
        work.audit("preconditions.retire", f"precondition:{public_id}", venue=venue_id,
                   kind=row.kind)  # fmt: skip


@dataclass(frozen=True)
class Grant:
    """What is noted at the desk. ``person_id`` or ``organisation_id``: whose it is."""

    need: str
    person_id: int | None = None
    organisation_id: int | None = None
    from_on: date | None = None
    until_on: date | None = None
    note: str = ""


def grant(work: Work, venue_id: int, new: Grant) -> Qualification:
    """Note at a venue's desk that somebody has it (for "no debts": that she owes, and why).

    Raises Invalid for impossible days or a debt without reason, NotFound, Forbidden.
    """
    work.require("people.register", venue=venue_id)
    need = need_at(work.session, venue_id, new.need)
    from_on = new.from_on or work.now.date()
    note = clean(new.note, lines=True, field="note")[:2000]
    if new.until_on is not None and new.until_on < from_on:
        raise Invalid("bad_days", msg("The last day is before the first."), "until_on")
    if need.kind == "no_debt" and not note:
        raise Invalid("missing", msg("Write what is owed, and for what."), "note")
    return _add(work, need, new, from_on, note, venue_id)


def _add(
    work: Work, need: Precondition, new: Grant, from_on: date, note: str, venue_id: int | None,
    *, declared: bool = False,
) -> Qualification:  # fmt: skip
    row = Qualification(
        precondition_id=need.id,
        person_id=None if new.organisation_id else new.person_id,
        organisation_id=new.organisation_id,
        from_on=from_on,
        until_on=new.until_on,
        note=note,
        declared=declared,
        granted_at=work.now,
        granted_by_id=work.actor.person_id,
    )
    work.session.add(row)
    work.session.flush()
    work.audit("qualifications.grant", f"qualification:{row.public_id}", venue=venue_id,
               person=row.person_id, organisation=row.organisation_id, kind=need.kind,
               declared=declared)  # fmt: skip
    return row


def revoke(work: Work, venue_id: int, public_id: str, people: Collection[int] = ()) -> None:
    """Take back what was noted; that it was stays written. ``people``: whose it may be."""
    work.require("people.register", venue=venue_id)
    row = work.session.scalar(sa.select(Qualification).where(Qualification.public_id == public_id))
    if row is None:
        raise NotFound
    need = work.session.get_one(Precondition, row.precondition_id)
    known = row.person_id in people or (row.organisation_id is not None and people)
    if need.venue_id not in (None, venue_id) or not known:
        raise NotFound
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by_id = work.now, work.actor.person_id
        work.session.flush()
        work.audit("qualifications.revoke", f"qualification:{public_id}", venue=venue_id,
                   person=row.person_id, organisation=row.organisation_id,
                   kind=need.kind)  # fmt: skip


def declare(work: Work, public_id: str) -> Qualification:
    """She says of herself that she is of age, where that is enough."""
    work.require("accounts.own", own=True)
    need = work.session.scalar(sa.select(Precondition).where(Precondition.public_id == public_id))
    if need is None or need.retired_at is not None or not need.may_declare:
        raise NotFound
    new = Grant(public_id, person_id=work.actor.person_id)
    return _add(work, need, new, work.now.date(), "", need.venue_id, declared=True)


def erase(work: Work, person_id: int) -> None:
    """What is noted of her goes; a booking she vouched for keeps that somebody did."""
    work.session.execute(sa.delete(Qualification).where(Qualification.person_id == person_id))
