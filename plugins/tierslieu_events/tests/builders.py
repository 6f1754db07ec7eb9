"""A venue with an event, and people who want to come."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu.testing import a_room, a_venue, an_account
from tierslieu_events import services
from tierslieu_events.models import Event, Registration, Side
from tierslieu_events.queries import DateView, dates_of
from tierslieu_events.registering.queries import Entry, entries
from tierslieu_events.registering.services import Asked, register
from tierslieu_events.services import Facts, NewDate


#: Noon of a day in the week after next, whatever day it is: far from night and from month's end.
def noon(work: tl.Work, days: int = 14) -> datetime:
    return (work.now + timedelta(days=days)).replace(hour=11, minute=0, second=0, microsecond=0)


def as_system(work: tl.Work) -> tl.Work:
    return replace(work, actor=tl.SYSTEM)


def as_person(work: tl.Work, person_id: int) -> tl.Work:
    return replace(work, actor=tl.acting(work.session, person_id, work.now.date()))


def an_event(work: tl.Work, *, mode: str = "hybrid", in_room: int | None = 2,
             remote: int | None = 3, published: bool = True, venue: Any = None, **facts: Any
             ) -> Event:  # fmt: skip
    """A published event of one date at Gattaglio, in a room for thirty."""
    work = as_system(work)
    venue = venue or a_venue(work)
    room = a_room(work, venue, capacity=30)
    said = {"title": tl.Texts(en="Evening of the quarter", it="Serata del quartiere")} | facts
    event = services.make_event(work, venue, Facts(**said))
    start = noon(work)
    span = tl.Span(start, start + timedelta(hours=2))
    public = room.public_id if mode != "remote" else ""
    services.add_dates(work, event, [NewDate(span, mode, public, in_room, remote)])
    if published:
        services.publish(work, event)
    return event


def the_date(work: tl.Work, event: Event) -> DateView:
    return dates_of(work, event)[0]


def a_person(work: tl.Work, name: str) -> int:
    account = an_account(work, f"{name}@example.org")
    return int(account.person_id)


def joins(work: tl.Work, event: Event, person_id: int, kind: str = "room", **asked: Any
          ) -> Registration:  # fmt: skip
    wish = Asked(kind, person_id=person_id, **asked)
    return register(as_system(work), the_date(work, event), wish)


def entry_of(work: tl.Work, row: Registration) -> Entry:
    return entries(work, Registration.id == row.id)[0]


def taken(work: tl.Work, event: Event, kind: str = "room") -> int:
    date = the_date(work, event).date
    asked = sa.select(Side.taken).where(Side.date_id == date.id, Side.kind == kind)
    return int(work.session.scalar(asked) or 0)


def as_nobody(work: tl.Work) -> tl.Work:
    return replace(work, actor=tl.Actor())
