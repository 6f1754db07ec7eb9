"""The sections of a report that bookings give, and the rows behind their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import sqlalchemy as sa

from tierslieu.bookings.figures import queries
from tierslieu.bookings.figures.rules import (
    HOUSE,
    MEMBER,
    NOT_HAD,
    PERSON,
    STOOD,
    Cell,
    Sum,
    added,
    by,
    stood,
    taken_and_open,
    value_cents,
)
from tierslieu.bookings.models import Booking
from tierslieu.bookings.purposes.models import PurposeRow
from tierslieu.contributions import (
    Figure,
    Label,
    ReportAsked,
    ReportColumn,
    ReportLine,
    ReportRows,
    ReportSection,
    ReportTable,
)
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.work import Work
from tierslieu.people.organisations.rules import KINDS
from tierslieu.venues.figures.queries import month_lines, opened, rooms_of

USED, CANCELLED, MISSED, NOT_GIVEN, FREE, PAID = (
    f"bookings.{name}" for name in ("used", "cancelled", "missed", "not_given", "free", "paid")
)
BODIES = "bookings.partners"
WHO: Final[Mapping[str, Message]] = {
    **KINDS,
    MEMBER: msg("Members"),
    PERSON: msg("Other persons"),
    HOUSE: msg("The house itself"),
}
STATES: Final[Mapping[str, Message]] = {
    "confirmed": msg("Confirmed"),
    "checked_in": msg("Came"),
    "cancelled": msg("Cancelled"),
    "no_show": msg("Nobody came"),
    "declined": msg("Declined"),
    "expired": msg("Expired"),
}
HOURS = ReportColumn("minutes", msg("Hours booked"), "minutes")
COUNT = ReportColumn("n", msg("Bookings"))
MOST_PARTNERS = 20


def sections(work: Work, asked: ReportAsked, venue_id: int | None) -> Iterator[ReportSection]:
    """Use, turning up, fees and partners of one venue."""
    if venue_id is None:
        return
    found = queries.cells(work.session, asked, venue_id)
    yield _use(work, asked, venue_id, found)
    yield _fates(asked, found)
    yield _fees(found, queries.tariffs(work.session, venue_id))
    yield _partners(queries.partners(work.session, asked, venue_id))


def _use(work: Work, asked: ReportAsked, venue_id: int, found: list[Cell]) -> ReportSection:
    used = stood(found)
    booked = Figure(
        "booked",
        msg("Hours booked"),
        added(used).minutes,
        msg(
            "Hours of bookings that were not cancelled, declined or missed, set-up and clear-up "
            "not counted. A booking counts on the day it begins."
        ),
        "minutes",
        leading=True,
        rows=USED,
    )
    figures: tuple[Figure, ...] = (booked,)
    tables: tuple[ReportTable, ...] = (_purposes(work, venue_id, used), _applicants(used))
    if asked.organisation_id is None:
        rooms, taken, could = _rooms(work, asked, venue_id, used)
        full = Figure(
            "occupancy",
            msg("Occupancy"),
            taken,
            msg(
                "Of the hours for which the rooms were open, less what the house kept to itself, "
                "those that were booked. Counted room by room and day by day; a room that can be "
                "divided counts as its parts."
            ),
            "share",
            of=could,
            leading=True,
        )
        figures, tables = (booked, full), (rooms, *tables)
    return ReportSection("use", msg("Use of the rooms"), figures, tables, order=20)


def _rooms(
    work: Work, asked: ReportAsked, venue_id: int, used: list[Cell]
) -> tuple[ReportTable, int, int]:
    """The table of rooms, with the minutes taken and open of all undivided ones."""
    rooms = rooms_of(work.session, venue_id, asked.span)
    hours = opened(work.session, asked, venue_id).rooms
    days = queries.days(work.session, asked, venue_id)
    whole = queries.divided(work.session, [room.id for room in rooms])
    sums = by(used, lambda cell: str(cell.room_id))
    lines, all_taken, all_open = [], 0, 0
    for room in rooms:
        mine = sums.get(str(room.id), Sum())
        could: tuple[int | None, int | None] = (None, None)
        if room.id not in whole:
            booked, blocked = days.booked.get(room.id, {}), days.blocked.get(room.id, {})
            taken, left = taken_and_open(hours.get(room.id, {}), booked, blocked)
            all_taken, all_open, could = all_taken + taken, all_open + left, (taken, left)
        cells = (mine.n, mine.minutes, *could, None)
        lines.append(ReportLine(f"room:{room.public_id}", room.name, cells))
    columns = (
        COUNT,
        HOURS,
        ReportColumn("taken", msg("Hours taken"), "minutes"),
        ReportColumn("open", msg("Hours it could be"), "minutes"),
        ReportColumn("share", msg("Occupancy"), "share", of=("taken", "open")),
    )
    what = msg("A room that consists of others has no occupancy of its own: its parts have it.")
    return (
        ReportTable(
            "rooms", msg("Use by room"), columns, tuple(lines), what, chart="bars", places=True
        ),
        all_taken,
        all_open,
    )


def _purposes(work: Work, venue_id: int, used: list[Cell]) -> ReportTable:
    here = sa.or_(PurposeRow.venue_id.is_(None), PurposeRow.venue_id == venue_id)
    known = sa.select(PurposeRow).where(here).order_by(PurposeRow.rank, PurposeRow.id)
    labels: dict[str, Label] = {row.key: row.label for row in work.session.scalars(known)}
    labels |= {"other": msg("Something else"), "": msg("Not said")}

    def key(cell: Cell) -> str:
        return cell.purpose if cell.purpose in labels else "other"

    return _table("purposes", msg("Hours by purpose"), by(used, key), labels)


def _applicants(used: list[Cell]) -> ReportTable:
    sums = by(used, lambda cell: cell.who)
    return _table("applicants", msg("Hours by who booked"), sums, WHO)


def _table(
    key: str, title: Message, sums: Mapping[str, Sum], labels: Mapping[str, Label]
) -> ReportTable:
    lines = tuple(
        ReportLine(name or "none", label, (sums.get(name, Sum()).minutes, sums.get(name, Sum()).n))
        for name, label in labels.items()
    )
    return ReportTable(key, title, (HOURS, COUNT), lines, chart="bars")


def _fates(asked: ReportAsked, found: list[Cell]) -> ReportSection:
    used, sums = added(stood(found)), by(found, lambda cell: cell.state)
    came = sums.get("checked_in", Sum())
    not_had = sum(sums.get(state, Sum()).n for state in NOT_HAD)
    figures = (
        Figure(
            "used",
            COUNT.label,
            used.n,
            msg("Bookings that were not cancelled, declined or missed."),
            leading=True,
            rows=USED,
        ),
        Figure(
            "people",
            msg("People expected"),
            used.people,
            msg("People announced for these bookings; where nobody said, none are counted."),
            people=True,
            rows=USED,
        ),
        Figure(
            "visits",
            msg("Visits"),
            came.people,
            msg("People announced for bookings at which somebody was checked in."),
            people=True,
            leading=True,
            rows=USED,
        ),
        Figure(
            "cancelled",
            msg("Cancelled"),
            sums.get("cancelled", Sum()).n,
            msg("Bookings of these days that were cancelled, by whoever it was."),
            rows=CANCELLED,
        ),
        Figure(
            "missed",
            msg("Nobody came"),
            sums.get("no_show", Sum()).n,
            msg("Bookings to which nobody came, where rooms ask to be checked in."),
            rows=MISSED,
        ),
        Figure(
            "not_given",
            msg("Asked for and not had"),
            not_had,
            msg("Requests for these days that were declined or not answered in time."),
            rows=NOT_GIVEN,
        ),
    )
    months = by(stood(found), lambda cell: cell.month)
    lines = month_lines(asked, {name: (s.n, s.minutes) for name, s in months.items()}, 2)
    table = ReportTable("months", msg("Bookings by month"), (COUNT, HOURS), lines, chart="columns")
    return ReportSection("bookings", COUNT.label, figures, (table,), order=30)


def _fees(found: list[Cell], hour_cents: Mapping[int, int]) -> ReportSection:
    used = stood(found)
    figures = (
        Figure(
            "asked",
            msg("Fees of bookings"),
            added(used).cents,
            msg("What these bookings cost, as fixed when they were made."),
            "cents",
            leading=True,
            rows=PAID,
        ),
        Figure(
            "free",
            msg("Hours free of charge"),
            added(cell for cell in used if cell.free).minutes,
            msg("Hours of bookings for which nothing was asked."),
            "minutes",
            rows=FREE,
        ),
        Figure(
            "value",
            msg("Value of the free hours"),
            value_cents(used, hour_cents),
            msg("Hours free of charge by the rooms' full tariff of today; no tariff, no value."),
            "cents",
            rows=FREE,
        ),
    )
    return ReportSection("fees", msg("Fees and free use"), figures, order=50)


def _partners(found: list[queries.Partner]) -> ReportSection:
    many = Figure(
        "partners",
        msg("Organisations"),
        len(found),
        msg("Organisations with at least one of these bookings; each counts once."),
        distinct=frozenset(each.id for each in found),
        rows=BODIES,
    )
    columns = (HOURS, COUNT)
    named = tuple(
        ReportLine(f"organisation:{each.public_id}", each.name, (each.seconds // 60, each.n))
        for each in found[:MOST_PARTNERS]
    )
    what = msg("At each venue the twenty with the most hours.")
    table = ReportTable(
        "partners", msg("Organisations and their hours"), columns, named, what, named=True,
        total=False,
    )  # fmt: skip
    return ReportSection("partners", msg("Partners"), (many,), (table,), order=60)


def rows(work: Work, name: str, asked: ReportAsked, venue_id: int | None) -> Iterator[ReportRows]:
    """The bookings, or organisations, that were counted."""
    if venue_id is None:
        return
    if name == BODIES:
        found = queries.partners(work.session, asked, venue_id)
        heads = (msg("Organisation"), msg("Kind"), msg("Bookings"), msg("Minutes"))
        told = tuple((p.name, KINDS.get(p.kind, p.kind), p.n, p.seconds // 60) for p in found)
        yield ReportRows(heads, told)
    elif name in WHERE:
        yield ReportRows(HEADS, tuple(_told(row) for row in _each(work, name, asked, venue_id)))


def _each(work: Work, name: str, asked: ReportAsked, venue_id: int) -> list[tuple[object, ...]]:
    return queries.each_booking(work.session, asked, venue_id, WHERE[name])


def _told(row: tuple[object, ...]) -> tuple[str | int | Message | None, ...]:
    start, room, state, who, purpose, seconds, people, cents = row
    return (
        str(start).replace("T", " "),
        str(room),
        STATES.get(str(state), str(state)),
        WHO.get(str(who), str(who)),
        str(purpose),
        _number(seconds, 60),
        _number(people),
        _number(cents),
    )


def _number(value: object, of: int = 1) -> int | None:
    return value // of if isinstance(value, int) else None


HEADS = (
    msg("Start"), msg("Room"), msg("State"), msg("Who"), msg("Purpose"), msg("Minutes"),
    msg("People"), msg("Cents"),
)  # fmt: skip
WHERE: Final[Mapping[str, sa.ColumnElement[bool]]] = {
    USED: Booking.state.in_(STOOD),
    CANCELLED: Booking.state == "cancelled",
    MISSED: Booking.state == "no_show",
    NOT_GIVEN: Booking.state.in_(NOT_HAD),
    FREE: sa.and_(Booking.state.in_(STOOD), Booking.price_cents == 0),
    PAID: sa.and_(Booking.state.in_(STOOD), Booking.price_cents > 0),
}
