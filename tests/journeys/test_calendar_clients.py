"""Other people's calendar programmes read our calendars, and agree on what is in them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

import tierslieu.toolkit as tl
from tierslieu.testing import a_room, a_venue, an_account, left_out, sign_in

READERS = Path(__file__).with_name("calendar_readers.mjs")

VDIRSYNCER = """
[general]
status_path = "{folder}/status"

[pair lisiere]
a = "feed"
b = "here"
collections = null

[storage feed]
type = "http"
url = "{address}"

[storage here]
type = "filesystem"
path = "{folder}/calendar"
fileext = ".ics"
"""

CALDAV = """
[general]
status_path = "{folder}/status"

[pair bookings]
a = "account"
b = "here"
collections = ["from a"]
metadata = ["displayname"]

[storage account]
type = "caldav"
url = "{address}/"
username = "ada@example.org"
password = "{password}"
read_only = true

[storage here]
type = "filesystem"
path = "{folder}/calendars"
fileext = ".ics"
"""

KHAL = """
[calendars]
[[lisiere]]
path = {folder}/calendar

[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Europe/Rome
default_timezone = Europe/Rome

[sqlite]
path = {folder}/khal.db
"""


@pytest.fixture(scope="session")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of khal and vdirsyncer, in an environment of their own."""
    home = tmp_path_factory.mktemp("clients")
    uv = Path(sysconfig.get_path("scripts")) / "uv"
    steps = [
        [uv, "venv", "-q", home],
        [uv, "pip", "install", "-q", "--python", home / "bin" / "python", "khal", "vdirsyncer"],
    ]
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            left_out(f"khal and vdirsyncer ({done.stderr.strip()[:200]})")
    return home / "bin"


@pytest.fixture
def address(app: Any) -> Iterator[str]:
    """The site, answering on a port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def run(folder: Path, *command: object) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        env=os.environ | {"HOME": str(folder), "LC_ALL": "C.UTF-8", "TZ": "Europe/Rome"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_a_member_sees_her_booking_in_her_own_calendar(
    clients: Path, address: str, client: Any, site: tl.Site, tmp_path: Path
) -> None:
    from tierslieu.bookings.services import NewBooking, book

    with site.writing() as work:
        room = a_room(work, a_venue(work))
        ada = an_account(work, "ada@example.org")
        start = work.now.replace(hour=9, minute=0, second=0) + timedelta(days=2)
        span = tl.Span(start, start + timedelta(hours=2))
        wish = NewBooking(room.public_id, span, "Repair café", person_id=ada.person_id)
        booking = book(work, wish)
    client.application.config["WTF_CSRF_ENABLED"] = False
    sign_in(client, "ada@example.org")
    shown = client.post("/feeds").get_data(as_text=True)
    path = shown.partition("/feeds/tlf_")[2].partition(".ics")[0]
    feed = f"{address}/feeds/tlf_{path}.ics"
    for name, text in (("vdirsyncer", VDIRSYNCER), ("khal", KHAL)):
        (tmp_path / name).write_text(text.format(folder=tmp_path, address=feed))
    (tmp_path / "calendar").mkdir()
    sync = (clients / "vdirsyncer", "-c", tmp_path / "vdirsyncer")

    run(tmp_path, *sync, "discover")
    run(tmp_path, *sync, "sync")
    files = {file.name: file.read_bytes() for file in (tmp_path / "calendar").glob("*.ics")}
    again = run(tmp_path, *sync, "sync")

    assert len(files) == 1
    assert {f.name: f.read_bytes() for f in (tmp_path / "calendar").glob("*.ics")} == files
    assert "Copying" not in again
    assert "Deleting" not in again
    day = start.strftime("%Y-%m-%d")
    listed = run(tmp_path, clients / "khal", "-c", tmp_path / "khal", "list", day, "1d")
    assert "Repair café" in listed

    from tierslieu.bookings.services import cancel

    with site.writing() as work:
        cancel(work, booking.public_id, "The iron is broken")
    run(tmp_path, *sync, "sync")
    assert len(list((tmp_path / "calendar").glob("*.ics"))) == 1
    listed = run(
        tmp_path,
        clients / "khal",
        "-c",
        tmp_path / "khal",
        "list",
        "--format",
        "{status}{title}",
        day,
        "1d",
    )
    assert "CANCELLED" in listed


@pytest.fixture(scope="session")
def node_readers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which node finds ical.js and node-ical."""
    folder = tmp_path_factory.mktemp("node")
    npm = shutil.which("npm")
    if npm is None:
        left_out("node with npm")
    wanted = ("ical.js@2.1.0", "node-ical@0.20.1")
    quiet = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder)
    step = [npm, "install", *quiet, *wanted]
    done = subprocess.run(step, capture_output=True, text=True, check=False)
    if done.returncode:
        left_out(f"ical.js and node-ical ({done.stderr.strip()[:200]})")
    shutil.copy(READERS, folder / READERS.name)
    return folder


