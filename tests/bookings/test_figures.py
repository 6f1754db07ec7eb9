"""The figures of reports: what the database adds up equals plain SQL and sums by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tierslieu.bookings.figures.rules import Cell, added, by, stood, taken_and_open, value_cents
from tierslieu.bookings.models import Booking, Tariff
from tierslieu.bookings.services import cancel
from tierslieu.contributions import Figure, ReportAsked, ReportSection
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.people.services import create_organisation
from tierslieu.reporting import report_rows, report_sections
from tierslieu.resources.division.services import divide
from tierslieu.testing import a_booking, a_card, a_room, a_venue, an_account

ROME = ZoneInfo("Europe/Rome")
DAY = date(2027, 3, 2)


def asked(first: date, last: date, body: int | None = None) -> ReportAsked:
    span = Span(
        datetime.combine(first, datetime.min.time(), ROME).astimezone(UTC),
        datetime.combine(last + timedelta(days=1), datetime.min.time(), ROME).astimezone(UTC),
    )
    return ReportAsked(first, last, span, "Europe/Rome", body)


def found(site: Site, question: ReportAsked, venue: int) -> dict[str, ReportSection]:
    with site.reading() as work:
        return {s.key: s for _, s in report_sections(work, question, venue)}


def figure(sections: Mapping[str, ReportSection], section: str, key: str) -> Figure:
    return next(each for each in sections[section].figures if each.key == key)


def cell(**fields: object) -> Cell:
    plain: dict[str, object] = {
        "room_id": 1, "state": "confirmed", "purpose": "", "who": "person", "month": "2027-03",
        "free": True, "n": 1, "seconds": 3600, "people": 2, "cents": 0,
    }  # fmt: skip
    return Cell(**(plain | fields))  # type: ignore[arg-type]


def test_sums_are_made_of_seconds_and_only_what_stood_counts() -> None:
    cells = [cell(seconds=90), cell(seconds=90, room_id=2), cell(state="cancelled")]
    assert added(stood(cells)).minutes == 3
    assert by(cells, lambda each: each.state)["cancelled"].n == 1


@pytest.mark.parametrize(
    ("cells", "tariffs", "cents"),
    [
        ([cell()], {1: 1000}, 1000),
        ([cell(seconds=1800)], {1: 1001}, 501),
        ([cell(free=False, cents=5)], {1: 1000}, 0),
        ([cell()], {}, 0),
    ],
)
def test_free_hours_have_the_value_of_the_tariff(
    cells: list[Cell], tariffs: dict[int, int], cents: int
) -> None:
    assert value_cents(cells, tariffs) == cents


@pytest.mark.parametrize(
    ("opened", "booked", "blocked", "told"),
    [
        (480, 120, 0, (120, 480)),
        (480, 600, 60, (420, 420)),
        (480, 0, 600, (0, 0)),
    ],
)
def test_no_day_is_fuller_than_it_is_open(
    opened: int, booked: int, blocked: int, told: tuple[int, int]
) -> None:
    assert taken_and_open({DAY: opened}, {DAY: booked}, {DAY: blocked}) == told
    assert taken_and_open({}, {DAY: 60}, {}) == (0, 0), "closed: nothing could be taken"


def test_a_town_in_figures(site: Site) -> None:
    """Two rooms, one of them in two halves; a body, a member, somebody, one who cancels."""
    at = datetime(2027, 3, 2, 9, tzinfo=UTC)
    with site.writing() as work:
        venue = a_venue(work, weekly={str(d): [[480, 1080]] for d in range(7)})
        hall, half, other, room = (a_room(work, venue, s) for s in ("hall", "half", "other", "r"))
        divide(work, hall.id, [half.id, other.id])
        work.session.add(Tariff(room_id=room.id, hour_cents=1000))
        work.session.add(Tariff(room_id=half.id, hour_cents=0))
        person = an_account(work, "ada@demo.example").person_id
        body = create_organisation(work, "Ago e filo", kind="association")
        a_card(work, venue, person)
        a_booking(work, hall, person, starts_at=at, hours=3, organisation_id=body.id,
                  attendance=10)  # fmt: skip
        a_booking(work, room, person, starts_at=at, hours=2)
        gone = a_booking(work, room, person, starts_at=at + timedelta(hours=4))
        cancel(work, gone.public_id, reason="rain")
        a_booking(work, room, person, starts_at=at + timedelta(days=1))
        venue_id, body_id = venue.id, body.id
    day = found(site, asked(DAY, DAY), venue_id)
    assert figure(day, "use", "booked").value == 300
    full = figure(day, "use", "occupancy")
    assert (full.value, full.of) == (180 * 2 + 120, 3 * 600)
    assert figure(day, "bookings", "used").value == 2
    assert figure(day, "bookings", "people").value == 10
    assert figure(day, "bookings", "cancelled").value == 1
    assert figure(day, "fees", "asked").value == 2000
    assert figure(day, "fees", "free").value == 180
    assert figure(day, "partners", "partners").distinct == frozenset({body_id})
    tables = {t.key: {line.key: line.cells for line in t.lines} for t in day["use"].tables}
    assert tables["applicants"]["association"] == (180, 1)
    assert sum(cells[0] or 0 for cells in tables["purposes"].values()) == 300
    assert figure(found(site, asked(DAY, DAY, body_id), venue_id), "use", "booked").value == 180
    both = found(site, asked(DAY, DAY + timedelta(days=1)), venue_id)
    with site.reading() as work:
        plain = work.session.scalar(sa.select(sa.func.count()).where(Booking.state == "confirmed"))
        rows = report_rows(work, "core", "bookings.used", asked(DAY, DAY), venue_id)
    assert figure(both, "bookings", "used").value == plain
    assert len(rows[0].rows) == figure(day, "bookings", "used").value
    assert sum(row[5] for row in rows[0].rows) == figure(day, "use", "booked").value


def test_members_are_persons_and_dues_are_what_was_taken(site: Site) -> None:
    from tierslieu.memberships.models import DuesPayment

    with site.writing() as work:
        venue, today = a_venue(work), work.now.date()
        card = a_card(work, venue, an_account(work, "ada@demo.example").person_id)
        for cents in (1000, 500, -500):
            work.session.add(
                DuesPayment(membership_id=card.id, amount_cents=cents, method="cash",
                            taken_at=work.now)
            )  # fmt: skip
        card.decided_at = work.now
        venue_id, person = venue.id, card.person_id
    question = asked(today - timedelta(days=1), today + timedelta(days=1))
    told = found(site, question, venue_id)
    assert figure(told, "memberships", "members").distinct == frozenset({person})
    assert figure(told, "memberships", "new").value == 1
    assert figure(told, "memberships", "dues").value == 1000
    with site.reading() as work:
        names = ("memberships.members", "memberships.dues")
        tables = [report_rows(work, "core", name, question, venue_id)[0] for name in names]
    assert [len(table.rows) for table in tables] == [1, 3]
    later = asked(today + timedelta(days=400), today + timedelta(days=401))
    assert figure(found(site, later, venue_id), "memberships", "members").value == 0
