"""What is kept of a person, and how it is forgotten: names go, numbers stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_events.models import ACTIVE, Event, EventDate, Registration
from tierslieu_events.queries import dates_by_id
from tierslieu_events.registering import line
from tierslieu_events.registering.queries import entries
from tierslieu_events.words import say

PERSON_COLUMNS = {
    "events_event.organiser_id": "forget",
    "events_registration.person_id": "forget",
    "events_registration.by_id": "forget",
}
_NOTHING: dict[str, Any] = {
    "person_id": None, "by_id": None, "name": "", "email": None, "phone": None, "who": None,
    "answers": {},
}  # fmt: skip


def _hers(work: tl.Work, person_id: int) -> sa.ColumnElement[bool]:
    """Hers by her account, and those that she made as a guest with its address."""
    address = sa.select(tl.Account.email).where(
        tl.Account.person_id == person_id, tl.Account.confirmed_at.is_not(None)
    )
    return sa.or_(Registration.person_id == person_id, Registration.email.in_(address))


def exported(work: tl.Work, person_id: int) -> Iterator[tl.PersonDataPart]:
    """What she registered for, and what she invites to."""
    rows = [
        {
            "event": entry.view.event.title.best(work.locale, "it")[1],
            "starts_at": tl.iso(entry.view.date.starts_at),
            "side": entry.kind,
            "seats": entry.row.seats,
            "state": entry.row.state,
            "came": entry.row.came,
            "answers": dict(entry.row.answers),
            "registered_at": tl.iso(entry.row.joined_at.replace(microsecond=0)),
        }
        for entry in entries(work, _hers(work, person_id))
    ]
    if rows:
        yield tl.PersonDataPart(say("Registrations for events"), tuple(rows))
    invites = work.session.scalars(sa.select(Event).where(Event.organiser_id == person_id))
    events = tuple({"event": each.title.best(work.locale, "it")[1]} for each in invites)
    if events:
        yield tl.PersonDataPart(say("Events to which you invite"), events)


def erase(work: tl.Work, person_id: int) -> None:
    """Her places to come go to who waits; of those that are past only the number stays."""
    mine = _hers(work, person_id)
    ahead = sa.select(Registration.date_id).join(
        EventDate, EventDate.id == Registration.date_id
    ).where(mine, EventDate.ends_at > work.now, Registration.state.in_(ACTIVE))  # fmt: skip
    ids = sorted(set(work.session.scalars(ahead)))
    views = dates_by_id(work, ids)
    for date_id in ids:
        sides = line.lock(work, date_id)
        leaving = sa.select(Registration).where(
            mine, Registration.date_id == date_id, Registration.state.in_(ACTIVE)
        )
        for row in list(work.session.scalars(leaving)):
            line.end(work, row, "cancelled")
        work.session.flush()
        for side in sides.values():
            line.settle(work, views[date_id], side)
    _forget(work, mine)
    work.session.execute(
        sa.update(Event).where(Event.organiser_id == person_id).values(organiser_id=None)
    )
    work.session.execute(
        sa.update(Registration).where(Registration.by_id == person_id).values(by_id=None),
        execution_options={"synchronize_session": False},
    )


def forget_before(work: tl.Work, before: datetime) -> None:
    """Registrations for what was over before a moment lose whose they were."""
    over = sa.select(EventDate.id).where(EventDate.ends_at < before)
    _forget(work, Registration.date_id.in_(over))


def _forget(work: tl.Work, condition: sa.ColumnElement[bool]) -> None:
    work.session.execute(
        sa.update(Registration).where(condition).values(**_NOTHING),
        execution_options={"synchronize_session": False},
    )
    work.session.expire_all()