Dates = set[tuple[str, str]]

MANY = """
[pair {name}]
a = "{name}_feed"
b = "{name}_here"
collections = null

[storage {name}_feed]
type = "singlefile"
path = "{folder}/{name}.ics"

[storage {name}_here]
type = "filesystem"
path = "{folder}/vdirs/{name}"
fileext = ".ics"
"""


def a_life(site: tl.Site, folder: Path, client: Any) -> tuple[dict[str, Dates], date, date]:
    """Every kind of calendar of a small place, as files; what our own JSON says of each."""
    from tierslieu.bookings.changes.services import Edit, change
    from tierslieu.bookings.services import cancel

    with site.writing() as work:
        room = a_room(work, a_venue(work))
        ada = an_account(work, "ada@example.org")
        monday = work.now.date() + timedelta(days=14 - work.now.weekday())
        club = tl.Organisation(name="Velo club", created_at=work.now, state="accepted")
        work.session.add(club)
        work.session.flush()
        acts = tl.OrganisationPerson(organisation_id=club.id, person_id=ada.person_id)
        work.session.add(acts)
        work.session.flush()

        def wish(days: int, hour: int, title: str, **more: Any) -> tl.NewBooking:
            start = datetime.fromisoformat(f"{monday + timedelta(days=days)}T{hour:02}:00Z")
            span = tl.Span(start, start + timedelta(hours=2))
            return tl.NewBooking(room.public_id, span, title, person_id=ada.person_id, **more)

        body = club.public_id
        tl.book(work, wish(1, 9, "Repair café; bring, tools", visibility="public"))
        gone = tl.book(work, wish(2, 9, "Cancelled"))
        cancel(work, gone.public_id, "The iron is broken")
        tl.book(work, wish(3, 9, "Ride", organisation_id=club.id, visibility="public"))
        rule = tl.parse_rule("FREQ=WEEKLY;COUNT=5")
        made = tl.book_series(
            work, tl.NewSeries(wish(0, 17, "Choir", visibility="public"), rule)
        ).views  # fmt: skip
        moved = wish(8, 18, "").span
        change(work, made[1].booking.public_id, Edit(span=moved))
    client.application.config["WTF_CSRF_ENABLED"] = False
    sign_in(client, "ada@example.org")
    addresses = {
        "network": "/calendar.ics",
        "venue": "/venues/gattaglio/calendar.ics?lang=en&deadlines=1",
        "room": f"/rooms/{room.public_id}/calendar.ics?lang=en",
        "own": _secret(client),
        "body": _secret(client, of=f"organisation:{body}", detail="private"),
    }
    last = monday + timedelta(days=60)
    said = {}
    for name, address in addresses.items():
        (folder / f"{name}.ics").write_bytes(client.get(address).data)
        base, _, asked = address.partition(".ics")
        more = f"{asked}&" if asked else "?"
        items = client.get(f"{base}.json{more}from={monday}&days=60").json["items"]
        said[name] = {(item["title"], item["starts_at"][:16]) for item in items}
    return said, monday, last


def _secret(client: Any, **data: str) -> str:
    page = client.post("/feeds", data=data).get_data(as_text=True)
    token = page.partition("/feeds/tlf_")[2].partition(".ics")[0]
    return f"/feeds/tlf_{token}.ics"


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_programme_reads_every_calendar_alike(
    clients: Path, node_readers: Path, client: Any, site: tl.Site, tmp_path: Path
) -> None:
    calcurse = shutil.which("calcurse")
    if calcurse is None:
        left_out("calcurse")
    ours, first, last = a_life(site, tmp_path, client)
    names = sorted(ours)
    assert all(ours.values())
    # A date that was moved is told once, at its new time.
    assert len([each for each in ours["own"] if each[0] == "Choir"]) == 5

    # In another zone node-ical moves repeated dates by it; its own documents say so.
    node = ("env", "TZ=UTC", "node", node_readers / READERS.name)
    found = json.loads(run(tmp_path, *node, tmp_path, first, last, *names).splitlines()[-1])
    for reader, calendars in found.items():
        read = {name: {tuple(each) for each in dates} for name, dates in calendars.items()}
        assert read == ours, reader

    _vdirsyncer_and_khal(clients, tmp_path, names, first, last, ours)
    for name in names:
        home = tmp_path / f"calcurse-{name}"
        run(tmp_path, calcurse, "-q", "-D", home, "-i", tmp_path / f"{name}.ics")
        listed = run(
            tmp_path, calcurse, "-q", "-D", home, "-Q", "--filter-type", "cal",
            "--from", f"{first:%m/%d/%Y}", "--to", f"{last:%m/%d/%Y}", "--format-apt", LINE,
            "--format-recur-apt", LINE,
        )  # fmt: skip
        read = {_utc(line) for line in listed.splitlines() if "|" in line}
        # It does not know RECURRENCE-ID: a moved date stands there twice.
        assert read >= ours[name], (name, listed)
        assert {title for title, _ in read} == {title for title, _ in ours[name]}


