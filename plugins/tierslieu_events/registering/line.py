"""The line of a date: whoever changes it holds its sides, settles it, and tells whom it concerns.

Every verb locks both sides of its date first, in the order of their numbers; on SQLite the one
writer is that lock. So the last place is given once, and who waits is never passed.
"""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_events import rules
from tierslieu_events.models import ACTIVE, EventDate, Registration, Side
from tierslieu_events.queries import DateView, dates_by_id
from tierslieu_events.registering import mails


def lock(work: tl.Work, date_id: int) -> dict[str, Side]:
    """Hold the sides of a date until the work ends, as they stand now."""
    asked = sa.select(Side).where(Side.date_id == date_id).order_by(Side.id)
    held = asked.with_for_update().execution_options(populate_existing=True)
    return {side.kind: side for side in work.session.scalars(held)}


def settle(work: tl.Work, view: DateView, side: Side) -> rules.Settled:
    """Free what ran out, offer what is free, and count; the side must be locked.

    Before its beginning alone: nobody is offered a place in what has begun.
    """
    rows = {row.id: row for row in _line(work, side)}
    seats = [
        rules.Seat(r.id, r.seats, r.state, r.holds, r.joined_at, r.expires_at)
        for r in rows.values()
    ]
    offers = view.date.state == "planned" and side.is_open and work.now < view.date.starts_at
    known = seats if offers else [seat for seat in seats if seat.state != "waiting"]
    settled = rules.settle(side.capacity, known, work.now)
    for lapsed in settled.lapsed:
        row = rows[lapsed]
        told = row.state == "offered"
        end(work, row, "lapsed")
        if told:
            mails.lapsed(work, view, row)
    for offered in settled.offered:
        _offer(work, view, rows[offered])
    count(work, side)
    return settled


def _line(work: tl.Work, side: Side) -> Iterable[Registration]:
    asked = sa.select(Registration).where(
        Registration.side_id == side.id, Registration.state.in_(ACTIVE)
    )
    return work.session.scalars(asked.execution_options(populate_existing=True))


def _offer(work: tl.Work, view: DateView, row: Registration) -> None:
    hours = tl.setting(work, "offer_hours", venue_id=view.venue.id)
    row.state, row.holds = "offered", True
    zone = ZoneInfo(view.venue.zone)
    row.expires_at = rules.offer_ends(work.now, view.date.starts_at, hours, zone)
    row.changed_at, row.revision = work.now, row.revision + 1
    work.audit("events.offered", f"registration:{row.public_id}", venue=view.venue.id,
               person=row.person_id)  # fmt: skip
    mails.offered(work, view, row)


def count(work: tl.Work, side: Side) -> None:
    """Write down how many places are taken; the database refuses more than there are."""
    work.session.flush()
    taken = sa.select(sa.func.coalesce(sa.func.sum(Registration.seats), 0)).where(
        Registration.side_id == side.id, Registration.holds
    )
    side.taken = int(work.session.scalar(taken) or 0)
    work.session.flush()


def end(work: tl.Work, row: Registration, state: str) -> None:
    """A registration is over; whoever calls this settles its side afterwards."""
    row.state, row.holds, row.expires_at = state, False, None
    row.ended_at = row.changed_at = work.now
    row.revision += 1


def everybody_out(work: tl.Work, view: DateView, reason: str) -> None:
    """A date was called off: nobody holds a place any more, and each is told once."""
    sides = lock(work, view.date.id)
    told: set[str] = set()
    for side in sides.values():
        for row in list(_line(work, side)):
            known = row.state != "pending"
            end(work, row, "cancelled")
            who = row.who or row.public_id
            if known and who not in told:
                told.add(who)
                mails.called_off(work, view, row, reason)
        count(work, side)


def moved(work: tl.Work, view: DateView) -> None:
    """A date has another time or room: everybody who means to come is told once."""
    told: set[str] = set()
    fresh = dates_by_id(work, {view.date.id})[view.date.id]
    for side in lock(work, view.date.id).values():
        for row in list(_line(work, side)):
            row.revision += 1
            who = row.who or row.public_id
            if row.state != "pending" and who not in told:
                told.add(who)
                mails.moved(work, fresh, row)
    work.session.flush()


def settle_due(work: tl.Work) -> None:
    """Note what ran out, and offer it to who is next; for a job."""
    due = sa.select(Registration.date_id).where(
        Registration.expires_at.is_not(None), Registration.expires_at <= work.now
    )
    ids = sorted(set(work.session.scalars(due)))
    views = dates_by_id(work, ids)
    for date_id in ids:
        if date_id in views and tl.is_on(work, views[date_id].venue.id):
            for side in lock(work, date_id).values():
                settle(work, views[date_id], side)
    _past(work)


def _past(work: tl.Work) -> None:
    """What has begun is waited for no longer."""
    begun = sa.select(EventDate.id).where(EventDate.starts_at <= work.now)
    work.session.execute(
        sa.update(Registration)
        .where(Registration.state == "waiting", Registration.date_id.in_(begun))
        .values(state="lapsed", ended_at=work.now, changed_at=work.now),
        execution_options={"synchronize_session": False},
    )
