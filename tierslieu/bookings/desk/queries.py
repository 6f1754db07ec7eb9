"""What Today shows, in as few statements as there are things to show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from tierslieu.bookings.cases.queries import RoomCase, rooms
from tierslieu.bookings.desk.board import Door, door
from tierslieu.bookings.guests.queries import is_guest
from tierslieu.bookings.models import Booking, PendingChange, Series
from tierslieu.bookings.queries import BookingView, _shown, _views, bookings_between
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.mail import ToTell, to_be_told
from tierslieu.kernel.span import Span, at_wall, local_date, local_day_span
from tierslieu.kernel.work import Work
from tierslieu.people.models import Organisation, Person
from tierslieu.resources.models import Claim
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.queries import venue_opening_facts
from tierslieu.venues.rules import OpenNow, open_now, open_spans

#: States that the day's board speaks of.
GOING = ("confirmed", "checked_in", "no_show")


@dataclass(frozen=True)
class Who:
    """For whom a booking is; ``name`` is empty when the person was erased or there is none."""

    name: str = ""
    phone: str = ""
    public_id: str = ""
    organisation: str = ""
    guest: bool = False


@dataclass(frozen=True)
class OnBoard:
    """A booking as the board reads it."""

    view: BookingView
    who: Who

    @property
    def span(self) -> Span:
        return self.view.span

    @property
    def state(self) -> str:
        return self.view.booking.state

    @property
    def has_left(self) -> bool:
        return self.view.booking.left_at is not None


@dataclass(frozen=True)
class RoomNow:
    """A room and its door at this moment."""

    case: RoomCase
    door: Door[OnBoard]


@dataclass(frozen=True)
class Waiting:
    """A change that waits for an answer: what stands, what is asked, and for whom.

    ``dates``: so many dates of its series wait with it for one answer.
    """

    view: BookingView
    change: PendingChange
    room_name: str
    who: Who
    dates: int = 1

    @property
    def span(self) -> Span:
        return Span(self.change.starts_at, self.change.ends_at)


@dataclass(frozen=True)
class Missed:
    """Bookings to which nobody came: yesterday's and today's, and this month's share."""

    views: list[OnBoard]
    month: int
    of: int


@dataclass(frozen=True)
class Telling:
    """Something to tell somebody who has no e-mail."""

    entry: ToTell
    who: Who


def rooms_now(work: Work, venue: Venue) -> list[RoomNow]:
    """Every room of a venue with its door at this moment."""
    zone = ZoneInfo(venue.zone)
    today = local_date(work.now, zone)
    around = rooms(work.session, today - timedelta(days=1), today + timedelta(days=7))
    cases = around.of_venue(venue.id)
    span = Span(local_day_span(today, zone).starts_at, at_wall(today + timedelta(days=2), 0, zone))
    views = bookings_between(work.session, venue.id, span, states=GOING)
    who = who_of(work.session, views)
    found = []
    for case in cases:
        opening = open_spans(
            case.facts.opening, today - timedelta(days=1), today + timedelta(days=7), zone
        )
        here = [OnBoard(v, who[v.booking.id]) for v in views if v.booking.room_id == case.id]
        found.append(RoomNow(case, door(work.now, opening, here)))
    return found


def open_today(work: Work, venue: Venue, rooms: Sequence[RoomNow]) -> OpenNow:
    """Whether the venue is open at this moment and until when; its rooms' facts know it too."""
    zone = ZoneInfo(venue.zone)
    today = local_date(work.now, zone)
    if rooms:
        return open_now(rooms[0].case.facts.opening.of_venue(), work.now, zone)
    facts = venue_opening_facts(
        work.session, [venue.id], today - timedelta(days=1), today + timedelta(days=8)
    )
    return open_now(facts[venue.id], work.now, zone)


def changes_waiting(session: Session, venue_id: int, now: datetime) -> list[Waiting]:
    """Changes of bookings of a venue that wait for an answer, the soonest first; a series once."""
    asked = aliased(Room)
    rows = session.execute(
        sa.select(PendingChange, asked.name, Booking.series_id)
        .join(Booking, Booking.id == PendingChange.booking_id)
        .join(Claim, Claim.id == Booking.id)
        .join(asked, asked.id == PendingChange.room_id)
        .where(Claim.venue_id == venue_id, Claim.ends_at > now, Booking.state == "confirmed")
        .order_by(PendingChange.starts_at, PendingChange.booking_id)
        .limit(400)
    ).all()
    if not rows:
        return []
    # A series by its first date, the others counted with it.
    several = Counter(series or -change.booking_id for change, _, series in rows)
    first = {series or -change.booking_id: (change, name) for change, name, series in rows[::-1]}
    views = views_of(session, [change.booking_id for change, _ in first.values()])
    who = who_of(session, views.values())
    found = [
        Waiting(views[change.booking_id], change, name, who[change.booking_id], several[key])
        for key, (change, name) in first.items()
    ]
    return sorted(found, key=lambda each: each.change.starts_at)[:50]


