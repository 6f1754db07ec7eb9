"""Mails go out if and only if what they tell was done, with nothing in them that was not meant."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from email.message import Message as Parsed
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from tierslieu.kernel import clock, mail
from tierslieu.kernel.jobs import drain
from tierslieu.kernel.mail import Mail, ToTell
from tierslieu.kernel.messages import msg
from tierslieu.kernel.outbox import Job
from tierslieu.kernel.site import Site


@dataclass(frozen=True)
class Somebody:
    id: int = 1
    email: str | None = "lia@example.org"
    locale: str = "en"


class Post:
    """A mail server that keeps what it is given, and refuses the first ``refuse`` of them."""

    def __init__(self) -> None:
        self.mails: list[Parsed] = []
        self.refuse = 0
        self.drop_after_data = 0

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        if self.refuse:
            self.refuse -= 1
            return "451 try later"
        self.mails.append(email.message_from_bytes(envelope.content))
        if self.drop_after_data:
            self.drop_after_data -= 1
            return "451 dropped after it was taken"
        return "250 taken"


@pytest.fixture
def post(site: Site) -> Iterator[Post]:
    found = Post()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    site.config = replace(site.config, mail_url=f"smtp://127.0.0.1:{port}")
    yield found
    controller.stop()


def send(site: Site, person: Somebody | None = None, **more: Any) -> bool:
    with site.writing() as work:
        return mail.post(
            work,
            person or Somebody(),
            msg("Your booking"),
            [msg("It is confirmed for %(day)s.", day="Monday")],
            **more,
        )


def row(site: Site) -> Mail:
    with site.reading() as work:
        return work.session.scalars(sa.select(Mail)).one()


def test_without_a_server_a_mail_is_kept_and_shown(site: Site) -> None:
    assert send(site, link="/me")
    assert row(site).state == "queued"
    drain(site)
    assert row(site).state == "kept"
    assert row(site).body == "It is confirmed for Monday.\n\nhttp://localhost/me\n"


def test_a_mail_goes_to_the_server(site: Site, post: Post) -> None:
    send(site)
    drain(site)
    assert row(site).state == "sent"
    taken = post.mails[0]
    assert taken["To"] == "lia@example.org"
    assert taken["From"] == "noreply@localhost"
    assert taken["Subject"] == "Your booking"
    assert "confirmed for Monday" in taken.get_payload()


def test_a_mail_of_work_that_failed_is_never_sent(site: Site, post: Post) -> None:
    with suppress(ZeroDivisionError), site.writing() as work:
        mail.post(work, Somebody(), "a", ["b"])
        raise ZeroDivisionError
    drain(site)
    assert post.mails == []


def test_a_server_that_drops_after_taking_gets_the_same_message_id_again(
    site: Site, post: Post
) -> None:
    post.drop_after_data = 1
    send(site)
    drain(site)
    assert row(site).state == "queued"
    with clock.frozen(clock.now() + timedelta(hours=1)):
        drain(site)
    assert row(site).state == "sent"
    assert len(post.mails) == 2
    assert post.mails[0]["Message-ID"] == post.mails[1]["Message-ID"]


def test_a_server_that_never_takes_it_makes_it_failed_in_the_end(site: Site, post: Post) -> None:
    post.refuse = 1000
    send(site)
    now = clock.now()
    for hour in range(15):
        with clock.frozen(now + timedelta(hours=2 * hour)):
            drain(site)
    assert row(site).state == "failed"
    assert "451" in (row(site).error or "")


@pytest.mark.parametrize(
    "text", ["a\r\nBcc: eve@example.org", "a\nb", "a\u2028b", "a\x00b", "a\x85b"]
)
def test_nothing_in_a_subject_becomes_a_header(site: Site, post: Post, text: str) -> None:
    with site.writing() as work:
        mail.post(work, Somebody(), text, ["x"])
    drain(site)
    taken = post.mails[0]
    assert taken["Bcc"] is None
    assert "\n" not in taken["Subject"]


@pytest.mark.parametrize("address", ["nobody", "a@b\r\nBcc: eve@example.org", "@", " "])
def test_nothing_in_an_address_becomes_a_header(site: Site, post: Post, address: str) -> None:
    with site.writing() as work:
        mail.post(work, None, "a", ["x"], to=address)
    drain(site)
    assert all(taken["Bcc"] is None for taken in post.mails)


def test_the_text_is_in_the_readers_language_and_times_in_the_places_zone(site: Site) -> None:
    from datetime import UTC, datetime

    with site.writing() as work:
        at = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
        mail.post(work, Somebody(locale="fr"), "a", [msg("At %(at)s", at=at)], zone="Europe/Rome")
    assert "24 novembre, 18:00" in row(site).body
    assert row(site).locale == "fr"


def test_somebody_without_an_address_is_told_by_voice(site: Site) -> None:
    assert not send(site, Somebody(email=None), venue_id=7)
    with site.writing() as work:
        entry = mail.to_be_told(work.session, 7)[0]
        assert entry.text == "Your booking\nIt is confirmed for Monday."
        mail.told(work, entry.public_id, 7)
        assert mail.to_be_told(work.session, 7) == []
        assert work.session.scalars(sa.select(Mail)).all() == []


def test_nobody_gets_more_than_a_bearable_number_an_hour(site: Site, post: Post) -> None:
    for _ in range(mail.PER_HOUR + 2):
        send(site)
    drain(site)
    assert len(post.mails) == mail.PER_HOUR
    with clock.frozen(clock.now() + timedelta(minutes=61)):
        drain(site)
    assert len(post.mails) == mail.PER_HOUR + 2


def test_an_invitation_travels_beside_the_text(site: Site, post: Post) -> None:
    send(site, calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", calendar_method="REQUEST")
    drain(site)
    parts = list(post.mails[0].walk())
    assert parts[0].get_content_type() == "multipart/alternative"
    assert parts[-1].get_content_type() == "text/calendar"
    assert parts[-1].get_param("method") == "REQUEST"


def test_mails_that_went_out_are_deleted_after_a_month(site: Site) -> None:
    send(site)
    drain(site)
    with clock.frozen(clock.now() + timedelta(days=31)), site.writing() as work:
        mail._purge(work)
    with site.reading() as work:
        assert work.session.scalars(sa.select(Mail)).all() == []


def test_what_concerns_an_erased_person_is_forgotten(site: Site) -> None:
    send(site)
    send(site, Somebody(email=None), venue_id=7)
    with site.writing() as work:
        mail.forget(work, 1)
        assert work.session.scalars(sa.select(Mail)).all() == []
        assert work.session.scalars(sa.select(ToTell)).all() == []
    drain(site)
    with site.reading() as work:
        states = set(work.session.scalars(sa.select(Job.state).where(Job.name == "mail.send")))
    assert states == {"done"}, "a job about a mail that is gone has nothing to do"
