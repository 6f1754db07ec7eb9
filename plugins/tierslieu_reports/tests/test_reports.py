"""Reports: asked for, counted, kept, written beside, printed, published without few people."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pikepdf
import pytest

import tierslieu.toolkit as tl
from tierslieu.testing import (
    a_booking,
    a_card,
    a_room,
    a_venue,
    an_account,
    csrf_token,
    drain,
    sign_in,
)
from tierslieu_reports.models import Report, Schedule
from tierslieu_reports.rules import Counted, before, content_of, for_everybody, hide, last_whole

say = tl.sentences("tierslieu_reports")
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("first", "last", "earlier"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), (date(2025, 1, 1), date(2025, 12, 31))),
        (date(2026, 3, 1), date(2026, 3, 31), (date(2026, 2, 1), date(2026, 2, 28))),
        (date(2026, 3, 2), date(2026, 3, 8), (date(2026, 2, 23), date(2026, 3, 1))),
        (date(2024, 2, 29), date(2024, 2, 29), (date(2024, 2, 28), date(2024, 2, 28))),
    ],
)
def test_the_period_before(first: date, last: date, earlier: tuple[date, date]) -> None:
    assert before(first, last) == earlier


@pytest.mark.parametrize(
    ("every", "today", "days"),
    [
        ("month", date(2026, 1, 1), (date(2025, 12, 1), date(2025, 12, 31))),
        ("quarter", date(2026, 6, 30), (date(2026, 1, 1), date(2026, 3, 31))),
        ("year", date(2026, 12, 31), (date(2025, 1, 1), date(2025, 12, 31))),
    ],
)
def test_the_newest_period_that_is_over(every: str, today: date, days: tuple[date, date]) -> None:
    assert last_whole(every, today) == days


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([3, 9, 20], ["few", "few", 20]),
        ([3, 2, 20], ["few", "few", 20]),
        ([9, 20, 0], [9, 20, 0]),
        ([3, 0, None], ["few", "few", None]),
        ([4], ["few"]),
    ],
)
def test_no_hidden_number_can_be_worked_out(cells: list[Any], told: list[Any]) -> None:
    lines = [{"cells": [cell]} for cell in cells]
    hide(lines, 0)
    assert [line["cells"][0] for line in lines] == told


def section(value: int, ids: frozenset[int] | None, room: int) -> tl.ReportSection:
    what = say("What it means.")
    figures = (
        tl.Figure("n", say("N"), value, what),
        tl.Figure("full", say("Full"), value, what, "share", of=10),
        tl.Figure("who", say("Who"), 0, what, distinct=ids, people=True),
    )
    columns = (tl.ReportColumn("n", say("N"), people=True),)
    line = tl.ReportLine("room", "Sala", (room,))
    other = tl.ReportLine("two", "Two", (None,))
    table = tl.ReportTable("rooms", say("Rooms"), columns, (line, other), places=True)
    named = tl.ReportTable("names", say("Names"), columns, (line,), named=True)
    return tl.ReportSection("s", say("S"), figures, (table, named))


def test_venues_are_added_up_and_whoever_is_at_two_counts_once() -> None:
    now = [
        Counted("a", "Alfa", [("core", section(2, frozenset({1, 2}), 3))]),
        Counted("b", "Beta", [("core", section(3, frozenset({2, 3}), 9))]),
    ]
    content = content_of(now, now[:1])
    (only,) = content["sections"]
    n, full, who = only["figures"]
    assert (n["value"], n["was"]) == (5, 2)
    assert (full["value"], full["of"], full["was_of"]) == (5, 20, 10)
    assert who["value"] == 3
    lines = [(line["label"][""], line["cells"]) for line in only["tables"][0]["lines"]]
    assert lines == [("Alfa", [3]), ("Beta", [9])]
    (public,) = for_everybody(content)["sections"]
    assert public["figures"][2]["value"] == "few"
    assert [table["key"] for table in public["tables"]] == ["rooms"]
    assert [line["cells"] for line in public["tables"][0]["lines"]] == [["few"], ["few"]]
    assert who["value"] == 3, "what is kept is kept"


def a_town(site: tl.Site) -> None:
    with site.writing() as work:
        venue = a_venue(work, "gattaglio", name="Gattaglio")
        elsewhere = a_venue(work, "altrove", name="Altrove")
        room = a_room(work, venue, "salone", name="Salone")
        person = an_account(work, "ada@demo.example").person_id
        an_account(work, "manager@demo.example", role="venue_manager", venue=venue)
        an_account(work, "rival@demo.example", role="venue_manager", venue=elsewhere)
        an_account(work, "admin@demo.example", role="network_admin")
        a_card(work, venue, person)
        for day in (2, 9):
            at = datetime(2027, 3, day, 9, tzinfo=UTC)
            a_booking(work, room, person, starts_at=at, hours=3, attendance=3)


def make(client: Any, scope: str = "venue:gattaglio") -> str:
    token = csrf_token(client, "/reports/new")
    sent = {"csrf_token": token, "scope": scope, "first": "2027-03-01", "last": "2027-03-31"}
    answer = client.post("/reports/new", data=sent)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_a_report_is_counted_and_re_read_unchanged(site: tl.Site, app: Any) -> None:
    a_town(site)
    client = app.test_client()
    sign_in(client, "manager@demo.example")
    address = make(client)
    assert 'http-equiv="refresh"' in client.get(address).text
    drain(site)
    page = client.get(f"{address}?lang=en").text
    assert "6 h" in page
    assert "Salone" in page
    told = client.get(f"{address}/report.json").json
    figures = {f["key"]: f["value"] for s in told["sections"] for f in s["figures"]}
    assert (figures["booked"], figures["used"], figures["people"]) == (360, 2, 6)
    with site.writing() as work:
        room = work.session.query(tl.Room).one()
        room.name = "Renamed"
        row = work.session.query(Report).one()
        assert (row.state, row.done, row.total) == ("made", 2, 2)
    assert "Renamed" not in client.get(address).text, "kept as it was"
    rows = client.get(f"{address}/rows?of=core:bookings.used")
    assert rows.status_code == 200
    assert "2027-03-09" in rows.text


@ON_SQLITE
def test_others_have_no_part_in_it(site: tl.Site, app: Any) -> None:
    a_town(site)
    client, rival, admin = (app.test_client() for _ in range(3))
    sign_in(client, "manager@demo.example")
    sign_in(rival, "rival@demo.example")
    sign_in(admin, "admin@demo.example")
    address = make(client)
    drain(site)
    assert "network" not in client.get("/reports/new").text.split("<select")[1].split("value")[1]
    assert rival.get(address).status_code == 404
    assert rival.get(f"{address}/report.csv").status_code == 404
    assert address not in rival.get("/reports").text
    assert admin.get(address).status_code == 200
    public = address.replace("/reports/", "/reports/public/")
    assert app.test_client().get(public).status_code == 404
    client.post(
        f"{address}/public", data={"csrf_token": csrf_token(client, "/reports"), "public": "yes"}
    )
    page = app.test_client().get(public)
    assert page.status_code == 200
    sections = app.test_client().get(f"{public}/report.json").json["sections"]
    members = [f for s in sections for f in s["figures"] if f["key"] == "members"]
    assert [f["value"] for f in members] in (["few"], [0])


@ON_SQLITE
def test_words_stand_beside_the_figures_and_nothing_is_lost(site: tl.Site, app: Any) -> None:
    a_town(site)
    client = app.test_client()
    sign_in(client, "manager@demo.example")
    address = make(client)
    drain(site)
    with site.reading() as work:
        version = work.session.query(Report).one().version
    token = csrf_token(client, "/reports")
    sent = {"csrf_token": token, "version": version, "text-": "A <b>good</b> month.",
            "text-core.use": "The choir came back.", "text-nothing": "x"}  # fmt: skip
    assert client.post(f"{address}/words", data=sent).status_code == 303
    page = client.get(address).text
    assert "A &lt;b&gt;good&lt;/b&gt; month." in page
    assert "The choir came back." in page
    late = client.post(f"{address}/words", data=sent | {"text-": "Too late"})
    assert late.status_code == 409
    assert "Too late" in late.text


@ON_SQLITE
def test_every_figure_as_a_file(site: tl.Site, app: Any) -> None:
    a_town(site)
    client = app.test_client()
    sign_in(client, "admin@demo.example")
    address = make(client, "network")
    drain(site)
    table = list(
        csv.reader(io.StringIO(client.get(f"{address}/report.csv").data.decode("utf-8-sig")))
    )
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{address}/report.xlsx").data)).active
    assert sheet is not None
    assert sheet.max_row == len(table) > 20
    assert client.get(f"{address}/report.exe").status_code == 404


@ON_SQLITE
def test_the_pdf_is_tagged_has_a_title_a_language_and_contents(
    site: tl.Site, app: Any, tmp_path: Path
) -> None:
    a_town(site)
    client = app.test_client()
    sign_in(client, "admin@demo.example")
    address = make(client, "network")
    drain(site)
    answer = client.get(f"{address}/report.pdf?lang=it")
    assert answer.status_code == 200, answer.text
    file = tmp_path / "report.pdf"
    file.write_bytes(answer.data)
    with pikepdf.open(file) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "it"
        assert "Reggio Emilia" in str(pdf.docinfo["/Title"])
        assert "StructTreeRoot" in str(pdf.Root.keys())
        with pdf.open_outline() as outline:
            assert len(outline.root[0].children) > 5
        with pdf.open_metadata() as told:
            assert told["pdfuaid:part"] == "1"
    if shutil.which("qpdf"):
        done = subprocess.run(["qpdf", "--check", str(file)], capture_output=True, check=False)
        assert done.returncode == 0, done.stdout


def test_reports_are_made_by_themselves_and_told(
    site: tl.Site, app: Any, mailbox: Any, stopped_clock: Any
) -> None:
    a_town(site)
    client = app.test_client()
    sign_in(client, "manager@demo.example")
    sent = {"csrf_token": csrf_token(client, "/reports"), "scope": "venue:gattaglio",
            "every": "month"}  # fmt: skip
    assert client.post("/reports/schedules", data=sent).status_code == 303
    with site.reading() as work:
        due = work.session.query(Schedule).one().next_on
    stopped_clock.move(days=(due - tl.clock.now().date()).days + 1)
    with site.writing() as work:
        from tierslieu_reports.jobs import look_after

        look_after(work)
        look_after(work)
    drain(site)
    with site.reading() as work:
        (report,) = work.session.query(Report).all()
        assert (report.state, report.last < due) == ("made", True)
    assert any("/reports/" in mail.body for mail in mailbox.to("manager@demo.example"))


@ON_SQLITE
def test_the_api_gives_the_same(site: tl.Site, app: Any) -> None:
    a_town(site)
    client = app.test_client()
    sign_in(client, "manager@demo.example")
    address = make(client)
    drain(site)
    (listed,) = client.get("/api/v1/reports").json["items"]
    assert listed["id"] == address.rpartition("/")[2]
    told = client.get(f"/api/v1/reports/{listed['id']}").json
    assert told["sections"] == client.get(f"{address}/report.json").json["sections"]
