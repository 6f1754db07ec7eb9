"""The ways to meet remotely: signed rooms, checksums that a server verifies, and who sees them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

import tierslieu.toolkit as tl
from tierslieu.testing import sign_in
from tierslieu_events import meetings
from tierslieu_events.hookspecs import Meeting

from .builders import a_person, an_event, as_system, entry_of, joins, the_date

SECRET = "a secret of the tests"


class BigBlueButton(BaseHTTPRequestHandler):
    """As much of its API as is asked: it answers only what is signed, and knows its meetings."""

    made: ClassVar[dict[str, dict[str, str]]] = {}

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        call, query = parts.path.rpartition("/")[2], parts.query
        bare = query.rpartition("&checksum=")[0]
        seal = hashlib.sha256(f"{call}{bare}{SECRET}".encode()).hexdigest()
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        good = hmac.compare_digest(seal, asked.get("checksum", ""))
        if good and call == "create":
            self.made[asked["meetingID"]] = asked
        if good and call == "join":
            room = self.made.get(asked["meetingID"], {})
            good = asked["password"] in (room.get("attendeePW"), room.get("moderatorPW"))
        said = f"<response><returncode>{'SUCCESS' if good else 'FAILED'}</returncode></response>"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def bbb() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), BigBlueButton)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    BigBlueButton.made.clear()
    yield f"http://127.0.0.1:{server.server_port}/bigbluebutton"
    server.shutdown()
    server.server_close()


def a_meeting(**settings: str) -> Meeting:
    return Meeting("events-abc", "Evening & more", "Ada Ü", False, 1_900_000_000, "", settings)


def test_a_meeting_is_made_and_joined_by_signed_calls(bbb: str) -> None:
    from urllib.request import urlopen

    meeting = a_meeting(bbb_url=bbb, bbb_secret=SECRET)
    address = meetings.big_blue_button(meeting)
    made = BigBlueButton.made["events-abc"]
    assert made["name"] == "Evening & more"
    with urlopen(address) as answer:
        assert b"SUCCESS" in answer.read()
    with urlopen(address.replace("fullName=Ada", "fullName=Eve")) as answer:
        assert b"FAILED" in answer.read()
    joined = dict(parse_qsl(urlsplit(address).query))
    assert joined["password"] == made["attendeePW"] != made["moderatorPW"]


@pytest.mark.parametrize("fault", ["secret", "nobody"])
def test_a_server_that_says_no_or_nothing_is_not_reached(bbb: str, fault: str) -> None:
    settings = {"bbb_url": bbb, "bbb_secret": SECRET}
    settings |= {"bbb_secret": "wrong"} if fault == "secret" else {"bbb_url": "http://127.0.0.1:9"}
    with pytest.raises(meetings.NotReached):
        meetings.big_blue_button(a_meeting(**settings))


def test_no_file_of_the_server_is_read_in_the_place_of_a_meeting(tmp_path: Path) -> None:
    said = tmp_path / "answer.xml"
    said.write_text("<response><returncode>SUCCESS</returncode></response>")
    with pytest.raises(meetings.NotReached):
        meetings._answer(said.as_uri())


def test_a_jitsi_room_lets_in_one_person_until_it_is_over() -> None:
    meeting = a_meeting(
        jitsi_url="https://meet.example.org/", jitsi_app="house", jitsi_secret=SECRET
    )
    address = meetings.jitsi(meeting)
    assert address.startswith("https://meet.example.org/events-abc?jwt=")
    head, body, seal = address.partition("jwt=")[2].split(".")
    expected = hmac.new(SECRET.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64encode(expected).rstrip(b"=").decode() == seal
    said = json.loads(base64.urlsafe_b64decode(body + "=="))
    assert (said["room"], said["iss"], said["exp"]) == ("events-abc", "house", 1_900_000_000)
    assert said["context"]["user"]["name"] == "Ada Ü"


def test_only_ways_that_are_set_up_can_be_chosen(work: tl.Work) -> None:
    event = an_event(work)
    view = the_date(work, event)
    assert list(meetings.providers(work, view.venue.id)) == ["link", "phone"]
    for key, said in (("bbb", ""), ("link", ""), ("link", "javascript:alert(1)"), ("phone", "")):
        with pytest.raises(tl.Invalid):
            meetings.choose(as_system(work), view, key, said, "")
    meetings.choose(as_system(work), view, "phone", "0522 1234, code 99", "")
    assert view.date.meeting == {"said": "0522 1234, code 99"}


def test_the_link_is_seen_in_time_by_who_takes_part_remotely(
    site: tl.Site, app: Any, stopped_clock: Any
) -> None:
    link = "https://meet.example.org/secret-room"
    with site.writing() as work:
        event = an_event(work)
        meetings.choose(as_system(work), the_date(work, event), "link", link, "")
        ada = joins(work, event, a_person(work, "ada"), "remote")
        bea = joins(work, event, a_person(work, "bea"))
        starts, pages = the_date(work, event).date.starts_at, [ada.public_id, bea.public_id]
        public = f"/events/{event.public_id}"
    for moment, goes in ((starts - timedelta(hours=1), False), (starts, True)):
        stopped_clock.set(moment)
        clients = [app.test_client(), app.test_client()]
        for client, name in zip(clients, ("ada", "bea"), strict=True):
            sign_in(client, f"{name}@example.org")
        answers = [
            client.get(f"/events/registrations/{page}/join")
            for client, page in zip(clients, pages, strict=True)
        ]
        assert [answer.headers["Location"] == link for answer in answers] == [goes, False]
        assert link not in app.test_client().get(public).get_data(as_text=True)
    with site.reading() as work:
        assert entry_of(work, ada).row.came == 1
        assert entry_of(work, bea).row.came == 0


def test_an_address_says_what_was_asked() -> None:
    settings = {"bbb_url": "https://bbb.example.org/bigbluebutton/", "bbb_secret": SECRET}
    address = meetings.bbb_address(settings, "join", {"fullName": "Ada & Bea"})
    query = urlencode({"fullName": "Ada & Bea"})
    assert address.startswith(f"https://bbb.example.org/bigbluebutton/api/join?{query}&checksum=")
