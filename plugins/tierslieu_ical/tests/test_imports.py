"""An old calendar becomes bookings: looked at, made by a job, never twice, by the house's rules."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
import time_machine
from click.testing import CliRunner

import tierslieu.toolkit as tl
from tierslieu.testing import a_room, a_venue, an_account, csrf_token, drain, sign_in
from tierslieu_ical import incoming
from tierslieu_ical.commands import ical
from tierslieu_ical.intake.imports import queries, services
from tierslieu_ical.intake.imports.models import Import, Imported
from tierslieu_ical.intake.imports.rules import Item, TooMany, items_of
from tierslieu_ical.intake.reading import read
from tierslieu_ical.intake.repeats import Budget
from tierslieu_ical.tests.elsewhere import calendar

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
ROME = ZoneInfo("Europe/Rome")
YEAR = tl.Span(NOW, datetime(2027, 12, 1, tzinfo=UTC))


def rome(day: str, time: str) -> str:
    return f"DTSTART;TZID=Europe/Rome:{day}T{time}"


CHOIR = f"""UID:choir\nSUMMARY:Choir\n{rome("20250107", "180000")}\nDURATION:PT2H
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU\nEXDATE;TZID=Europe/Rome:20270105T180000"""
MOVED = f"""UID:choir\nSUMMARY:Choir, later\nRECURRENCE-ID;TZID=Europe/Rome:20261222T180000
{rome("20261222", "210000")}\nDURATION:PT1H"""
LAST_WORKDAY = f"""UID:accounts\nSUMMARY:Accounts\n{rome("20261231", "090000")}\nDURATION:PT1H
RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3"""
SINGLE = f"UID:repair\nSUMMARY:Repair café\n{rome('20261212', '150000')}\nDURATION:PT3H"
OLD = f"UID:old\nSUMMARY:Long ago\n{rome('20200101', '150000')}\nDURATION:PT3H"
UTC_SERIES = """UID:call\nSUMMARY:Call\nDTSTART:20270301T080000Z\nDURATION:PT30M
RRULE:FREQ=WEEKLY;COUNT=6"""


def items(*events: str, until: datetime = YEAR.ends_at) -> list[Item]:
    window = tl.Span(NOW, until)
    return items_of(read(calendar(*events), ROME), window, ROME, Budget(10**6))


def test_what_the_engine_knows_becomes_a_series_the_rest_single_dates() -> None:
    found = items(CHOIR, MOVED, until=datetime(2027, 3, 1, tzinfo=UTC))
    [series] = [item for item in found if item.rule]
    assert series.rule == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;UNTIL=20270216"
    assert series.starts_at == "2026-12-08T17:00:00+00:00"
    assert (series.without, series.dates) == (("2026-12-22", "2027-01-05"), 4)
    [moved] = [item for item in found if not item.rule]
    assert (moved.title, moved.starts_at) == ("Choir, later", "2026-12-22T20:00:00+00:00")

    found = items(LAST_WORKDAY)
    assert [item.starts_at[:10] for item in found] == ["2026-12-31", "2027-01-29", "2027-02-26"]
    # By the walls of Rome it would move with the clock of summer: so it is no series of ours.
    assert len(items(UTC_SERIES)) == 6
    assert [(item.title, item.odd) for item in items(SINGLE, OLD, "UID:odd\nSUMMARY:Odd")] == [
        ("Repair café", ""), ("Long ago", "past"), ("Odd", "not_understood")]  # fmt: skip
    assert len({item.key for item in items(CHOIR, MOVED, SINGLE, LAST_WORKDAY)}) == 6


def test_more_than_an_import_holds_is_said() -> None:
    one = "DTSTART:20270101T080000Z\nDURATION:PT1H"
    with pytest.raises(TooMany):
        items(*[f"UID:{n}\n{one}" for n in range(501)])


class Scene:
    """A room that somebody has on the evening of the first choir, and its manager."""

    def __init__(self, site: tl.Site, client: Any) -> None:
        self.site, self.client = site, client
        with site.writing() as work:
            venue = a_venue(work)
            self.room = a_room(work, venue)
            an_account(work, "ada@example.org", role="venue_manager", venue=venue)
            an_account(work, "desk@example.org", role="venue_desk", venue=venue)
            self.bea = an_account(work, "bea@example.org").person_id
            evening = tl.Span(*(datetime(2026, 12, 8, hour, tzinfo=UTC) for hour in (18, 20)))
            tl.book(work, tl.NewBooking(self.room.public_id, evening, "Chess"))
        sign_in(client, "ada@example.org")

    def bring(self, *events: str, **more: str) -> Any:
        data = {
            "csrf_token": csrf_token(self.client, "/manage/gattaglio/import"),
            "room": self.room.public_id,
            "organisation": "",
            "file": (io.BytesIO(calendar(*events)), "old.ics"),
            **more,
        }
        return self.client.post("/manage/gattaglio/import", data=data)

    def make(self, page: str, keys: list[str]) -> Any:
        token = csrf_token(self.client, page)
        return self.client.post(page, data={"csrf_token": token, "chosen": keys})

    def fates(self) -> dict[str, str]:
        with self.site.reading() as work:
            row = work.session.scalars(sa.select(Import).order_by(Import.id.desc())).first()
            assert row is not None
            return {fate.item.title: fate.code for fate in queries.fates(work, row)}

    def bookings(self) -> list[tuple[str, str, int | None]]:
        with self.site.reading() as work:
            asked = (
                sa.select(tl.Claim.label, tl.Booking.state, tl.Booking.booked_for_id)
                .join(tl.Booking, tl.Booking.id == tl.Claim.id)
                .where(tl.Claim.label != "Chess")
                .order_by(tl.Claim.starts_at)
            )
            return [tuple(row) for row in work.session.execute(asked)]


@pytest.fixture
def scene(site: tl.Site, client: Any) -> Iterator[Scene]:
    with time_machine.travel(NOW, tick=False):
        yield Scene(site, client)


def test_it_is_looked_at_made_and_never_made_twice(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BATCH", 2)
    brought = scene.bring(CHOIR, MOVED, SINGLE, OLD, email="Bea@example.org", until="2027-03-01")
    assert brought.status_code == 303, brought.get_data(as_text=True)[-3000:]
    page = brought.headers["Location"]
    shown = scene.client.get(page).get_data(as_text=True)
    assert "3 of 4 dates will be booked" in shown
    assert "4 dates will be booked: Chess" in shown
    assert scene.bookings() == []
    assert scene.fates() == {"Choir": "some", "Choir, later": "booked", "Repair café": "booked",
                             "Long ago": "past"}  # fmt: skip

    with scene.site.reading() as work:
        [row] = work.session.scalars(sa.select(Import))
        keys = [item.key for item in queries.items(row)]
    assert scene.make(page, keys).status_code == 303
    assert scene.make(page, keys).status_code == 303  # said to have been done already
    drain(scene.site)
    made = scene.bookings()
    assert sorted(title for title, _, _ in made) == [*["Choir"] * 3, "Choir, later", "Repair café"]
    assert {state for _, state, _ in made} == {"confirmed"}
    assert {whose for _, _, whose in made} == {scene.bea}
    assert "3 events are booked" in scene.client.get(page).get_data(as_text=True)
    with scene.site.reading() as work:
        mails = sa.text("SELECT count(*) FROM mail WHERE to_address = 'bea@example.org'")
        assert work.session.execute(mails).scalar_one() == 1
        assert work.session.scalar(sa.select(sa.func.count(tl.Series.id))) == 1
        assert work.session.scalar(sa.select(sa.func.count(Imported.id))) == 3

    with scene.site.writing() as work:
        told = {str(part.title): part.rows for part in incoming.person_data(work, scene.bea)}
        assert told["Old calendars"][0]["file"] == "old.ics"
        incoming.forget(work, scene.bea)
        assert work.session.scalar(sa.select(sa.func.count(Import.id))) == 0
    scene.bring(CHOIR, MOVED, SINGLE, until="2027-03-01")
    assert set(scene.fates().values()) == {"there"}


def test_rules_are_asked_and_passed_only_with_a_reason(scene: Scene) -> None:
    with scene.site.writing() as work:
        rules = tl.Model.metadata.tables["policy"]
        strict = {"approval": "none", "horizon_days": 5}
        work.session.execute(sa.update(rules).values(rules=strict))
    scene.bring(SINGLE)
    assert scene.fates() == {"Repair café": "refused"}
    scene.bring(SINGLE, SINGLE.replace("repair", "other"), override="As every year")
    with scene.site.reading() as work:
        row = work.session.scalars(sa.select(Import).order_by(Import.id.desc())).first()
        assert row is not None
        assert row.override == "As every year"
        assert [fate.code for fate in queries.fates(work, row)] == ["booked", "twice"]

    for sent, status in (
        ({"email": "nobody@example.org"}, 422),
        ({"until": "2020-01-01"}, 422),
        ({"file": (io.BytesIO(b"<html>"), "a.ics")}, 422),
        ({"organisation": "nosuchbody"}, 422),
    ):
        assert scene.bring(SINGLE, **sent).status_code == status, sent  # type: ignore[arg-type]
    other = scene.client.application.test_client()
    sign_in(other, "desk@example.org")
    assert other.get("/manage/gattaglio/import").status_code == 403

    # Whoever brought it must still be allowed when it is made.
    page = scene.bring(SINGLE, override="As every year").headers["Location"]
    newest = sa.select(Import).order_by(Import.id.desc())
    with scene.site.reading() as work:
        keys = [item.key for item in queries.items(work.session.scalars(newest).first())]
    scene.make(page, keys)
    with scene.site.writing() as work:
        work.session.execute(sa.update(tl.Account).values(suspended_at=work.now))
    drain(scene.site)
    assert scene.bookings() == []


def test_by_the_command_line(scene: Scene, tmp_path: Any) -> None:
    (tmp_path / "old.ics").write_bytes(calendar(SINGLE, LAST_WORKDAY, OLD))
    command = ["import", str(tmp_path / "old.ics"), "--room", "gattaglio/lisiere"]

    def run(*more: str) -> str:
        done = CliRunner().invoke(ical, [*command, *more], obj=scene.site, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    assert "Repair café: Will be booked" in run("--dry-run")
    assert scene.bookings() == []
    assert "Repair café: booked" in run()
    assert len(scene.bookings()) == 4
    assert "Repair café: there" in run()
    assert len(scene.bookings()) == 4
