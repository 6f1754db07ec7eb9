"""Bookings into a file and out of one: CSV both ways, iCalendar outwards.

A file is read whole or not at all, unless rows with faults are to be left out: each fault names
its line and column. Rows go through ``book`` like everybody's, so rules are reported, never
overridden.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.cart.services import lock_together
from tierslieu.bookings.queries import BookingView, bookings_between
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel.errors import TierslieuError
from tierslieu.kernel.languages import say
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span, iso, wall_to_utc
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person
from tierslieu.venues.models import Room, Venue

WRITTEN = (
    "venue",
    "room",
    "starts_at",
    "ends_at",
    "title",
    "email",
    "attendance",
    "purpose",
    "visibility",
    "state",
    "reference",
)
#: Columns a file must have to be read; ``email`` is empty for what the house itself books.
NEEDED = ("venue", "room", "starts_at", "ends_at", "title")
READ = (*NEEDED, "email", "attendance", "purpose", "visibility")
STATUS = {"requested": "TENTATIVE", "held": "TENTATIVE"} | dict.fromkeys(
    ("declined", "cancelled", "expired"), "CANCELLED"
)


@dataclass(frozen=True)
class Fault:
    """Why a row cannot be taken. ``line`` counts from 1, the heading included."""

    line: int
    column: str
    text: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.text}"


#: A cell that begins like this is a formula to a spreadsheet.
_FORMULA = tuple("=+-@\t")


class _Wrong(Exception):
    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column = column


class _Undo(Exception):
    """Nothing of this work is to stay."""


# -- outwards ----------------------------------------------------------------------------------


def bookings(session: Session, span: Span, slug: str | None = None) -> Iterator[BookingView]:
    """The bookings that overlap a span, of one venue or of all, venue by venue."""
    question = sa.select(Venue.id).order_by(Venue.slug)
    if slug is not None:
        question = question.where(Venue.slug == slug)
    for venue in session.scalars(question).all():
        yield from bookings_between(session, venue, span)


def write_csv(session: Session, views: Iterable[BookingView], out: TextIO) -> int:
    """Write bookings as rows that ``read_csv`` understands; how many."""
    emails = {row.id: row.email for row in session.execute(sa.select(Person.id, Person.email))}
    slugs = {row.id: row.slug for row in session.execute(sa.select(Room.id, Room.slug))}
    rows = csv.writer(out)
    rows.writerow(WRITTEN)
    count = 0
    for view in views:
        booking = view.booking
        rows.writerow(
            _harmless(value)
            for value in (
                view.venue_slug,
                slugs[booking.room_id],
                iso(view.claim.starts_at),
                iso(view.claim.ends_at),
                view.claim.label,
                emails.get(booking.booked_for_id or 0) or "",
                booking.attendance or "",
                booking.purpose,
                view.claim.visibility,
                booking.state,
                booking.reference,
            )
        )
        count += 1
    return count


def _harmless(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in _FORMULA else text


def _plain(text: str | None) -> str:
    """A cell as it was before ``_harmless``."""
    text = (text or "").strip()
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULA else text


def write_ics(views: Iterable[BookingView], out: TextIO) -> int:
    """Write bookings as one calendar; how many."""
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//Tierslieu//export//EN")
    calendar.add("version", "2.0")
    count = 0
    for view in views:
        event = Event()
        event.add("uid", view.booking.uid)
        event.add("dtstamp", view.booking.changed_at)
        event.add("dtstart", view.claim.starts_at)
        event.add("dtend", view.claim.ends_at)
        event.add("summary", view.claim.label)
        event.add("location", f"{view.room_name}, {view.venue_name}")
        event.add("sequence", view.booking.revision)
        event.add("status", STATUS.get(view.booking.state, "CONFIRMED"))
        calendar.add_component(event)
        count += 1
    out.write(calendar.to_ical().decode())
    return count


# -- inwards -----------------------------------------------------------------------------------


def read_csv(
    site: Site, file: TextIO, *, dry_run: bool = False, skip: bool = False
) -> tuple[int, list[Fault]]:
    """Book every row of a file; how many could be booked, and the faults of the others.

    Nothing is written on a ``dry_run``, nor when there is a fault and ``skip`` was not asked for.
    """
    rows = csv.DictReader(file)
    missing = [name for name in NEEDED if name not in (rows.fieldnames or ())]
    if missing:
        return 0, [Fault(1, name, "this column is missing") for name in missing]
    faults: list[Fault] = []
    taken = 0
    try:
        with site.writing() as work:
            wishes = [(rows.line_num, _wish(work, rows.line_num, row)) for row in rows]
            lock_together(work, [wish for _, wish in wishes if isinstance(wish, NewBooking)])
            for line, wish in wishes:
                found = _take(work, line, wish) if isinstance(wish, NewBooking) else wish
                faults += found
                taken += not found
            if dry_run or (faults and not skip):
                raise _Undo
    except _Undo:
        pass
    return taken, faults


def _wish(work: Work, line: int, row: Mapping[str, str | None]) -> NewBooking | list[Fault]:
    """What a row asks for, or what is wrong with it."""
    try:
        return _new(work.session, {name: _plain(row.get(name)) for name in READ})
    except _Wrong as wrong:
        return [Fault(line, wrong.column, str(wrong))]
    except TierslieuError as error:
        return list(_faults(work, line, error))


def _take(work: Work, line: int, new: NewBooking) -> list[Fault]:
    try:
        with work.savepoint():
            book(work, new)
    except TierslieuError as error:
        return list(_faults(work, line, error))
    return []


def _faults(work: Work, line: int, error: TierslieuError) -> Iterator[Fault]:
    reasons = getattr(error, "reasons", ())
    for reason in reasons:
        yield Fault(line, reason.field or "starts_at", say(reason.message, work.locale))
    if not reasons:
        yield Fault(line, "room", str(error))


def _new(session: Session, row: Mapping[str, str]) -> NewBooking:
    found = session.execute(
        sa.select(Room.public_id, Venue.zone)
        .join(Venue, Venue.id == Room.venue_id)
        .where(Venue.slug == row["venue"], Room.slug == row["room"])
    ).first()
    if found is None:
        raise _Wrong("room", f"there is no room “{row['room']}” at a venue “{row['venue']}”")
    zone = ZoneInfo(found.zone)
    starts, ends = (_moment(row, name, zone) for name in ("starts_at", "ends_at"))
    if starts >= ends:
        raise _Wrong("ends_at", "it ends before it starts")
    return NewBooking(
        room=found.public_id,
        span=Span(starts, ends),
        title=row["title"],
        attendance=_number(row),
        purpose=row["purpose"],
        visibility=row["visibility"] or "private",
        person_id=_person(session, row["email"]),
        kind="normal" if row["email"] else "staff",
    )


def _moment(row: Mapping[str, str], column: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(row[column])
        return moment if moment.tzinfo else wall_to_utc(moment, zone, field=column)
    except ValueError as error:
        raise _Wrong(column, f"not a time such as 2026-11-24T18:00: “{row[column]}”") from error


def _number(row: Mapping[str, str]) -> int | None:
    text = row["attendance"]
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < 100_000:
        raise _Wrong("attendance", f"not a number of people: “{text}”")
    return int(text)


def _person(session: Session, email: str) -> int | None:
    if not email:
        return None
    found = session.scalars(sa.select(Person.id).where(Person.email == email).limit(2)).all()
    if len(found) != 1:
        why = "nobody has this address" if not found else "several people have this address"
        raise _Wrong("email", why)
    return found[0]
