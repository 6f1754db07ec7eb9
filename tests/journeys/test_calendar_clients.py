"""A member's own calendar: vdirsyncer fetches the feed twice, khal shows what she booked."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

import tierslieu.toolkit as tl
from tierslieu.testing import a_room, a_venue, an_account, left_out, sign_in

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
