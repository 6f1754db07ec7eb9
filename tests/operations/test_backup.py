"""An archive holds everything of one moment, and gives it back on either database."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu import backup, migrate
from tierslieu.backup import BadArchive
from tierslieu.kernel import clock, guards
from tierslieu.kernel.db import Database, metadata
from tierslieu.kernel.site import Site


@pytest.fixture
def full(site: Site, house: Any) -> Site:
    house.build(site)
    return site


@pytest.fixture
def elsewhere(site: Site, tmp_path: Path) -> Iterator[Site]:
    """Another machine: an empty SQLite database and its own folder and key."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    config = replace(site.config, instance=folder, database_url="", secret_key="")
    found = Site(config, Database(config.database), site.hooks)
    yield found
    found.db.dispose()


def everything(site: Site) -> dict[str, list[Any]]:
    """All rows of all tables, as Python values."""
    migrate.import_models()
    with site.db.reader.connect() as connection:
        present = set(sa.inspect(connection).get_table_names())
        return {
            name: [
                dict(row)
                for row in connection.execute(
                    sa.select(table).order_by(*table.primary_key.columns)
                ).mappings()
            ]
            for name, table in metadata.tables.items()
            # The count of changes goes on: putting rows back is a change.
            if name in present and name != "facts_version"
        }


def test_what_was_written_comes_back_elsewhere_value_for_value(
    full: Site, elsewhere: Site, tmp_path: Path
) -> None:
    """From SQLite to SQLite, and from PostgreSQL to SQLite."""
    before = everything(full)
    rows = backup.write_archive(full, tmp_path / "all.zip")
    # One more row than compared: the count of changes itself.
    assert rows == sum(len(found) for found in before.values()) + 1 > 20
    backup.restore_archive(elsewhere, tmp_path / "all.zip")
    after = everything(elsewhere)
    assert {name: found for name, found in after.items() if found} == {
        name: found for name, found in before.items() if found
    }
    assert (elsewhere.uploads / "photos" / "photo1-320.webp").read_bytes() == b"\x00\xffpicture"
    with elsewhere.db.reader.connect() as connection:
        assert guards.missing(connection) == []


def test_a_sqlite_house_grows_into_postgresql_and_goes_on_counting(
    house: Any, full: Site, elsewhere: Site, tmp_path: Path
) -> None:
    """There and back into the database of the fixture, whichever it is."""
    before = everything(full)
    backup.write_archive(full, tmp_path / "one.zip")
    backup.restore_archive(elsewhere, tmp_path / "one.zip")
    backup.write_archive(elsewhere, tmp_path / "two.zip")
    with full.writing() as work:
        house.person(work, 77)
    backup.restore_archive(full, tmp_path / "two.zip")
    assert everything(full) == before
    with full.writing() as work:
        # Append-only again, and the next numbers are free ones.
        work.audit("after", "venue:a")
        house.book(work, 900, work.now + timedelta(days=900))


def test_sign_ins_go_on_working_because_the_key_travels(
    full: Site, elsewhere: Site, tmp_path: Path
) -> None:
    backup.write_archive(full, tmp_path / "all.zip")
    assert elsewhere.config.key != full.config.key
    backup.restore_archive(elsewhere, tmp_path / "all.zip")
    assert elsewhere.config.key == full.config.key
    assert (elsewhere.config.instance / "secret_key").stat().st_mode & 0o077 == 0


def test_settings_that_are_there_are_not_replaced(
    full: Site, elsewhere: Site, tmp_path: Path
) -> None:
    (full.config.instance / "config.toml").write_text('locale = "fr"\n')
    (elsewhere.config.instance / "config.toml").write_text('locale = "it"\n')
    backup.write_archive(full, tmp_path / "all.zip")
    backup.restore_archive(elsewhere, tmp_path / "all.zip")
    assert (elsewhere.config.instance / "config.toml").read_text() == 'locale = "it"\n'


def test_an_archive_is_readable_by_its_owner_alone(full: Site, tmp_path: Path) -> None:
    backup.write_archive(full, tmp_path / "all.zip")
    assert (tmp_path / "all.zip").stat().st_mode & 0o077 == 0
    assert list(tmp_path.glob(".all.zip*")) == []


