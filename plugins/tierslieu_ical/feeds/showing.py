"""A calendar put together: whose, with what detail, and what its address leaves out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_ical import rules
from tierslieu_ical.dated import dated_texts, reach
from tierslieu_ical.feeds import queries
from tierslieu_ical.feeds.queries import Audience, Entries, Reader, entries
from tierslieu_ical.feeds.rules import Choice, Choices, query
from tierslieu_ical.zones import vtimezone

msg = tl.sentences("tierslieu_ical")

#: The network's calendar reaches back no further: it would be the archive of a city.
NETWORK_BACK = 31
AUDIENCES: dict[str, Audience] = {"public": "public", "member": "member", "private": "own"}


@dataclass(frozen=True)
class Calendar:
    """What is shown, to whom, and under which name; ``untitled``: only that it is busy."""

    entries: Entries | None
    question: tl.CalendarQuestion | None
    choices: Choices
    name: tl.Message | str
    locale: str
    untitled: bool = False
    rooms: Choice = field(default_factory=Choice)

    def tells(self, plugin: str, entry: tl.CalendarEntry) -> bool:
        """Whether the address chooses an entry of a plugin."""
        kept = entry.room_id is None or entry.room_id not in self.rooms.without
        return kept and self.choices["what"].has(plugin)


def of_person(work: tl.Work, whose: Reader, choices: Choices) -> Calendar:
    """Her own: her bookings and those of whom she acts for."""
    back = tl.setting(work, "days_back")
    name = msg("Bookings of %(name)s", name=whose.name)
    places = tl.places(work).within(queries.chosen_places(work.session, choices))
    shown = queries.own_entries(whose.person_id, work.now, back, places)

    def question() -> tl.CalendarQuestion:
        actor = tl.acting(work.session, whose.person_id, work.now)
        return tl.CalendarQuestion(
            *reach(work.now, back),
            "private",
            whose.person_id,
            frozenset(queries.acts_for(work.session, whose.person_id, work.now)),
            places,
            member_venues=actor.member_venues if actor else frozenset(),
        )

    return _calendar(work, shown, question, choices, name, whose.locale)


def of_organisation(
    work: tl.Work, body: tl.Organisation, detail: str, choices: Choices, locale: str
) -> Calendar:
    """An organisation's: all of it for who acts for it, else what it does in public."""
    back = tl.setting(work, "days_back")
    places = tl.places(work).within(queries.chosen_places(work.session, choices))
    audience = AUDIENCES[detail]
    titled = detail == "public"
    shown = entries("organisation", body.id, audience, work.now, back, places, titled=titled)

    def question() -> tl.CalendarQuestion:
        ids = frozenset({body.id})
        return tl.CalendarQuestion(
            *reach(work.now, back), "private", organisation_ids=ids, venues=places
        )

    # Entries of plugins say nothing about who may know that they are this organisation's.
    ask = question if detail == "private" else None
    return _calendar(work, shown, ask, choices, body.name, locale)


def of_venue(
    work: tl.Work,
    venue: tl.Venue,
    room: tl.Room | None,
    choices: Choices,
    locale: str,
    detail: str = "public",
    actor: tl.Actor | None = None,
) -> Calendar:
    """A venue's, or one of its rooms'."""
    room_id = room.id if room is not None else None
    back = tl.setting(work, "days_back", venue_id=venue.id, room_id=room_id)
    whose: Any = "venue" if room is None else "room"
    members_at = actor.member_venues if actor and detail == "member" else frozenset()
    shown = entries(
        whose, room_id or venue.id, AUDIENCES[detail], work.now, back, members_at=members_at
    )
    name = venue.name if room is None else f"{room.name}, {venue.name}"

    def question() -> tl.CalendarQuestion:
        return tl.CalendarQuestion(
            *reach(work.now, back),
            "private" if detail == "private" else "public",
            venues=tl.Places(frozenset({venue.id}), only=True),
            room_ids=frozenset() if room is None else frozenset({room.id}),
            member_venues=members_at,
        )

    untitled = detail == "public" and _is_untitled(work, venue.id)
    return _calendar(work, shown, question, choices, name, locale, untitled=untitled)


def of_network(
    work: tl.Work, choices: Choices, locale: str, detail: str = "public",
    actor: tl.Actor | None = None,
) -> Calendar:  # fmt: skip
    """The network's: what has a title for its reader; all of it for who runs the network."""
    back = min(tl.setting(work, "days_back"), NETWORK_BACK)
    places = tl.places(work).within(queries.chosen_places(work.session, choices))
    if detail == "public":
        places = places.within(tl.Places(_untitled(work)))
    members_at = actor.member_venues if actor and detail == "member" else frozenset()
    shown = entries(
        "network",
        None,
        AUDIENCES[detail],
        work.now,
        back,
        places,
        titled=detail != "private",
        members_at=members_at,
    )

    def question() -> tl.CalendarQuestion:
        how: Any = "private" if detail == "private" else "public"
        since, until = reach(work.now, back)
        return tl.CalendarQuestion(since, until, how, venues=places, member_venues=members_at)

    name = tl.network(work.session).name
    return _calendar(work, shown, question, choices, name, locale)