LINE = "%(start:%Y-%m-%dT%H:%M)|%m\n"


def _utc(line: str) -> tuple[str, str]:
    from zoneinfo import ZoneInfo

    at, _, title = line.partition("|")
    start = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("Europe/Rome"))
    return title, start.astimezone(ZoneInfo("UTC")).isoformat()[:16]


def _vdirsyncer_and_khal(
    clients: Path, folder: Path, names: list[str], first: date, last: date, ours: dict[str, Dates]
) -> None:
    pairs = "".join(MANY.format(name=name, folder=folder) for name in names)
    (folder / "many").write_text(f'[general]\nstatus_path = "{folder}/status"\n{pairs}')
    for name in names:
        (folder / "vdirs" / name).mkdir(parents=True)
    sync = (clients / "vdirsyncer", "-c", folder / "many")
    run(folder, *sync, "discover")
    run(folder, *sync, "sync")
    again = run(folder, *sync, "sync")
    assert "Copying" not in again
    assert "Deleting" not in again

    calendars = "".join(f"[[{name}]]\npath = {folder}/vdirs/{name}\n" for name in names)
    locale = KHAL[KHAL.index("[locale]") :].format(folder=folder)
    (folder / "khal-many").write_text(f"[calendars]\n{calendars}{locale}")
    listed = run(
        folder, clients / "khal", "-c", folder / "khal-many", "list", "--format",
        "{calendar}|{start-date}T{start-time}|{title}", "--day-format", "", first, last,
    )  # fmt: skip
    read: dict[str, Dates] = {name: set() for name in names}
    for line in listed.splitlines():
        name, _, rest = line.partition("|")
        if name in read:
            read[name].add(_utc(rest))
    assert read == ours


@pytest.mark.slow
def test_her_account_is_found_and_synced_and_the_second_time_nothing_moves(
    clients: Path, address: str, client: Any, site: tl.Site, tmp_path: Path
) -> None:
    with site.writing() as work:
        room = a_room(work, a_venue(work))
        ada = an_account(work, "ada@example.org")
        start = work.now.replace(hour=9, minute=0, second=0) + timedelta(days=2)
        span = tl.Span(start, start + timedelta(hours=2))
        wish = tl.NewBooking(room.public_id, span, "Choir", person_id=ada.person_id)
        tl.book_series(work, tl.NewSeries(wish, tl.parse_rule("FREQ=WEEKLY;COUNT=3")))
        later = span.shifted(timedelta(hours=5))
        single = tl.NewBooking(room.public_id, later, "Repair café", person_id=ada.person_id)
        booking = tl.book(work, single)
    client.application.config["WTF_CSRF_ENABLED"] = False
    sign_in(client, "ada@example.org")
    shown = client.post("/feeds/apps", data={"name": "vdirsyncer"}).get_data(as_text=True)
    password = shown.partition('<code translate="no">')[2].partition("<")[0]
    settings = CALDAV.format(folder=tmp_path, address=address, password=password)
    (tmp_path / "vdirsyncer").write_text(settings)
    sync = (clients / "vdirsyncer", "-c", tmp_path / "vdirsyncer")

    def files() -> dict[str, bytes]:
        found = (tmp_path / "calendars").glob("*/*.ics")
        return {file.name: file.read_bytes() for file in found}

    (tmp_path / "calendars").mkdir()
    subprocess.run([*map(str, sync), "discover"], input="y\n" * 9, text=True, check=True,
                   capture_output=True, env=os.environ | {"HOME": str(tmp_path)})  # fmt: skip
    run(tmp_path, *sync, "sync")
    first = files()
    again = run(tmp_path, *sync, "sync")
    assert len(first) == 2
    assert files() == first
    assert "Copying" not in again
    assert "Deleting" not in again

    with site.writing() as work:
        claim = work.session.get_one(tl.Claim, booking.id)
        claim.label = "Mending"
        from tierslieu_ical.services import keep

        keep(work, [booking.id])
    run(tmp_path, *sync, "sync")
    assert len([name for name, data in files().items() if first[name] != data]) == 1
    assert any(b"Mending" in data for data in files().values())