def test_whoever_was_erased_since_stays_erased(full: Site, tmp_path: Path) -> None:
    backup.write_archive(full, tmp_path / "all.zip")
    with full.writing() as work:
        work.session.execute(
            sa.insert(metadata.tables["erasure"]).values(
                public_id="person0000000002", erased_at=work.now
            )
        )
    backup.restore_archive(full, tmp_path / "all.zip")
    people = {row["id"]: row for row in everything(full)["person"]}
    assert people[2]["erased_at"] is not None
    assert people[2]["email"] is None
    assert people[1]["email"] == "p1@example.org"


def damage(file: Path, name: str, content: bytes | None) -> None:
    """Write the archive again with one file changed, left out (None) or added."""
    with zipfile.ZipFile(file) as old:
        found = {each: old.read(each) for each in old.namelist()}
    found.pop(name, None)
    if content is not None:
        found[name] = content
    with zipfile.ZipFile(file, "w") as new:
        for each, bytes_ in found.items():
            new.writestr(each, bytes_)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("tables/venue.jsonl", b"{}\n", "changed or damaged"),
        ("tables/venue.jsonl", None, "is there or missing"),
        ("manifest.json", None, "no manifest"),
        ("manifest.json", b"[]", "no manifest"),
        ("../../evil", b"x", "is there or missing"),
    ],
)
def test_a_damaged_archive_replaces_nothing(
    full: Site, tmp_path: Path, name: str, content: bytes | None, why: str
) -> None:
    file = tmp_path / "all.zip"
    backup.write_archive(full, file)
    before = everything(full)
    damage(file, name, content)
    with pytest.raises(BadArchive, match=why):
        backup.restore_archive(full, file)
    assert everything(full) == before


def test_an_archive_cut_off_replaces_nothing(full: Site, tmp_path: Path) -> None:
    file = tmp_path / "all.zip"
    backup.write_archive(full, file)
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(BadArchive, match="cut off"):
        backup.restore_archive(full, file)


@pytest.mark.parametrize("change", [{"streams": {"core": "9999"}}, {"format": 2}])
def test_an_archive_of_a_newer_program_is_refused(
    full: Site, tmp_path: Path, change: dict[str, Any]
) -> None:
    file = tmp_path / "all.zip"
    backup.write_archive(full, file)
    with zipfile.ZipFile(file) as old:
        manifest = json.loads(old.read("manifest.json")) | change
    damage(file, "manifest.json", json.dumps(manifest).encode())
    before = everything(full)
    with pytest.raises(BadArchive, match="newer program"):
        backup.restore_archive(full, file)
    assert everything(full) == before


def test_rows_that_the_database_refuses_leave_what_was_there(full: Site, tmp_path: Path) -> None:
    file = tmp_path / "all.zip"
    backup.write_archive(full, file)
    with zipfile.ZipFile(file) as old:
        manifest = json.loads(old.read("manifest.json"))
        lines = old.read("tables/claim.jsonl")
    wrong = lines.replace(b'"visibility": "private"', b'"visibility": "nonsense"')
    import hashlib

    manifest["files"]["tables/claim.jsonl"] = hashlib.sha256(wrong).hexdigest()
    damage(file, "tables/claim.jsonl", wrong)
    damage(file, "manifest.json", json.dumps(manifest).encode())
    before = everything(full)
    with pytest.raises(BadArchive, match="refused"):
        backup.restore_archive(full, file)
    assert everything(full) == before


def test_a_backup_under_load_is_of_one_moment(
    house: Any, full: Site, elsewhere: Site, tmp_path: Path
) -> None:
    """Booking and audit entry are written together, so a half of either would be seen."""
    stop = threading.Event()
    acknowledged: list[int] = []

    def write() -> None:
        number = 1000
        while not stop.is_set():
            number += 1
            with full.writing() as work:
                house.book(work, number, clock.now() + timedelta(days=number))
                work.audit("made", f"booking:{number}")
            acknowledged.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(acknowledged) < 5:
            stop.wait(0.01)
        first = list(acknowledged)
        backup.write_archive(full, tmp_path / "all.zip")
        at_end = len(acknowledged)
    finally:
        stop.set()
        writer.join()
    assert at_end >= len(first)
    backup.restore_archive(elsewhere, tmp_path / "all.zip")
    after = everything(elsewhere)
    bookings = {row["id"] for row in after["booking"] if row["id"] > 1000}
    audited = {row["subject"] for row in after["audit_entry"] if row["verb"] == "made"}
    assert set(first) <= bookings
    assert audited == {f"booking:{number}" for number in bookings}
    assert {row["claim_id"] for row in after["occupancy"]} >= bookings
