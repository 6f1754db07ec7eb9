"""What is written can be read again; what cannot be read is named by line and column."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu import exchange
from tierslieu.bookings.models import Booking, Policy
from tierslieu.kernel import clock
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.venues.models import Network, OpeningPeriod, Venue

HEAD = "venue,room,starts_at,ends_at,title,email,attendance\n"


@pytest.fixture
def open_house(site: Site, house: Any) -> Site:
    """A house that is always open, with three bookings."""
    house.build(site)
    weekly = {str(day): [[0, 1440]] for day in range(7)}
    with site.writing() as work:
        work.session.add(Network(name="Net", zone="Europe/Rome"))
        work.session.add(OpeningPeriod(venue_id=1, weekly=weekly))
        # In thirty days it may be Christmas.
        work.session.execute(sa.update(Venue).values(closed_on_holidays=False))
        work.session.add(Policy(venue_id=None, rules={"horizon_days": 366}))
        if not site.db.is_sqlite:
            # The house's rows were numbered by hand.
            moved = "SELECT setval(pg_get_serial_sequence('claim', 'id'), 1000)"
            work.session.execute(sa.text(moved))
    return site


def read(site: Site, rows: str, **more: bool) -> tuple[int, list[str]]:
    taken, faults = exchange.read_csv(site, io.StringIO(HEAD + rows), **more)
    return taken, [str(fault) for fault in faults]


def count(site: Site) -> int:
    with site.reading() as work:
        return work.session.scalar(sa.select(sa.func.count(Booking.id))) or 0


def day() -> str:
    return f"{clock.now() + timedelta(days=30):%Y-%m-%d}"


def always() -> Span:
    return Span(clock.now() - timedelta(days=1), clock.now() + timedelta(days=400))


def written(site: Site) -> list[dict[str, str]]:
    out = io.StringIO()
    with site.reading() as work:
        exchange.write_csv(work.session, exchange.bookings(work.session, always()), out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def test_a_file_is_booked_row_by_row_in_the_venues_wall_time(open_house: Site) -> None:
    rows = f"a,left,{day()}T18:00,{day()}T19:00,Choir,p1@example.org,12\n"
    assert read(open_house, rows) == (1, [])
    found = next(row for row in written(open_house) if row["title"] == "Choir")
    assert (found["email"], found["attendance"], found["room"]) == ("p1@example.org", "12", "left")
    assert found["starts_at"][11:] in {"16:00:00Z", "17:00:00Z"}


def test_a_dry_run_writes_nothing(open_house: Site) -> None:
    rows = f"a,left,{day()}T18:00,{day()}T19:00,Choir,,\n"
    assert read(open_house, rows, dry_run=True) == (1, [])
    assert count(open_house) == 3


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("a,nowhere,{d}T18:00,{d}T19:00,x,,", "line 2, room: there is no room “nowhere”"),
        ("a,left,soon,{d}T19:00,x,,", "line 2, starts_at: not a time"),
        ("a,left,{d}T18:00,,x,,", "line 2, ends_at: not a time"),
        ("a,left,{d}T18:00,{d}T17:00,x,,", "line 2, ends_at: it ends before"),
        ("a,left,{d}T18:00,{d}T19:00,x,nobody@example.org,", "line 2, email: nobody has"),
        ("a,left,{d}T18:00,{d}T19:00,x,,many", "line 2, attendance: not a number"),
        ("a,left,{d}T18:00,{d}T19:00,,,", "line 2, title"),
        ("a,left,2027-03-28T02:30,2027-03-28T04:00,x,,", "line 2, starts_at: This time does not"),
    ],
)
def test_a_fault_names_its_line_and_column(open_house: Site, row: str, fault: str) -> None:
    taken, faults = read(open_house, row.format(d=day()) + "\n")
    assert (taken, len(faults)) == (0, 1)
    assert faults[0].startswith(fault)


def test_one_fault_keeps_the_whole_file_out_unless_told_otherwise(open_house: Site) -> None:
    rows = f"a,left,{day()}T18:00,{day()}T19:00,One,,\na,left,soon,,Two,,\n"
    assert read(open_house, rows)[0] == 1
    assert count(open_house) == 3
    assert read(open_house, rows, skip=True)[0] == 1
    assert count(open_house) == 4


def test_two_rows_for_one_hour_are_a_fault_of_the_second(open_house: Site) -> None:
    row = f"a,left,{day()}T18:00,{day()}T19:00,One,,\n"
    taken, faults = read(open_house, row * 2)
    assert taken == 1
    assert faults[0].startswith("line 3, ")


def test_a_missing_column_is_named(open_house: Site) -> None:
    _, faults = exchange.read_csv(open_house, io.StringIO("venue,room\n"))
    assert [fault.column for fault in faults] == ["starts_at", "ends_at", "title"]


def test_a_title_is_no_formula_to_a_spreadsheet_and_comes_back_as_it_was(open_house: Site) -> None:
    rows = f"a,left,{day()}T18:00,{day()}T19:00,=1+1,,\n"
    assert read(open_house, rows) == (1, [])
    assert "'=1+1" in [row["title"] for row in written(open_house)]
    again = f"a,right,{day()}T18:00,{day()}T19:00,'=1+1,,\n"
    assert read(open_house, again) == (1, [])
    assert [row["title"] for row in written(open_house)].count("'=1+1") == 2


def test_a_calendar_of_all_bookings_can_be_read(open_house: Site) -> None:
    from icalendar import Calendar

    out = io.StringIO()
    with open_house.reading() as work:
        views = exchange.bookings(work.session, always(), "a")
        assert exchange.write_ics(views, out) == 3
    events = Calendar.from_ical(out.getvalue()).walk("VEVENT")
    assert {str(event["UID"]) for event in events} == {"uid-1", "uid-2", "uid-3"}
