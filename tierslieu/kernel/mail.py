"""Mails: a row in the same transaction as what it tells, sent by a job, or kept and shown.

The text is made once, in the reader's language, when it is posted. Nothing here waits for a mail
server inside a request, and a mail that is tried twice has the same Message-ID.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import parse_qs, unquote, urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from tierslieu.kernel import languages
from tierslieu.kernel.db import Model
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.jobs import Postponed
from tierslieu.kernel.messages import Message
from tierslieu.kernel.outbox import JobKind
from tierslieu.kernel.tokens import new_public_id
from tierslieu.kernel.work import Work

if TYPE_CHECKING:
    from tierslieu.config import Config
    from tierslieu.kernel.site import Site

#: Mails to one address in an hour; more of them wait.
PER_HOUR = 30
#: Days after which mails that went out, were kept or failed are deleted.
DAYS_KEPT = 30
#: How long one step of the talk with the mail server may take, in seconds.
TIMEOUT = 20


class Mail(Model):
    """One mail. States: ``queued`` → ``sent`` | ``kept`` (no server is set) | ``failed``."""

    __tablename__ = "mail"
    __table_args__ = (
        sa.CheckConstraint("state IN ('queued', 'sent', 'kept', 'failed')", name="state"),
        sa.Index("ix_mail_to", "to_address", "sent_at"),
        sa.Index("ix_mail_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    to_address: Mapped[str] = mapped_column(sa.String(254))
    # No foreign key: the kernel knows no people; `forget` is called when one is erased.
    person_id: Mapped[int | None]
    locale: Mapped[str] = mapped_column(sa.String(8), default="")
    subject: Mapped[str]
    body: Mapped[str]
    calendar: Mapped[str | None]
    calendar_method: Mapped[str | None] = mapped_column(sa.String(16))
    message_id: Mapped[str] = mapped_column(sa.String(200))
    about: Mapped[str] = mapped_column(sa.String(64), default="")
    state: Mapped[str] = mapped_column(sa.String(8), default="queued")
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


_TABLE = cast(sa.Table, Mail.__table__)
_MAIL = sa.insert(_TABLE).returning(_TABLE.c.id)


class ToTell(Model):
    """Something a person without e-mail should be told by somebody at the venue's desk."""

    __tablename__ = "to_tell"
    __table_args__ = (
        sa.Index("ix_to_tell_venue", "venue_id", "told_at"),
        sa.Index("ix_to_tell_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)
    person_id: Mapped[int]
    venue_id: Mapped[int]
    #: The sentences as they were made, in the network's language: the desk reads them.
    text: Mapped[str]
    about: Mapped[str] = mapped_column(sa.String(64), default="")
    created_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    told_by_id: Mapped[int | None]


class Reader(Protocol):
    """Who is written to: a person."""

    @property
    def id(self) -> int: ...
    @property
    def email(self) -> str | None: ...
    @property
    def locale(self) -> str: ...


def post(
    work: Work,
    person: Reader | None,
    subject: Message | str,
    lines: Sequence[Message | str],
    *,
    link: str | None = None,
    to: str | None = None,
    locale: str | None = None,
    zone: str | None = None,
    venue_id: int | None = None,
    about: str = "",
    calendar: str | None = None,
    calendar_method: str = "PUBLISH",
) -> bool:
    """Write a mail in the reader's language; False when she has no address.

    ``to`` is used instead of the person's own address (her account's, a new one). ``link`` may
    begin with "/": the site's address is put before it. ``zone`` is where times are read. Somebody
    without an address gets an entry "to be told" for ``venue_id``, when that is given.
    """
    address = one_line(to or (person.email if person is not None else None) or "")
    reader = locale or (person.locale if person is not None else None) or work.locale
    if not address:
        if person is not None and venue_id is not None:
            tell_by_voice(work, person.id, venue_id, [subject, *lines], zone=zone, about=about)
        return False
    paragraphs = [say(work.site, line, reader, zone) for line in lines]
    if link is not None:
        paragraphs.append(absolute(work.site.config, link))
    person_id = person.id if person is not None else None
    mail_id = work.run(
        _MAIL,
        {
            "public_id": new_public_id(),
            "to_address": address[:254],
            "person_id": person_id,
            "locale": reader,
            "subject": one_line(say(work.site, subject, reader, zone)),
            "body": "\n\n".join(paragraphs) + "\n",
            "calendar": calendar,
            "calendar_method": calendar_method if calendar is not None else None,
            "message_id": f"<{new_public_id()}@{host(work.site.config)}>",
            "about": about,
            "state": "queued",
            "created_at": work.now,
        },
    ).scalar_one()
    work.later("mail.send", about_person=person_id, mail_id=mail_id)
    return True


def tell_by_voice(
    work: Work,
    person_id: int,
    venue_id: int,
    lines: Sequence[Message | str],
    *,
    zone: str | None = None,
    about: str = "",
) -> ToTell:
    """Put on the venue's Today that somebody should tell her this; ticked when done."""
    network = work.site.config.locale
    entry = ToTell(
        person_id=person_id,
        venue_id=venue_id,
        text="\n".join(say(work.site, line, network, zone) for line in lines),
        about=about,
        created_at=work.now,
    )
    work.session.add(entry)
    work.session.flush()
    return entry


def to_be_told(session: Session, venue_id: int) -> list[ToTell]:
    """What is still to be told at a venue, oldest first."""
    question = (
        sa.select(ToTell)
        .where(ToTell.venue_id == venue_id, ToTell.told_at.is_(None))
        .order_by(ToTell.id)
    )
    return list(session.scalars(question))


def told(work: Work, public_id: str, venue_id: int) -> None:
    """Tick that it was told. Raises NotFound when the venue has no such entry."""
    entry = work.session.scalar(
        sa.select(ToTell).where(ToTell.public_id == public_id, ToTell.venue_id == venue_id)
    )
    if entry is None:
        raise NotFound()
    if entry.told_at is None:
        entry.told_at, entry.told_by_id = work.now, work.actor.person_id


def recent(session: Session, *, state: str | None = None, limit: int = 50) -> list[Mail]:
    """The newest mails, of one state or of all; for the administrator's page."""
    question = sa.select(Mail).order_by(Mail.id.desc()).limit(limit)
    if state is not None:
        question = question.where(Mail.state == state)
    return list(session.scalars(question))


def forget(work: Work, person_id: int) -> None:
    """Delete every mail to a person and all that she should be told: she is being erased."""
    for table in (Mail, ToTell):
        work.session.execute(sa.delete(table).where(table.person_id == person_id))


def say(site: Site, text: Message | str, locale: str, zone: str | None) -> str:
    """A sentence in the reader's language, by the site's own translator when it has one."""
    return (site.translate or languages.say)(text, locale, zone)


def one_line(text: str) -> str:
    """Text without line breaks and other control characters: safe in a header."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", text).split())


def host(config: Config) -> str:
    """The name in the site's own address."""
    return urlsplit(config.base_url).hostname or "localhost"


def absolute(config: Config, link: str) -> str:
    """A link that works from a mail."""
    return config.base_url.rstrip("/") + link if link.startswith("/") else link


def as_message(config: Config, mail: Mail) -> EmailMessage:
    """The mail as it goes over the wire. Raises ValueError on an address no header can hold."""
    if "@" not in parseaddr(mail.to_address)[1]:
        raise ValueError(f"not an address: {mail.to_address!r}")
    message = EmailMessage()
    message["From"] = config.mail_from or f"noreply@{host(config)}"
    message["To"] = mail.to_address
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    if mail.locale:
        message["Content-Language"] = mail.locale
    message.set_content(mail.body)
    if mail.calendar is not None:
        method = mail.calendar_method or "PUBLISH"
        message.add_alternative(mail.calendar, subtype="calendar", params={"method": method})
    return message


def _send(site: Site, mail_id: int) -> str:
    """Hand one mail to the server, with no transaction open; the state it then has."""
    with site.reading() as work:
        mail = work.session.get(Mail, mail_id)
        if mail is None or mail.state == "sent":
            return "sent"
        if not site.config.mail_url:
            return "kept"
        _spare(work, mail)
    _deliver(site.config.mail_url, as_message(site.config, mail))
    return "sent"


def _spare(work: Work, mail: Mail) -> None:
    """Raise Postponed when this address got its hour's worth: a loop must not flood anybody."""
    question = sa.select(sa.func.count(Mail.id)).where(
        Mail.to_address == mail.to_address, Mail.sent_at > work.now - timedelta(hours=1)
    )
    if (work.session.scalar(question) or 0) >= PER_HOUR:
        raise Postponed(work.now + timedelta(minutes=20), "too many mails to this address")


def _deliver(url: str, message: EmailMessage) -> None:
    import smtplib
    import ssl

    parts = urlsplit(url)
    starttls = parts.scheme in {"starttls", "smtp+starttls"} or "starttls" in parse_qs(
        parts.query, keep_blank_values=True
    )
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(
            parts.hostname or "localhost", parts.port or 465, timeout=TIMEOUT, context=context
        )
    else:
        port = parts.port or (587 if starttls else 25)
        server = smtplib.SMTP(parts.hostname or "localhost", port, timeout=TIMEOUT)
    with server:
        if starttls:
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _mark(work: Work, state: str, mail_id: int) -> None:
    work.session.execute(
        sa.update(Mail)
        .where(Mail.id == mail_id, Mail.state != "sent")
        .values(state=state, sent_at=work.now if state == "sent" else None, error=None)
    )


def _mark_failed(work: Work, error: str, mail_id: int) -> None:
    work.session.execute(
        sa.update(Mail).where(Mail.id == mail_id).values(state="failed", error=error)
    )


def _purge(work: Work) -> None:
    before = work.now - timedelta(days=DAYS_KEPT)
    work.session.execute(sa.delete(Mail).where(Mail.state != "queued", Mail.created_at < before))
    work.session.execute(sa.delete(ToTell).where(ToTell.told_at < before))


JOBS = (
    JobKind("mail.send", _mark, outside=_send, failed=_mark_failed, max_attempts=12),
    JobKind("mail.purge", _purge, every_minutes=24 * 60),
)