def pending_change(session: Session, view: BookingView) -> Waiting | None:
    """The change of one booking that waits, if there is one."""
    change = session.get(PendingChange, view.booking.id)
    if change is None:
        return None
    name = session.scalar(sa.select(Room.name).where(Room.id == change.room_id)) or ""
    of = view.booking.series_id
    together = (
        sa.select(sa.func.count())
        .select_from(PendingChange)
        .join(Booking, Booking.id == PendingChange.booking_id)
    )
    dates = session.scalar(together.where(Booking.series_id == of)) if of else 1
    return Waiting(view, change, name, Who(), dates or 1)


def views_of(session: Session, ids: Collection[int]) -> dict[int, BookingView]:
    """Bookings by row id."""
    shown = _shown(session, _views().where(Booking.id.in_(ids)))
    return {view.booking.id: view for view in shown}


def missed(session: Session, venue: Venue, now: datetime) -> Missed:
    """To which bookings nobody came since yesterday, and how many this month of how many."""
    zone = ZoneInfo(venue.zone)
    today = local_date(now, zone)
    since = at_wall(today - timedelta(days=1), 0, zone)
    first = at_wall(today.replace(day=1), 0, zone)
    views = bookings_between(session, venue.id, Span(since, now + timedelta(seconds=1)),
                             states=("no_show",))  # fmt: skip
    who = who_of(session, views)
    counted = sa.case((Booking.state == "no_show", 1), else_=0)
    row = session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(counted), 0))
        .select_from(Booking)
        .join(Claim, Claim.id == Booking.id)
        .where(
            Claim.venue_id == venue.id,
            Claim.starts_at >= first,
            Claim.starts_at < now,
            Booking.state.in_(GOING),
        )
    ).one()
    return Missed([OnBoard(v, who[v.booking.id]) for v in views], int(row[1]), int(row[0]))


def tellings(session: Session, venue_id: int) -> list[Telling]:
    """What is to be told at a venue, with whom to call."""
    entries = to_be_told(session, venue_id)
    people = _people(session, {entry.person_id for entry in entries})
    return [Telling(entry, people.get(entry.person_id, Who())) for entry in entries]


def who_of(session: Session, views: Iterable[BookingView]) -> dict[int, Who]:
    """For whom bookings are, by booking id, in two statements."""
    views = list(views)
    people = _people(session, {v.booking.booked_for_id for v in views if v.booking.booked_for_id})
    wanted = {v.booking.organisation_id for v in views if v.booking.organisation_id}
    names = organisation_names(session, wanted)
    found = {}
    for view in views:
        person = people.get(view.booking.booked_for_id or 0, Who())
        body = names.get(view.booking.organisation_id or 0, "")
        found[view.booking.id] = replace(person, organisation=body)
    return found


def organisation_names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Names of organisations by id."""
    if not ids:
        return {}
    question = sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids))
    return {row[0]: row[1] for row in session.execute(question)}


def _people(session: Session, ids: Collection[int]) -> dict[int, Who]:
    if not ids:
        return {}
    question = sa.select(
        Person.id, Person.name, Person.phone, Person.public_id, is_guest().label("guest")
    ).where(Person.id.in_(ids), Person.erased_at.is_(None))
    return {
        row.id: Who(row.name, row.phone or "", row.public_id, guest=row.guest)
        for row in session.execute(question)
    }


@dataclass(frozen=True)
class Line:
    """One line of a booking's history; ``who`` is None for the system, "" for an erased person."""

    at: datetime
    verb: str
    who: str | None
    kind: str
    reason: str


def history(session: Session, public_id: str, limit: int = 100) -> list[Line]:
    """What was done to a booking, the newest first, with names joined."""
    of = sa.select(Series.public_id).join(Booking, Booking.series_id == Series.id)
    series = session.scalar(of.where(Booking.public_id == public_id))
    subjects = [f"booking:{public_id}", *([f"series:{series}"] if series else [])]
    entries: Sequence[AuditEntry] = session.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.subject.in_(subjects))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    ).all()
    people = _people(session, {e.actor_person_id for e in entries if e.actor_person_id})
    return [
        Line(
            e.at,
            e.verb,
            people.get(e.actor_person_id, Who()).name if e.actor_person_id else None,
            e.actor_kind,
            str(e.detail.get("reason", "")),
        )
        for e in entries
    ]


def organisations(session: Session) -> list[tuple[str, str]]:
    """Organisations that may book, as (public id, name)."""
    question = (
        sa.select(Organisation.public_id, Organisation.name)
        .where(Organisation.state == "accepted")
        .order_by(Organisation.name)
    )
    # A form's choices must be tuples, and a row of the database is none.
    return [(row[0], row[1]) for row in session.execute(question)]
