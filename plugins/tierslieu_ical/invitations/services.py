"""Invitations beside mails; taking in what people answer."""

from __future__ import annotations

from collections.abc import Iterable
from email import policy
from email.parser import BytesParser

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_ical.addresses import public_base
from tierslieu_ical.invitations import queries
from tierslieu_ical.invitations.models import CalendarReply, NoInvitations
from tierslieu_ical.invitations.queries import Answered
from tierslieu_ical.invitations.rules import (
    METHODS,
    Party,
    Reply,
    invitation,
    is_sealed,
    replies,
    seal,
    sealed_address,
    seals_in,
)

msg = tl.sentences("tierslieu_ical")

#: Bytes of a mail that are read, and of the calendar in it; parts that are looked at.
MOST_BYTES, MOST_CALENDAR, MOST_PARTS = 1_000_000, 200_000, 50
#: Where a mail says to whom it went.
RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")


def calendars(work: tl.Work, booking_id: int) -> Iterable[tl.MailCalendar]:
    """What goes beside the words of a mail about a booking."""
    found = queries.invited(work.session, booking_id)
    method = METHODS.get(found.state) if found is not None else None
    if found is None or method is None:
        return
    address = reply_address(work)
    organiser = address or work.site.config.mail_from or _nobody(work)
    if address:
        organiser = sealed_address(address, _seal(work, found.uid, found.person_id))
    party = Party(organiser, found.venue, found.email, found.name, bool(address))
    yield tl.MailCalendar(invitation(found.text, found.zone, method, party), method)


def reply_address(work: tl.Work) -> str:
    """Where answers are read; "" where they are not, or where the setting is no address."""
    said = str(tl.setting(work, "reply_address") or "").strip()
    name, _, host = said.rpartition("@")
    fits = (
        name.isascii() and 0 < len(name) <= 30 and "." in host and not set(said) & set(' +<>,;:"')
    )
    return said if fits else ""


def choose_invitations(work: tl.Work, wanted: bool) -> None:
    """Whether the actor's mails carry invitations."""
    work.require("feeds.own", own=True)
    person_id = work.actor.person_id
    if person_id is None:
        raise tl.NotFound
    if wanted is queries.wants_invitations(work.session, person_id):
        return
    if wanted:
        gone = sa.delete(NoInvitations).where(NoInvitations.person_id == person_id)
        work.session.execute(gone)
    else:
        work.session.add(NoInvitations(person_id=person_id, since=work.now))
    verb = "feeds.invitations_on" if wanted else "feeds.invitations_off"
    work.audit(verb, "me", person=person_id)


def forget(work: tl.Work, person_id: int) -> None:
    """Delete what somebody answered and chose."""
    for table in (CalendarReply, NoInvitations):
        work.session.execute(sa.delete(table).where(table.person_id == person_id))


# -- mails that come in ----------------------------------------------------------------------------


class NotTaken(Exception):
    """Why a mail was not taken in, in words for the mail server's log."""


def calendar_in(raw: bytes) -> tuple[str, str]:
    """The calendar of a mail, and the addresses it was sent to. Raises NotTaken."""
    if len(raw) > MOST_BYTES:
        raise NotTaken(f"the mail is larger than {MOST_BYTES} bytes")
    try:
        # The old policy reads what is broken as it is, and parses no header by itself.
        message = BytesParser(policy=policy.compat32).parsebytes(raw)
        sent_to = " ".join(str(value) for name in RECIPIENTS for value in message.get_all(name, ()))
        text = _calendar_text(message)
    except Exception as error:  # a mail may be anything: it is never our fault
        raise NotTaken(f"the mail cannot be read: {type(error).__name__}") from None
    if text is None:
        raise NotTaken("no calendar in it")
    return text, sent_to


