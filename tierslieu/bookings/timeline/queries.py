"""What the timeline shows of a venue: its rooms, their hours, and all that is in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.cases.queries import RoomCase, rooms
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import BookingView, bookings_between, during
from tierslieu.bookings.rules.policy import resolve
from tierslieu.bookings.timeline.layout import Placed, Window, window_of
from tierslieu.kernel.messages import Message
from tierslieu.kernel.span import Span, at_wall, local_date, local_day_span
from tierslieu.resources.models import Claim
from tierslieu.resources.queries import ClaimRow, claims_between
from tierslieu.venues.models import FactsVersion, Venue
from tierslieu.venues.rules import open_spans

#: Set-up and clear-up reach at most so far into another day.
NIGHT = timedelta(days=1)
#: States that are shown; the others are over and hold nothing.
SHOWN = ("requested", "held", "confirmed", "checked_in", "no_show")


@dataclass(frozen=True)
class Item:
    """Something on a row: kind as the timeline draws it; ``view`` for bookings."""

    kind: str
    at: Placed
    span: Span
    title: str | Message = ""
    view: BookingView | None = None


@dataclass(frozen=True)
class Row:
    """A room of a day with all that is on it."""

    case: RoomCase
    step: int
    items: tuple[Item, ...]
    is_open: bool = True


@dataclass(frozen=True)
class Day:
    """A day of a venue, drawn."""

    day: date
    window: Window
    rows: tuple[Row, ...]
    now: int | None


@dataclass(frozen=True)
class Cell:
    """A room on one day of a week."""

    shut: bool
    views: tuple[BookingView, ...]


@dataclass(frozen=True)
class Week:
    """The week around a day: Monday first; a row of seven cells for each room."""

    days: tuple[date, ...]
    rows: tuple[tuple[RoomCase, tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class Sum:
    """What a venue has on one day of a week: bookings that begin, and their hours in full."""

    bookings: int
    hours: int
    shut: bool


@dataclass(frozen=True)
class Line:
    """A venue in the week of the network."""

    slug: str
    name: str
    cells: tuple[Sum, ...]


@dataclass(frozen=True)
class Known:
    """What was read: enough for the day, its week and the list."""

    zone: ZoneInfo
    day: date
    now: datetime
    cases: tuple[RoomCase, ...]
    views: tuple[BookingView, ...]
    claims: tuple[ClaimRow, ...]


def monday(day: date) -> date:
    """The first day of the week."""
    return day - timedelta(days=day.weekday())


def read(session: Session, venue: Venue, day: date, now: datetime, *, week: bool) -> Known:
    """Everything for a day, or for its whole week."""
    zone = ZoneInfo(venue.zone)
    first, last = (monday(day), monday(day) + timedelta(days=6)) if week else (day, day)
    span = Span(at_wall(first, 0, zone), at_wall(last + timedelta(days=1), 0, zone))
    around = rooms(session, first - timedelta(days=1), last + timedelta(days=1))
    cases = around.of_venue(venue.id)
    views = bookings_between(session, venue.id, span, states=SHOWN)
    ids = [case.id for case in cases]
    claims = claims_between(session, ids, local_day_span(day, zone), now) if ids else []
    return Known(zone, day, now, tuple(cases), tuple(views), tuple(claims))


def all_cases(session: Session, day: date) -> list[RoomCase]:
    """The rooms of all venues, venue by venue."""
    return list(rooms(session, day - timedelta(days=1), day + timedelta(days=1)).all)


def read_network(
    session: Session, cases: Sequence[RoomCase], day: date, zone: ZoneInfo, now: datetime
) -> Known:
    """A day of rooms of many venues, in two statements."""
    span, ids = local_day_span(day, zone), [case.id for case in cases]
    views = bookings_between(session, None, span, states=SHOWN, room_ids=ids) if ids else []
    claims = claims_between(session, ids, span, now) if ids else []
    return Known(zone, day, now, tuple(cases), tuple(views), tuple(claims))


def read_network_week(
    session: Session,
    cases: Sequence[RoomCase],
    day: date,
    zone: ZoneInfo,
    now: datetime,
    *,
    whole: bool,
) -> Known:
    """The week of rooms of many venues; ``whole``: with their bookings, for the week drawn."""
    span, ids = _week_span(day, zone), [case.id for case in cases]
    views = bookings_between(session, None, span, states=SHOWN, room_ids=ids) if whole else []
    return Known(zone, day, now, tuple(cases), tuple(views), ())


def days_of_week(day: date) -> tuple[date, ...]:
    """Monday to Sunday around a day."""
    return tuple(monday(day) + timedelta(days=n) for n in range(7))


def _week_span(day: date, zone: ZoneInfo) -> Span:
    first = monday(day)
    return Span(at_wall(first, 0, zone), at_wall(first + timedelta(days=7), 0, zone))


def lines_of(session: Session, known: Known) -> list[Line]:
    """A line for each venue: how many bookings begin each day, and for how many hours, counted."""
    span, zone = _week_span(known.day, known.zone), known.zone
    days = days_of_week(known.day)
    rooms_here = {case.id: case.venue_slug for case in known.cases}
    names = {case.venue_slug: case.venue_name for case in known.cases}
    minutes: dict[tuple[str, date], list[int]] = {}
    question = (
        sa.select(Booking.room_id, Claim.starts_at, Claim.ends_at)
        .join(Claim, Claim.id == Booking.id)
        .where(*during(span), Booking.state.in_(SHOWN))
    )
    for room_id, starts_at, ends_at in session.execute(question):
        if room_id in rooms_here:
            key = rooms_here[room_id], local_date(starts_at, zone)
            minutes.setdefault(key, []).append(int((ends_at - starts_at).total_seconds()) // 60)
    is_open = {
        (case.venue_slug, day)
        for case in known.cases
        for day in days
        if any(s.overlaps(local_day_span(day, zone))
               for s in open_spans(case.facts.opening, day, day, zone))
    }  # fmt: skip
    return [
        Line(slug, name, tuple(
            Sum(len(minutes.get((slug, day), ())), sum(minutes.get((slug, day), ())) // 60,
                (slug, day) not in is_open)
            for day in days
        ))
        for slug, name in names.items()
    ]  # fmt: skip


def day_of(known: Known, *, free: bool = False, off: Mapping[str, Message] | None = None) -> Day:
    """The day as the timeline draws it; ``free``: also what is free from now on, to be booked.

    ``off``: how what is held by a plugin is called that is off here, by owner.
    """
    day, zone = known.day, known.zone
    whole = local_day_span(day, zone)
    hours = {
        case.id: open_spans(
            case.facts.opening, day - timedelta(days=1), day + timedelta(days=1), zone
        )
        for case in known.cases
    }
    today = [view for view in known.views if view.span.overlaps(whole)]
    shown = [*(view.span for view in today), *(s for spans in hours.values() for s in spans)]
    window = window_of(day, zone, shown)
    rows = []
    for case in known.cases:
        items = list(_items(window, case, hours[case.id], today, known.claims, off or {}))
        if free and case.facts.bookable:
            items += _free(window, case, hours[case.id], known)
        is_open = any(span.overlaps(whole) for span in hours[case.id])
        rows.append(Row(case, _step(case), tuple(items), is_open))
    return Day(day, window, tuple(rows), window.now(known.now))


def _step(case: RoomCase) -> int:
    """By how many minutes things move here: the step of the rules for everybody."""
    step = resolve(case.policies, ()).step_minutes or 5
    return max(5, step - step % 5)


def _items(
    window: Window,
    case: RoomCase,
    hours: Sequence[Span],
    views: Iterable[BookingView],
    claims: Iterable[ClaimRow],
    off: Mapping[str, Message],
) -> Iterable[Item]:
    for span in window.span.minus(hours):
        if (at := window.place(span)) is not None:
            yield Item("shut", at, span)
    own = {view.booking.id: view for view in views if view.booking.room_id == case.id}
    for row in claims:
        if row.resource_id == case.id:
            yield from _held(window, row, own.get(row.claim_id), off)
    for view in sorted(own.values(), key=lambda each: each.claim.starts_at):
        if (at := window.place(view.span)) is not None:
            yield Item("item", at, view.span, view.claim.label, view)


def _free(window: Window, case: RoomCase, hours: Sequence[Span], known: Known) -> Iterable[Item]:
    """What is open and nobody has, from the next step on."""
    step = timedelta(minutes=_step(case))
    past = known.now - window.span.starts_at
    begins = window.span.starts_at + max(timedelta(), -(-past // step) * step)
    if begins >= window.span.ends_at:
        return
    left = Span(begins, window.span.ends_at)
    taken = [Span(row.taken_from, row.taken_until) for row in known.claims
             if row.resource_id == case.id]  # fmt: skip
    taken += [view.span for view in known.views if view.booking.room_id == case.id]
    for span in hours:
        for rest in common.minus(taken) if (common := span.intersection(left)) else ():
            at = window.place(rest)
            if at is not None and rest.duration >= step:
                yield Item("free", at, rest)


def _held(
    window: Window, row: ClaimRow, view: BookingView | None, off: Mapping[str, Message]
) -> Iterable[Item]:
    """Time around a booking, or what is held through another room or by another feature."""
    taken = Span(row.taken_from, row.taken_until)
    if view is None:
        if (at := window.place(taken)) is not None:
            title = off.get(row.owner, row.label)
            yield Item("off" if row.owner in off else "shut", at, taken, title)
        return
    for around in taken.minus([view.span]):
        if (at := window.place(around)) is not None:
            yield Item("buffer", at, around)


def week_of(known: Known) -> Week:
    """The week, room by room and day by day."""
    days = tuple(monday(known.day) + timedelta(days=n) for n in range(7))
    rows = []
    for case in known.cases:
        cells = []
        for day in days:
            whole = local_day_span(day, known.zone)
            hours = open_spans(case.facts.opening, day, day, known.zone)
            here = tuple(
                view
                for view in known.views
                if view.booking.room_id == case.id
                and local_date(view.claim.starts_at, known.zone) == day
            )
            cells.append(Cell(not any(span.overlaps(whole) for span in hours), here))
        rows.append((case, tuple(cells)))
    return Week(days, tuple(rows))


def list_of(known: Known) -> list[BookingView]:
    """The day's bookings, line by line."""
    whole = local_day_span(known.day, known.zone)
    return [view for view in known.views if view.span.overlaps(whole)]


