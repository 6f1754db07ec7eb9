"""Who is in line for a time that a closing takes away: told and taken off the list, not moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.desk.queries import Who
from tierslieu.bookings.handling.queries import any_cause, causes_at, window_of
from tierslieu.bookings.handling.rules import Cause, Causes, Shut, causes_of
from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.bookings.waiting.queries import WaitingView, names_of, waiting_inside
from tierslieu.kernel.mail import post
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import LocalSpan
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person
from tierslieu.venues.models import Venue
from tierslieu.venues.modes.rules import Mode


@dataclass(frozen=True)
class Wait:
    """An entry of the list that is touched: by what, whose, and how she is reached."""

    view: WaitingView
    cause: Cause
    who: Who
    email: str = ""


def waits_to_handle(session: Session, venue: Venue, now: datetime) -> list[Wait]:
    """Who waits for what nobody can have any more, the soonest first."""
    if not any_cause(session, venue.id, now):
        return []
    return _waits(session, venue, causes_at(session, venue, now), now)


def waits_touched(
    session: Session, venue: Venue, thought: Mode | Shut, now: datetime
) -> list[Wait]:
    """Who would wait in vain if something were done that is only thought of."""
    key = thought.key if isinstance(thought, Shut) else f"mode:{thought.key}"
    found = _waits(session, venue, causes_at(session, venue, now, thought=thought), now)
    return [each for each in found if each.cause.key == key]


def _waits(session: Session, venue: Venue, causes: Causes, now: datetime) -> list[Wait]:
    window = window_of(causes, now)
    if window is None:
        return []
    found = []
    for view in waiting_inside(session, venue.id, window):
        entry = view.entry
        over = causes_of(causes, entry.room_id, view.span, entry.attendance)
        found += [(view, over[0])] if over else []
    return _reached(session, found)


def _reached(session: Session, found: Sequence[tuple[WaitingView, Cause]]) -> list[Wait]:
    if not found:
        return []
    names = names_of(session, [view for view, _ in found])
    ids = {view.entry.person_id for view, _ in found}
    rows = session.execute(
        sa.select(Person.id, Person.email, Person.phone).where(Person.id.in_(ids))
    )
    reached = {row.id: (row.email or "", row.phone or "") for row in rows}
    waits = []
    for view, cause in found:
        email, phone = reached.get(view.entry.person_id or 0, ("", ""))
        waits.append(Wait(view, cause, Who(names[view.entry.id], phone), email))
    return waits


def tell_waits(work: Work, venue: Venue, waits: Sequence[Wait], first: Sequence[Message]) -> None:
    """End these entries and say it: one message to each person, about all of hers."""
    by_person: dict[int | None, list[Wait]] = {}
    for each in waits:
        by_person.setdefault(each.view.entry.person_id, []).append(each)
    for person_id, entries in by_person.items():
        lines = [*first, *(_told(work, each) for each in entries)]
        post(
            work, work.session.get(Person, person_id),
            msg("About your bookings at %(venue)s", venue=venue.name), lines,
            link="/me/waiting", zone=venue.zone, venue_id=venue.id, about=f"venue:{venue.slug}",
        )  # fmt: skip
    work.session.flush()


def _told(work: Work, wait: Wait) -> Message:
    entry: WaitingEntry = wait.view.entry
    entry.state, entry.ended_at = "lapsed", work.now
    work.audit("waiting.closed", f"waiting:{entry.public_id}", person=entry.person_id,
               venue=wait.view.venue_id, organisation=entry.organisation_id)  # fmt: skip
    return msg(
        "%(room)s, %(when)s: nobody can have it then, so you wait for it no longer. %(cause)s",
        room=wait.view.room_name,
        when=LocalSpan(wait.view.span, ZoneInfo(wait.view.zone)),
        cause=wait.cause.said,
    )