def _calendar_text(message: object) -> str | None:
    for number, part in enumerate(message.walk()):  # type: ignore[attr-defined]
        if number >= MOST_PARTS:
            return None
        kind = part.get_content_type()
        named = str(part.get_filename() or "").lower().endswith(".ics")
        if kind == "text/calendar" or (named and kind.startswith("application/")):
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and len(content) <= MOST_CALENDAR:
                return content.decode("utf-8", "replace")
    return None


def take_reply(work: tl.Work, raw: bytes, recipient: str = "") -> str:
    """Take in one mail; what became of it, in words. Raises NotTaken for what is no reply to us."""
    text, sent_to = calendar_in(raw)
    found = replies(text)
    if not found:
        raise NotTaken("no reply to an invitation in it")
    return "; ".join(_take(work, reply, f"{recipient} {sent_to} ") for reply in found)


def _take(work: tl.Work, reply: Reply, sent_to: str) -> str:
    about = _proved(work, reply, sent_to)
    person = about[0].person
    latest = max(about, key=lambda each: each.booking.revision).booking
    written_at = min(reply.written_at or work.now, work.now)
    if reply.sequence < latest.revision and written_at < latest.changed_at:
        return "out of date: it answers what has changed since"
    kept = queries.kept(work.session, reply.uid, person.id, reply.at)
    if kept is not None and written_at < kept.written_at:
        return "out of date: a later answer is known"
    before = kept.answer if kept is not None else ""
    if kept is None:
        kept = CalendarReply(uid=reply.uid, person_id=person.id, original_starts_at=reply.at)
        work.session.add(kept)
    kept.answer, kept.written_at, kept.received_at = reply.answer, written_at, work.now
    if before != reply.answer:
        first = about[0]
        work.audit(
            "feeds.answered",
            f"booking:{first.booking.public_id}",
            venue=first.venue_id,
            person=person.id,
            answer=reply.answer,
        )
        if reply.answer == "declined":
            _say_how_to_cancel(work, first)
    work.session.flush()
    return reply.answer


def _proved(work: tl.Work, reply: Reply, sent_to: str) -> list[Answered]:
    """The bookings a reply is about, once it is sure whose it is. Raises NotTaken (invariant 2)."""
    found = queries.bookings_of(work.session, reply.uid)
    # The seal first: whoever has none learns nothing of what there is.
    seals = seals_in(f"{sent_to} {reply.organiser}")
    key = work.site.config.secret_key
    people = {each.person.id for each in found}
    proved = {p for p in people for s in seals if is_sealed(s, key, reply.uid, p)}
    about = [each for each in found if each.person.id in proved]
    if reply.at is not None:
        about = [each for each in about if each.booking.original_starts_at == reply.at]
    hers = [each for each in about if _same_address(each.person.email, reply.attendee)]
    if not hers:
        raise NotTaken("no invitation of ours is proved by it")
    return hers


def _same_address(one: str | None, other: str) -> bool:
    return bool(one) and str(one).strip().casefold() == other.strip().casefold()


def _say_how_to_cancel(work: tl.Work, about: Answered) -> None:
    booking = about.booking
    if booking.state not in ("confirmed", "checked_in") or booking.original_starts_at < work.now:
        return
    tl.post(
        work,
        tl.addressee(work.session, about.person.id),
        msg("Your booking still stands"),
        [
            msg("Your calendar answered that you are not coming: %(title)s.", title=about.title),
            msg("The room is kept for you all the same. If you do not need it, cancel it here:"),
        ],
        link=f"/bookings/{booking.public_id}",
        zone=booking.zone,
        venue_id=about.venue_id,
        about=f"booking:{booking.public_id}",
    )


def _seal(work: tl.Work, uid: str, person_id: int) -> str:
    return seal(work.site.config.secret_key, uid, person_id)


def _nobody(work: tl.Work) -> str:
    host = public_base(work.site).partition("://")[2].partition("/")[0].partition(":")[0]
    return f"noreply@{host or 'localhost'}"