def of_reader(work: tl.Work, whose: Reader, choices: Choices) -> Calendar | None:
    """What a secret address opens today; None where its owner may not read that any more."""
    if whose.scope == "own":
        return of_person(work, whose, choices)
    actor = tl.acting(work.session, whose.person_id, work.now)
    if actor is None or not may_read(actor, whose):
        return None
    locale = whose.locale
    if whose.scope == "organisation":
        body = work.session.get(tl.Organisation, whose.organisation_id)
        if body is None:
            return None
        return of_organisation(work, body, whose.detail, choices, locale)
    if whose.scope == "network":
        return of_network(work, choices, locale, whose.detail, actor)
    room = work.session.get(tl.Room, whose.room_id) if whose.room_id else None
    venue_id = room.venue_id if room is not None else whose.venue_id
    venue = work.session.get(tl.Venue, venue_id)
    if venue is None or venue.archived_at is not None or not tl.is_on(work, venue.id):
        return None
    return of_venue(work, venue, room, choices, locale, whose.detail, actor)


def may_read(actor: tl.Actor, whose: Reader) -> bool:
    """Whether somebody may read a scope with its detail (invariant 1)."""
    if whose.scope == "organisation":
        return whose.organisation_id in actor.organisations
    if whose.detail == "private":
        if whose.scope == "network":
            return actor.venues_where("feeds.venue_private") is None
        return actor.may("feeds.venue_private", venue=whose.venue_id)
    return not actor.is_anonymous


def _calendar(
    work: tl.Work,
    shown: Entries,
    question: Callable[[], tl.CalendarQuestion] | None,
    choices: Choices,
    name: tl.Message | str,
    locale: str,
    *,
    untitled: bool = False,
) -> Calendar:
    rooms = queries.chosen_rooms(work.session, choices["room"])
    asked = None
    # Most installations have nobody who dates anything: they are not asked whose calendar it is.
    if question is not None and (choices.deadlines or tl.dated_by(work)):
        asked = replace(question(), deadlines=choices.deadlines)
        asked = _narrowed(work, asked, choices, rooms)
    kept = shown.chosen(choices, rooms) if choices.bookings else None
    return Calendar(kept, asked, choices, name, locale, untitled, rooms)


def _narrowed(
    work: tl.Work, question: tl.CalendarQuestion, choices: Choices, rooms: Choice
) -> tl.CalendarQuestion:
    """The question, less the venues and rooms that the address does not choose."""
    venues = question.venues.within(queries.chosen_places(work.session, choices))
    ids: frozenset[Any] = question.room_ids
    return replace(question, venues=venues, room_ids=rooms.only or ids)


def _is_untitled(work: tl.Work, venue_id: int) -> bool:
    return bool(tl.setting(work, "titles", venue_id=venue_id) == "never")


def _untitled(work: tl.Work) -> frozenset[int]:
    """The venues that tell no titles to everybody."""
    ids = work.session.scalars(sa.select(tl.Venue.id).where(tl.Venue.archived_at.is_(None)))
    return frozenset(each for each in ids if _is_untitled(work, each))


# -- its text --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Text:
    """The text of a calendar, or only its mark; ``body`` has no head and no zones."""

    tag: str
    body: str = ""
    zones: tuple[str, ...] = ()


def text_of(work: tl.Work, shown: Calendar, made_with: str, has: Callable[[str], bool]) -> Text:
    """What a calendar says; nothing but its tag for a reader that ``has`` it already."""
    title = tl.say(shown.name, shown.locale)
    dated, zones = _dated(work, shown)
    parts = [shown.locale, title, made_with]
    if shown.untitled:
        parts.append("untitled")
    if dated:
        parts.append(dated)
    if shown.choices.of or shown.choices.deadlines:
        parts.append(repr(query(shown.choices)))
    if shown.entries is None:
        tag = queries.hashed(str(rules.FORMAT), *parts)
    else:
        tag = queries.etag(work.session, shown.entries, *parts)
    if has(tag):
        return Text(tag)
    text, more = queries.texts(work.session, shown.entries) if shown.entries else ("", [])
    text = rules.untitled(text) if shown.untitled else text
    busy = rules.escaped(tl.say(msg("Busy"), shown.locale))
    return Text(tag, text.replace(rules.BUSY, busy) + dated, tuple(sorted({*zones, *more})))


def whole(shown: Calendar, text: Text) -> str:
    """The calendar as programmes read it."""
    head = rules.calendar_head(tl.say(shown.name, shown.locale))
    return "".join([head, *map(vtimezone, text.zones), text.body, rules.CALENDAR_TAIL])


def _dated(work: tl.Work, shown: Calendar) -> tuple[str, set[str]]:
    if shown.question is None:
        return "", set()
    return dated_texts(work, shown.question, shown.locale, shown.tells)
