"""The doctor says nothing of a sound installation and finds each fault that is planted in one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tierslieu import doctor
from tierslieu.kernel import clock, guards
from tierslieu.kernel.site import Site

KEY = "0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c"


@pytest.fixture
def sound(site: Site, house: Any) -> Site:
    """An installation in which nothing is wrong."""
    house.build(site)
    site.config = replace(site.config, secret_key=KEY)
    return site


def lines(site: Site, *, deploy: bool = False) -> list[str]:
    return [f"{found.level}: {found.text}" for found in doctor.examine(site, deploy=deploy)]


def run(site: Site, *statements: str) -> None:
    with site.db.writer.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_of_a_sound_installation_there_is_nothing_to_say(sound: Site) -> None:
    assert lines(sound) == ["note: Everything is well."]
    assert doctor.not_ready(sound) == []


@dataclass(frozen=True)
class Fault:
    """What is planted, as statements or as an act, and the words in which it must be found."""

    found: str
    statements: tuple[str, ...] = ()
    act: Callable[[Site], None] | None = None
    level: str = "error"


def setting(**values: object) -> Callable[[Site], None]:
    def act(site: Site) -> None:
        site.config = replace(site.config, **values)  # type: ignore[arg-type]

    return act


def without_guard(site: Site) -> None:
    with site.db.writer.begin() as connection:
        if site.db.is_sqlite:
            connection.exec_driver_sql("DROP TRIGGER occupancy_no_overlap")
        else:
            connection.exec_driver_sql("ALTER TABLE occupancy DROP CONSTRAINT occupancy_no_overlap")


def overlap(site: Site) -> None:
    """Two at once, written while the guard was gone and found once it is back (SQLite)."""
    without_guard(site)
    run(
        site,
        "INSERT INTO occupancy (resource_id, claim_id, starts_at, ends_at) "
        "SELECT resource_id, claim_id, starts_at, ends_at FROM occupancy WHERE claim_id = 1",
    )
    if site.db.is_sqlite:
        with site.db.writer.begin() as connection:
            guards.install(connection)


def late_job(site: Site) -> None:
    with clock.frozen(clock.now() - timedelta(hours=1)), site.writing() as work:
        work.later("mail.send", mail_id=1)


def lost_picture(site: Site) -> None:
    next(site.uploads.rglob("*.webp")).unlink()


def broken_plugin(site: Site) -> None:
    site.plugins = SimpleNamespace(
        broken={"shelf": "ValueError: no"},
        all=[SimpleNamespace(name="slow")],
        is_suspended=lambda name: name == "slow",
        migration_streams=lambda _site: [],
    )


FAULTS = {
    "a step waits": Fault("steps wait to be applied", ("DELETE FROM alembic_version",)),
    "a newer database": Fault(
        "migrated by a newer program", ("UPDATE alembic_version SET version_num = '9999'",)
    ),
    "a guard is gone": Fault("lost its guards: occupancy_no_overlap", act=without_guard),
    "a leaf too few": Fault(
        "2 resources whose undivided parts",
        ("DELETE FROM resource_leaf WHERE leaf_id = 3",),
    ),
    "a leaf of a resource without parts": Fault(
        "1 resources whose undivided parts",
        ("INSERT INTO resource_leaf (resource_id, leaf_id) VALUES (2, 3)",),
    ),
    "a cancelled booking still holds": Fault(
        "1 spans taken by bookings that are declined, cancelled, expired",
        ("UPDATE booking SET state = 'cancelled' WHERE id = 1",),
    ),
    "a confirmed booking holds nothing": Fault(
        "1 bookings to come that hold nothing", ("DELETE FROM occupancy WHERE claim_id = 2",)
    ),
    "a claim moved without what it takes": Fault(
        "1 bookings to come that hold less than their time",
        ("UPDATE claim SET ends_at = '2099-01-01T00:00:00Z' WHERE id = 2",),
    ),
    "a claim on another room than what it takes": Fault(
        "1 bookings to come that hold another room",
        ("UPDATE claim SET resource_id = 3 WHERE id = 2",),
    ),
    "two at once": Fault("", act=overlap),
    "no worker runs": Fault("1 jobs wait for more than half an hour", act=late_job),
    "a job failed": Fault(
        "1 jobs failed for good",
        (
            """INSERT INTO job (name, payload, state, run_at, attempts, progress, created_at)
            VALUES ('x', '{}', 'failed', '2026-01-01T00:00:00Z', 8, 0, '2026-01-01T00:00:00Z')""",
        ),
        level="warning",
    ),
    "a mail failed": Fault(
        "1 mails could not be sent",
        (
            """INSERT INTO mail (public_id, to_address, locale, subject, body, message_id, about,
            state, created_at)
            VALUES ('m', 'a@b', '', '', '', '', '', 'failed', '2026-01-01T00:00:00Z')""",
        ),
        level="warning",
    ),
    "a picture's file is gone": Fault("1 pictures have no file", act=lost_picture),
    "a short key": Fault("the secret key is weak", act=setting(secret_key="short")),
    "a long and simple key": Fault("the secret key is weak", act=setting(secret_key="ab" * 40)),
    "no address": Fault("base_url is no address", act=setting(base_url="example.org")),
    "an address with a path": Fault("must have no path", act=setting(base_url="https://a.org/x")),
    "an unknown language": Fault("locale must be", act=setting(locale="de")),
    "a broken plugin": Fault("“shelf” cannot be used: ValueError", act=broken_plugin),
    "a suspended plugin": Fault("“slow” was suspended", act=broken_plugin, level="warning"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(sound: Site, name: str, request: pytest.FixtureRequest) -> None:
    fault = FAULTS[name]
    if fault.act is not None:
        fault.act(sound)
    try:
        run(sound, *fault.statements)
        found = lines(sound)
    finally:
        mend(sound)
    wanted = fault.found
    if name == "two at once":
        # Where the guard cannot come back over such rows its absence is what is found.
        wanted = "spans that overlap" if sound.db.is_sqlite else "lost its guards"
    assert any(line.startswith(f"{fault.level}: ") and wanted in line for line in found), found


def mend(site: Site) -> None:
    """Give the database, which other tests use, its version and guards back."""
    if site.db.is_sqlite:
        return
    with site.db.writer.begin() as connection:
        connection.exec_driver_sql("TRUNCATE occupancy")
        connection.exec_driver_sql("DELETE FROM alembic_version")
        from tierslieu import migrate

        head = migrate.chain(migrate.streams()[0])[-1]
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{head}')")
        guards.install(connection)


def test_a_database_that_cannot_be_reached_is_one_line(sound: Site, tmp_path: Path) -> None:
    from tierslieu.kernel.db import Database

    sound.db.dispose()
    sound.db = Database("postgresql://nobody@127.0.0.1:1/nowhere")
    found = lines(sound)
    assert found[0].startswith("error: the database cannot be reached")
    assert doctor.not_ready(sound)[0].startswith("the database cannot be reached")


def test_a_check_that_fails_is_itself_a_finding(sound: Site) -> None:
    sound.config = replace(sound.config, base_url="http://[not an address")
    assert any("base_url cannot be examined" in line for line in lines(sound))


def test_on_the_internet_more_matters(sound: Site) -> None:
    found = lines(sound, deploy=True)
    for words in ("this machine's own", "demonstration", "rate_limits is off", "mail_url is not"):
        assert any(words in line for line in found), words


def test_a_deployment_as_it_should_be_has_no_error(sound: Site) -> None:
    sound.config = replace(
        sound.config,
        base_url="https://rooms.example.org",
        trusted_proxies=1,
        testing=False,
        rate_limits=True,
        mail_url="smtp://127.0.0.1:25",
    )
    assert not [line for line in lines(sound, deploy=True) if line.startswith("error")]