def tag(session: Session, venue: Venue, day: date, locale: str) -> str:
    """What changes whenever the day shown would: one statement over ids and versions.

    Hours and rules are among what is shown, so their version is read with the rest.
    """
    return _tag(session, day, ZoneInfo(venue.zone), f"{venue.revision}|{locale}", venue.id)


def network_tag(session: Session, day: date, zone: ZoneInfo, seen: str) -> str:
    """The same for all venues; ``seen``: what else is shown (language, filter)."""
    revisions = session.scalar(sa.select(sa.func.sum(Venue.revision)))
    return _tag(session, day, zone, f"{revisions}|{seen}", None)


def _tag(session: Session, day: date, zone: ZoneInfo, seen: str, venue_id: int | None) -> str:
    span = local_day_span(day, zone)
    facts = sa.select(FactsVersion.version).limit(1).scalar_subquery()
    rows = session.execute(
        sa.select(Claim.id, Booking.version, Claim.resource_id, facts)
        .outerjoin(Booking, Booking.id == Claim.id)
        .where(
            sa.true() if venue_id is None else Claim.venue_id == venue_id,
            Claim.ends_at > span.starts_at - NIGHT,
            Claim.starts_at < span.ends_at + NIGHT,
            sa.or_(Booking.id.is_(None), Booking.state.in_(SHOWN)),
        )
        .order_by(Claim.id)
    )
    seen = f"{seen}|{day}|" + ";".join(f"{i}:{v}:{r}:{f}" for i, v, r, f in rows)
    return hashlib.sha256(seen.encode()).hexdigest()[:24]
