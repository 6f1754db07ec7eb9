"""Mails that calendars understand, and what comes back: invariants 1 to 4 of invitations."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any

import icalendar
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

import tierslieu.toolkit as tl
from tierslieu.testing import a_room, a_venue, an_account, sign_in
from tierslieu_ical.invitations.commands import mail_in
from tierslieu_ical.invitations.rules import replies, seal, seals_in
from tierslieu_ical.invitations.services import NotTaken, take_reply


class Scene:
    """Ada books by the real verbs; answers come to calendar@example.org."""

    def __init__(self, site: tl.Site, client: Any) -> None:
        self.site, self.client = site, client
        with site.writing() as work:
            self.room = a_room(work, a_venue(work))
            self.ada = an_account(work, "ada@example.org").person_id
            self.manager = an_account(work, "m@example.org", role="network_admin")
            rows = tl.Model.metadata.tables["plugin_setting"]
            said = {"plugin": "ical", "name": "reply_address", "scope": "network", "scope_id": 0}
            value = {"value": "calendar@example.org", "changed_at": work.now}
            work.session.execute(sa.insert(rows).values(**said, **value))
        site.plugins.switches.stale()
        with site.writing() as work:
            start = work.now.replace(minute=0, second=0) + timedelta(days=3)
            span = tl.Span(start, start + timedelta(hours=2))
            self.booking = tl.book(
                work, tl.NewBooking(self.room.public_id, span, "Choir", person_id=self.ada)
            )

    def mails(self) -> list[Any]:
        mail = tl.Model.metadata.tables["mail"]
        with self.site.reading() as work:
            return list(work.session.execute(sa.select(mail).order_by(mail.c.id)))

    def invitation(self) -> Any:
        """The newest calendar that a mail carried, as (method, event)."""
        newest = [mail for mail in self.mails() if mail.calendar][-1]
        calendar = icalendar.Calendar.from_ical(newest.calendar)
        assert calendar["METHOD"] == newest.calendar_method
        return SimpleNamespace(method=newest.calendar_method, event=calendar.walk("VEVENT")[0])

    def answer(self, said: str = "DECLINED", **facts: str) -> bytes:
        event = self.invitation().event
        lines = {
            "UID": str(event["UID"]),
            "SEQUENCE": str(event["SEQUENCE"]),
            "ORGANIZER": str(event["ORGANIZER"]),
            "ATTENDEE": "mailto:Ada@example.org",
            "DTSTAMP": "20991231T100000Z",
            "METHOD": "REPLY",
        } | facts
        method, attendee = lines.pop("METHOD"), lines.pop("ATTENDEE")
        body = "".join(f"{name}:{value}\r\n" for name, value in lines.items() if value)
        text = (
            f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\n{body}"
            f'ATTENDEE;CN="Ada; L: x";PARTSTAT={said}:{attendee}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n'
        )
        mail = EmailMessage()
        mail["From"], mail["To"] = "anybody@example.net", "calendar@example.org"
        mail.set_content("Declined.")
        mail.add_alternative(text, subtype="calendar", params={"method": "REPLY"})
        return mail.as_bytes()

    def take(self, raw: bytes, recipient: str = "") -> str:
        with self.site.writing(tl.SYSTEM) as work:
            return take_reply(work, raw, recipient)

    def answers(self) -> list[str]:
        rows = tl.Model.metadata.tables["ical_reply"]
        with self.site.reading() as work:
            return list(work.session.scalars(sa.select(rows.c.answer)))


@pytest.fixture
def scene(site: tl.Site, client: Any) -> Scene:
    return Scene(site, client)


def test_invariant_1_mails_carry_what_feeds_say(scene: Scene) -> None:
    first = scene.invitation()
    with scene.site.reading() as work:
        fragment = tl.Model.metadata.tables["ical_fragment"]
        own = work.session.scalars(sa.select(fragment.c.own_text)).one()
    [told] = icalendar.Calendar.from_ical(f"BEGIN:VCALENDAR\r\n{own}END:VCALENDAR").walk("VEVENT")
    assert first.method == "REQUEST"
    assert (first.event["UID"], first.event["SEQUENCE"]) == (told["UID"], told["SEQUENCE"])
    assert first.event["ATTENDEE"] == "mailto:ada@example.org"
    assert first.event["ATTENDEE"].params["RSVP"] == "TRUE"
    assert str(first.event["ORGANIZER"]).startswith("mailto:calendar+")

    with scene.site.writing() as work:
        tl.cancel(work, scene.booking.public_id, "The roof leaks")
    last = scene.invitation()
    assert (last.method, last.event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert last.event["UID"] == first.event["UID"]
    assert last.event["SEQUENCE"] > first.event["SEQUENCE"]


def test_she_wants_none_or_nobody_reads_answers(scene: Scene) -> None:
    sign_in(scene.client, "ada@example.org")
    scene.client.application.config["WTF_CSRF_ENABLED"] = False
    assert "Send me none" in scene.client.get("/feeds").get_data(as_text=True)
    scene.client.post("/feeds/invitations", data={"wanted": "0"})
    before = len(scene.mails())
    with scene.site.writing() as work:
        rows = tl.Model.metadata.tables["plugin_setting"]
        work.session.execute(sa.update(rows).values(value="no address"))
    scene.site.plugins.switches.stale()

    def book(days: int) -> Any:
        with scene.site.writing() as work:
            start = work.now.replace(minute=0, second=0) + timedelta(days=days)
            span = tl.Span(start, start + timedelta(hours=2))
            tl.book(work, tl.NewBooking(scene.room.public_id, span, "Ball", person_id=scene.ada))
        return scene.mails()[-1]

    assert book(4).calendar is None
    assert len(scene.mails()) == before + 1
    assert "Send me entries" in scene.client.get("/feeds").get_data(as_text=True)
    assert "none in mails" in scene.client.get("/me/privacy/export").get_data(as_text=True)
    scene.client.post("/feeds/invitations", data={"wanted": "1"})
    book(5)
    event = scene.invitation().event
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert "+" not in str(event["ORGANIZER"])


def test_invariant_3_a_no_is_kept_and_answered_and_cancels_nothing(scene: Scene) -> None:
    before = len(scene.mails())
    assert scene.take(scene.answer("DECLINED")) == "declined"
    assert scene.take(scene.answer("DECLINED")) == "declined"

    assert scene.answers() == ["declined"]
    new = scene.mails()[before:]
    assert [mail.subject for mail in new] == ["Your booking still stands"]
    assert f"/bookings/{scene.booking.public_id}" in new[0].body
    with scene.site.reading() as work:
        assert work.session.get_one(tl.Booking, scene.booking.id).state == "confirmed"
    pages = {}
    for who in ("ada", "m"):
        client = scene.client.application.test_client()
        sign_in(client, f"{who}@example.org")
        pages[who] = client.get(f"/bookings/{scene.booking.public_id}").get_data(as_text=True)
    assert "Your calendar says that you are not coming" in pages["ada"]
    record = f"/manage/gattaglio/bookings/{scene.booking.public_id}"
    assert "Her calendar says: not coming" in client.get(record).get_data(as_text=True)

    older = scene.answer("ACCEPTED", DTSTAMP="20200101T000000Z")
    assert scene.take(older).startswith("out of date")
    assert scene.take(scene.answer("TENTATIVE", SEQUENCE="")) == "tentative"
    assert scene.answers() == ["tentative"]


@pytest.mark.parametrize(
    "facts",
    [
        {"ORGANIZER": "mailto:calendar@example.org"},
        {"ORGANIZER": "mailto:calendar+" + "a" * 26 + "@example.org"},
        {"ATTENDEE": "mailto:eve@example.org"},
        {"UID": "another@tierslieu"},
        {"METHOD": "REQUEST"},
        {"RECURRENCE-ID": "20200101T000000Z"},
        {"RECURRENCE-ID": "when I like"},
    ],
    ids=lambda facts: " ".join(facts),
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_invariant_2_what_is_not_proved_is_left_alone(scene: Scene, facts: dict[str, str]) -> None:
    with pytest.raises(NotTaken):
        scene.take(scene.answer("DECLINED", **facts))

    assert scene.answers() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_seal_may_come_with_the_address_it_was_delivered_to(scene: Scene) -> None:
    token = seal(scene.site.config.secret_key, scene.booking.uid, scene.ada)
    raw = scene.answer("ACCEPTED", ORGANIZER="mailto:calendar@example.org")

    assert scene.take(raw, f"CALENDAR+{token.upper()}@example.org") == "accepted"
    assert seals_in(f"calendar+{token}@example.org, x+y@z") == {token}
    assert seal("another key", scene.booking.uid, scene.ada) != token
    assert seal(scene.site.config.secret_key, scene.booking.uid, scene.ada + 1) != token


BROKEN = [
    b"",
    b"\xff\xfe\x00" * 50,
    b"Content-Type: multipart/mixed; boundary=x\n\n--x\n--x--\n",
    b"Content-Type: text/calendar; charset=\xff\nContent-Transfer-Encoding: base64\n\n%%%",
    b"Content-Type: text/calendar\n\nMETHOD:REPLY\nBEGIN:VEVENT\nATTENDEE;PARTSTAT=ACCEPTED:x\n",
    b"Content-Type: text/calendar\n\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:a\nDTSTAMP;TZID=../..:1\n%b"
    % b"ATTENDEE;PARTSTAT=ACCEPTED:x\nEND:VEVENT\n",
    b"Subject: " + b"a" * 1_100_000,
    b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\n\n" * 2_000,
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_invariant_4_no_mail_makes_it_raise(site: tl.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    run = CliRunner()
    for raw in BROKEN:
        said = run.invoke(mail_in, ["--reject"], obj=site, input=raw)
        assert (said.exit_code, said.output[:12]) == (65, "left alone: "), (raw[:60], said.output)
        assert run.invoke(mail_in, [], obj=site, input=raw).exit_code == 0
    monkeypatch.setattr(type(site), "writing", lambda *_: 1 / 0)
    assert run.invoke(mail_in, [], obj=site, input=b"x").exit_code == 75


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_mail_in_says_what_became_of_it(scene: Scene) -> None:
    said = CliRunner().invoke(mail_in, [], obj=scene.site, input=scene.answer("ACCEPTED"))

    assert (said.exit_code, said.output) == (0, "taken: accepted\n")


def test_replies_as_programmes_write_them() -> None:
    outlook = (
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nATTENDEE;PARTSTAT=TENTATIVE;RSVP=\r\n"
        " TRUE:MAILTO:ada@example.org\r\nUID:a@tierslieu\r\nSEQUENCE:2\r\n"
        "RECURRENCE-ID;TZID=Europe/Rome:20261103T180000\r\nDTSTAMP:20261101T100000Z\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    [found] = replies(outlook)

    assert (found.answer, found.attendee, found.sequence) == ("tentative", "ada@example.org", 2)
    assert found.at is not None
    assert found.at.isoformat() == "2026-11-03T17:00:00+00:00"
    assert replies(outlook.replace("REPLY", "REQUEST")) == []
    assert replies(outlook.replace("TENTATIVE", "DELEGATED")) == []
    assert len(replies(outlook.replace("END:VCALENDAR", outlook * 100))) <= 50
