"""A stranger's whole plugin, written from the documents alone (``kiln/README.md``), at work."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

import tierslieu.toolkit as tl
from tierslieu import hookspecs
from tierslieu.config import Config
from tierslieu.people.services import erase
from tierslieu.plugins.checks import drop_tables
from tierslieu.testing import (
    MailBox,
    a_card,
    a_token,
    a_venue,
    an_account,
    calendar_entries,
    check_plugin,
    sign_in,
)

FOLDER = Path(__file__).with_name("kiln")
TABLES = ("kiln_firing", "kiln_kiln", "alembic_version_kiln")


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Nothing of the plugin stays in this process."""
    yield
    drop_tables("kiln")
    for name in [each for each in sys.modules if each.split(".")[0] == "kiln"]:
        del sys.modules[name]
    if str(FOLDER) in sys.path:
        sys.path.remove(str(FOLDER))


@pytest.fixture
def app(config: Config, forgotten: None) -> Iterator[Any]:
    """The application with the plugin dropped in and switched on; no form asks for its token."""
    from tierslieu.app import create_app

    mine = replace(config, plugins_folders=(str(FOLDER),))
    mine.instance.mkdir(parents=True, exist_ok=True)
    made = create_app(mine)
    made.config["WTF_CSRF_ENABLED"] = False
    site = made.extensions["tierslieu"]
    site.plugins.enable(site, "kiln")
    yield made
    assert not [fault for fault in site.hooks.faults if fault.plugin == "kiln"]
    with site.writing() as work:
        for table in TABLES:
            work.session.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
    site.db.dispose()


def test_it_keeps_the_contract(forgotten: None) -> None:
    check_plugin("kiln", FOLDER)


def test_a_kiln_is_put_up_fired_once_and_told_of_everywhere(
    app: Any, site: tl.Site, mailbox: MailBox
) -> None:
    from kiln import services

    with site.writing() as work:
        venue = a_venue(work, name="Gattaglio")
        member = an_account(work, "ada@example.org", name="Ada")
        a_card(work, venue, member.person_id)
        an_account(work, "bea@example.org")
        token = a_token(work, member, "kiln:write")
        kiln = services.put_up(work, venue, "Brigitta", 1280).public_id
        venue_id, person_id = venue.id, member.person_id
    stranger, ada, bea = app.test_client(), app.test_client(), app.test_client()
    sign_in(ada, "ada@example.org")
    sign_in(bea, "bea@example.org")
    tomorrow = datetime.now(ZoneInfo("Europe/Rome")) + timedelta(days=1)
    start = tomorrow.replace(hour=9, minute=0, second=0, microsecond=0)
    form = {"kiln": kiln, "starts_at": f"{start:%Y-%m-%dT%H:%M}", "hours": "8", "degrees": "1400"}
    page = "/venues/gattaglio/kilns"

    # Too hot is said, with what was written; then it is hers, and nobody else's.
    refused = ada.post(page, data=form)
    assert refused.status_code == 422
    assert "This kiln bears 1,280 degrees." in refused.get_data(as_text=True)
    assert 'value="1400"' in refused.get_data(as_text=True)
    assert bea.post(page, data=form).status_code == 403
    assert ada.post(page, data=form | {"degrees": "1200"}).status_code == 302
    asked = {"starts_at": f"{start:%Y-%m-%dT%H:%M}", "degrees": 900}
    asked["ends_at"] = f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}"
    bearer = {"Authorization": f"Bearer {token}"}
    fire = f"/api/v1/venues/gattaglio/kilns/{kiln}/firings"
    taken = stranger.post(fire, json=asked, headers=bearer)
    assert (taken.status_code, taken.mimetype) == (409, "application/problem+json")

    # The page in two languages, the API, the mail, the calendar, the names.
    assert "1,200 degrees" in stranger.get(page).get_data(as_text=True)
    italian = stranger.get(page, headers={"Accept-Language": "it"}).get_data(as_text=True)
    assert "1.200 gradi" in italian
    listed = stranger.get("/api/v1/venues/gattaglio/kilns").get_json()
    assert [each["hottest"] for each in listed["items"]] == [1280]
    assert (
        fire.replace("gattaglio", "{slug}").replace(kiln, "{kiln_id}")
        in (stranger.get("/api/openapi.json").get_json()["paths"])
    )
    assert [mail.about for mail in mailbox.to("ada@example.org")] == ["kiln.fired"]
    entries = calendar_entries(stranger, "/venues/gattaglio/calendar.ics")
    assert any("Brigitta" in title for title in entries)
    assert "Brigitta" in stranger.get("/search/names?q=brig").get_data(as_text=True)
    assert "1 kiln to fire" in stranger.get("/venues/gattaglio").get_data(as_text=True)

    # Its static file, command, check and daily job.
    with stranger.get("/kiln/static/kiln.css") as css:
        assert css.status_code == 200
    assert 'href="/kiln/static/kiln.css?v=' in stranger.get(page).get_data(as_text=True)
    [command] = [each for each in site.plugins.commands() if each.name == "kiln"]
    assert CliRunner().invoke(command, ["list"]).output == "gattaglio  Brigitta  1280\n"
    with site.writing() as work:
        checks = work.hooks.gather(hookspecs.health_checks, work=work)
        assert "1 kiln is up." in [str(each.message) for each in checks]
        site.jobs["kiln.forget_old"].run(work)
        assert work.session.scalar(sa.text("SELECT person_id FROM kiln_firing")) == person_id
    with site.writing() as work:
        work.now += timedelta(days=3 * 365)
        site.jobs["kiln.forget_old"].run(work)
        assert work.session.scalar(sa.text("SELECT person_id FROM kiln_firing")) is None
        work.session.execute(sa.text(f"UPDATE kiln_firing SET person_id = {person_id}"))

    # The report, the person's own data, and erasing her.
    span = tl.Span(start - timedelta(days=2), start + timedelta(days=2))
    days = tl.ReportAsked(date(2026, 1, 1), date(2026, 12, 31), span, "Europe/Rome")
    with site.writing() as work:
        [section] = [
            each for name, each in tl.report_sections(work, days, venue_id) if name == "kiln"
        ]
        assert [figure.value for figure in section.figures] == [1, 8 * 60]
        parts = work.hooks.gather(hookspecs.person_data, work=work, person_id=person_id)
        assert [part.rows[0]["degrees"] for part in parts if str(part.title) == "Firings"] == [1200]
        erase(work, person_id)
        assert work.session.scalar(sa.text("SELECT person_id FROM kiln_firing")) is None
    site.plugins.disable(site, "kiln")
    assert stranger.get(page).status_code == 404
    assert stranger.get("/kiln/static/kiln.css").status_code == 404
