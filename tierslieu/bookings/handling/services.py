"""Verbs of handling: cancel, move, keep or take another way, for one or many, told once to each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tierslieu import hookspecs
from tierslieu.bookings import mails
from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.desk.proposals import Proposal
from tierslieu.bookings.handling.models import Handling
from tierslieu.bookings.handling.offers import offers
from tierslieu.bookings.handling.queries import Done, Touch, handled, to_handle
from tierslieu.bookings.handling.rules import DONE
from tierslieu.bookings.handling.waits import tell_waits, waits_to_handle
from tierslieu.bookings.mails import Told
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.services import cancel
from tierslieu.bookings.states.services import found
from tierslieu.contributions import OtherWay
from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Reason, Refused
from tierslieu.kernel.languages import say
from tierslieu.kernel.mail import absolute, post
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import LocalSpan
from tierslieu.kernel.texts import clean
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person
from tierslieu.resources.locks.services import lock_leaves
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.services import venue_for

#: Bookings whose nearest alternatives are told when they are cancelled.
WITH_ALTERNATIVES = 20


@dataclass(frozen=True)
class Decision:
    """What becomes of bookings: ``act`` is cancel, move, keep or the key of another way.

    ``reason`` is told to each; ``words`` is what the other way asks for (a link, say);
    ``places``: public id of a booking → key of the offer it is moved to.
    """

    act: str
    reason: str = ""
    words: str = ""
    places: Mapping[str, str] = field(default_factory=dict)


def ways_at(work: Work, venue_id: int) -> list[OtherWay]:
    """What plugins offer instead of cancelling or moving."""
    return work.hooks.gather(hookspecs.other_ways, work=work, venue_id=venue_id)


def handle(work: Work, venue_id: int, public_ids: Collection[str], decision: Decision) -> int:
    """Do one thing with some bookings that are to be handled; how many they were.

    All of them or none. Each person hears once, with the reason and, where her booking ends, with
    what would be free. Those that somebody else handled meanwhile are passed over. Whoever only
    waits for a time inside is told and taken off the list, whatever the act: ``public_ids`` may
    name her entry.
    """
    venue = venue_for(work, venue_id, "closures.edit")
    reason = clean(decision.reason, lines=True, field="reason")[:2000]
    way = _way(work, venue_id, decision)
    rooms = work.session.scalars(sa.select(Room.id).where(Room.venue_id == venue_id)).all()
    # Bookings, then rooms: the order of every verb about a booking.
    asked = sa.select(Booking.id).where(
        Booking.public_id.in_(sorted(public_ids)), Booking.room_id.in_(rooms)
    )
    work.session.execute(asked.order_by(Booking.id).with_for_update()).all()
    lock_leaves(work, sorted(rooms))
    chosen = [
        touch
        for touch in to_handle(work.session, venue, work.now)
        if touch.view.booking.public_id in public_ids
    ]
    waits = [
        each
        for each in waits_to_handle(work.session, venue, work.now)
        if each.view.entry.public_id in public_ids
    ]
    more: dict[str, list[Message]] = {}
    first = [msg("The reason: %(reason)s", reason=reason)] if reason else []
    with mails.together(work, _subject(venue), first, more) as told:
        for touch in chosen:
            more[touch.view.booking.public_id] = _also(work, touch, decision)
        for touch in chosen:
            _ACTS.get(decision.act, _follow)(work, touch, decision, told)
            _remember(work, venue_id, touch, DONE.get(decision.act, decision.act), decision)
    if way is not None:
        ids = [touch.view.booking.id for touch in chosen]
        _tell_way(work, venue_id, way, ids, decision.words)
    tell_waits(work, venue, waits, first)
    work.audit("closure.handled", f"venue:{venue.slug}", venue=venue_id, act=decision.act,
               bookings=[touch.view.booking.public_id for touch in chosen])  # fmt: skip
    return len(chosen) + len(waits)


def _subject(venue: Venue) -> Message:
    return msg("About your bookings at %(venue)s", venue=venue.name)


def _way(work: Work, venue_id: int, decision: Decision) -> OtherWay | None:
    """The way that was chosen; raises Invalid for one that nobody offers, or without its words."""
    if decision.act == "keep" and not decision.reason.strip():
        raise Invalid("missing", msg("Say why: it stays written with the booking."), "reason")
    if decision.act in DONE:
        return None
    way = next((each for each in ways_at(work, venue_id) if each.key == decision.act), None)
    if way is None:
        raise Invalid("invalid", msg("Please choose one of those shown."), "act")
    if way.asks is not None and not decision.words.strip():
        raise Invalid("missing", msg("Please fill this in."), "words")
    return way


def _also(work: Work, touch: Touch, decision: Decision) -> list[Message]:
    """What is added about one booking: where it was, or what would be free instead."""
    view = touch.view
    if decision.act == "move":
        when = LocalSpan(view.span, ZoneInfo(view.zone))
        return [msg("It was: %(when)s, %(room)s", when=when, room=view.room_name)]
    if decision.act != "cancel":
        return []
    free = offers(work, view, touch.cause.ends_at)[:2]
    return [_alternative(work, view, offer) for offer in free]


def _alternative(work: Work, view: BookingView, offer: Proposal) -> Message:
    when = LocalSpan(offer.span, ZoneInfo(offer.zone))
    starts, ends = when.starts, when.ends
    people = f"&n={view.booking.attendance}" if view.booking.attendance else ""
    link = (
        f"/book/{offer.room}?date={starts:%Y-%m-%d}&start={starts:%H:%M}&end={ends:%H:%M}{people}"
    )
    return msg(
        "Free instead: %(room)s, %(when)s: %(address)s",
        room=offer.room_name,
        when=when,
        address=absolute(work.site.config, link),
    )


def _cancel(work: Work, touch: Touch, decision: Decision, _told: list[Told]) -> None:
    cancel(work, touch.view.booking.public_id, decision.reason)


def _move(work: Work, touch: Touch, decision: Decision, _told: list[Told]) -> None:
    """Move to the offer that was chosen, if it is still free; by the same rules as any move."""
    view = touch.view
    free = offers(work, view, touch.cause.ends_at)
    key = decision.places.get(view.booking.public_id, "")
    offer = next((each for each in free if each.key == key or not key), None)
    title = view.claim.label
    if offer is None:
        text = msg("“%(title)s”: this is not free any more, choose again.", title=title)
        raise Conflict(Reason("taken", text, "places", kind="conflict"))
    edit = Edit(span=offer.span, room=offer.room)
    try:
        with work.savepoint():
            change(work, view.booking.public_id, edit)
    except Refused:
        # What was free a moment ago is refused by her own limits (notice, quota): the house
        # moves her, so the house passes them, and says why.
        why = decision.reason or say(touch.cause.said, work.locale)
        change(work, view.booking.public_id, Edit(span=offer.span, room=offer.room, override=why))


def _keep(work: Work, touch: Touch, decision: Decision, told: list[Told]) -> None:
    """It stays where it is, against the closing, for a reason that stays written."""
    work.require("bookings.override", venue=touch.view.venue_id)
    view = found(work, touch.view.booking.public_id, "bookings.change")
    view.booking.override_reason = clean(decision.reason, field="reason")[:500]
    view.booking.version += 1
    work.session.flush()
    told.append((view, msg("Your booking stays as it was"), []))


def _follow(work: Work, touch: Touch, decision: Decision, told: list[Told]) -> None:
    way = next(each for each in ways_at(work, touch.view.venue_id) if each.key == decision.act)
    words = clean(decision.words, lines=True, field="words")[:2000]
    lines = [msg("%(words)s", words=words)] if words else []
    told.append((touch.view, way.sentence, lines))


_ACTS = {"cancel": _cancel, "move": _move, "keep": _keep}


def _tell_way(
    work: Work, venue_id: int, way: OtherWay, bookings: Sequence[int], words: str
) -> None:
    """Let the plugin carry out what it offered; when it cannot, nothing of the act is kept."""
    words = clean(words, lines=True, field="words")[:2000]
    if work.hooks.tell(
        hookspecs.way_followed,
        work=work,
        key=way.key,
        bookings=list(bookings),
        words=words,
        venue_id=venue_id,
    ):
        text = msg("“%(way)s” did not work, so nothing was changed.", way=way.label)
        raise Refused(Reason("way_failed", text, "act"))


def _remember(work: Work, venue_id: int, touch: Touch, act: str, decision: Decision) -> None:
    booking_id, cause = touch.view.booking.id, touch.cause.key
    row = work.session.scalar(
        sa.select(Handling).where(Handling.booking_id == booking_id, Handling.cause == cause)
    )
    if row is None:
        row = Handling(venue_id=venue_id, booking_id=booking_id, cause=cause)
        work.session.add(row)
    row.act, row.words, row.at, row.told_again_at = act, decision.words[:2000], work.now, None
    row.starts_at, row.ends_at = touch.span.starts_at, touch.span.ends_at
    row.room_id = touch.room_id
    work.session.flush()


def tell_again(work: Work, venue_id: int, cause: str) -> int:
    """Tell those who lost their time that the room is free again; how many people they are.

    Nothing is restored: each books again if she likes. Who was told is not told twice.
    """
    venue = venue_for(work, venue_id, "closures.edit")
    done = [each for each in handled(work.session, venue_id, cause) if may_be_told(work, each)]
    if not done:
        raise NotFound
    by_person: dict[int, list[Done]] = {}
    for each in done:
        by_person.setdefault(each.view.booking.booked_for_id or 0, []).append(each)
        each.row.told_again_at = work.now
    for person_id, entries in by_person.items():
        person = work.session.get(Person, person_id)
        post(
            work, person, msg("Free again at %(venue)s", venue=venue.name), _again(entries),
            link=f"/venues/{venue.slug}", zone=venue.zone, venue_id=venue_id,
            about=f"venue:{venue.slug}",
        )  # fmt: skip
    work.session.flush()
    work.audit("closure.told_again", f"venue:{venue.slug}", venue=venue_id, people=len(by_person))
    return len(by_person)


def _again(entries: Sequence[Done]) -> list[Message]:
    lines = [
        msg("What was in the way is over. Nothing was booked for you again: these were yours.")
    ]
    for each in entries:
        when = LocalSpan(each.span, ZoneInfo(each.view.zone))
        lines.append(msg("%(title)s: %(when)s, %(room)s", title=each.view.claim.label,
                         when=when, room=each.room_name))  # fmt: skip
    return lines


def may_be_told(work: Work, done: Done) -> bool:
    """Whether somebody lost a time that is still to come, and was not told yet."""
    return (
        done.row.act != "kept"
        and done.row.told_again_at is None
        and done.span.starts_at > work.now
        and done.view.booking.booked_for_id is not None
    )
