"""What the calendars add to other pages, exports and the doctor's list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_ical import queries, services
from tierslieu_ical.addresses import public_address, public_base, webcal
from tierslieu_ical.invitations import queries as invitations
from tierslieu_ical.invitations.panels import answered, reply_row
from tierslieu_ical.invitations.services import calendars
from tierslieu_ical.invitations.services import forget as forget_answers
from tierslieu_ical.models import Feed

msg = tl.sentences("tierslieu_ical")


def jobs() -> Iterable[Any]:
    """The kinds of jobs."""
    return list(import_module("tierslieu_ical.jobs").KINDS)


def blueprints() -> list[Any]:
    """The pages; looked for when the web is set up."""
    names = ("tierslieu_ical.views", "tierslieu_ical.feeds.views")
    return [import_module(name).bp for name in names]


def commands() -> list[Any]:
    """What is added to the command line."""
    return [
        import_module("tierslieu_ical.commands").ical,
        import_module("tierslieu_ical.invitations.commands").mail_in,
    ]


PERSON_COLUMNS = {
    "ical_feed.person_id": "delete",
    "ical_fragment.person_id": "forget",
    "ical_reply.person_id": "delete",
    "ical_no_invitations.person_id": "delete",
}


def person_parts(work: tl.Work, person_id: int) -> Iterable[tl.PersonDataPart]:
    """What is kept about a person: her addresses and her answers."""
    rows = (feed_row(feed) for feed in queries.feeds_of(work.session, person_id))
    yield tl.PersonDataPart(msg("Calendar addresses"), tuple(rows))
    wants = invitations.wants_invitations(work.session, person_id)
    answers = [reply_row(each) for each in invitations.replies_of(work.session, person_id)]
    if answers or not wants:
        chosen = [] if wants else [{"invitations": "none in mails"}]
        yield tl.PersonDataPart(msg("Answers from the calendar"), (*chosen, *answers))


def forget(work: tl.Work, person_id: int) -> None:
    """Take a person out of everything kept here."""
    services.forget(work, person_id)
    forget_answers(work, person_id)


def subscribe(work: tl.Work, place: str, subject: Mapping[str, Any]) -> Iterable[tl.Panel]:
    """The way to subscribe, on the pages of a venue, of a room, on one's own and a booking's."""
    if place == "venue" and "venue" in subject:
        yield _public(work, "venue", subject["venue"].slug, subject["venue"].name)
    elif place == "room" and "room" in subject:
        yield _public(work, "room", subject["room"].public_id, subject["room"].name)
    elif place == "me" and work.actor.person_id is not None:
        mine = queries.feeds_of(work.session, work.actor.person_id)
        feeds = [feed for feed in mine if feed.scope == "own"]
        base = public_base(work.site)
        yield tl.Panel("ical/mine.html", {"feeds": feeds, "base": base}, order=60)
    elif place == "booking" and "booking" in subject:
        yield from _file(work, subject["booking"])


def _file(work: tl.Work, shown: Any) -> Iterable[tl.Panel]:
    """The calendar file of a booking, for those whose booking it is."""
    booking = getattr(shown, "booking", shown)
    if queries.one_booking(work.session, booking.public_id, work.actor) is not None:
        yield tl.Panel("ical/booking.html", {"public_id": booking.public_id}, order=60)


def _public(work: tl.Work, kind: str, key: str, name: str) -> tl.Panel:
    address = public_address(work.site, kind, key)
    values = {
        "address": address,
        "webcal": webcal(address),
        "kind": kind,
        "key": key,
        "name": name,
    }
    return tl.Panel("ical/subscribe.html", values, order=60)


def feed_row(feed: Feed) -> dict[str, object]:
    """An address as its owner exports it; the address itself is kept nowhere."""
    used = feed.last_used_at
    return {
        "address": feed.hint,
        "opens": f"{feed.scope} ({feed.detail})",
        "made": feed.created_at.isoformat(),
        "last used": used and used.isoformat(),
    }


def invent(work: tl.Work) -> None:
    """A calendar address of the demo's member, as if a phone had asked for it."""
    asked = sa.select(tl.Account.person_id).where(tl.Account.email == "member@demo.example")
    if person_id := work.session.scalar(asked):
        token = tl.new_token("tlf_")
        hint = f"{token[:7]}…{token[-3:]}"
        work.session.add(
            Feed(
                person_id=person_id,
                token_hash=tl.hash_token(token),
                hint=hint,
                created_at=work.now,
            )
        )


def health(behind: tuple[int, int]) -> Iterable[tl.HealthCheck]:
    """Whether every booking has its text, made as it is made today."""
    missing, old = behind
    if missing or old:
        found = msg("%(n)s bookings are not in the calendars yet.", n=missing + old)
        yield tl.HealthCheck("calendars", "warning", found)
    else:
        yield tl.HealthCheck("calendars", "ok", msg("Every booking is in the calendars."))


__all__ = ["answered", "calendars"]
