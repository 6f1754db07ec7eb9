"""What calendars ask of plugins and are given: questions, and dated things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from tierslieu.contributions.checks import must_be, must_be_one
from tierslieu.kernel.messages import Message
from tierslieu.kernel.places import EVERYWHERE, Places
from tierslieu.kernel.texts import Texts

#: How much the reader of a calendar may know: as everybody, as a member where her card counts, all.
Detail = Literal["public", "member", "private"]
Visibility = Literal["public", "members", "private"]


@dataclass(frozen=True)
class CalendarQuestion:
    """Which calendar is read: somebody's own, or that of places.

    Her own has ``person_id`` and the ``organisation_ids`` she acts for, an organisation's only that
    one: give what concerns them, wherever. That of places has neither: give what happens in
    ``venues`` (and, unless ``room_ids`` is empty, in these rooms). ``since`` and ``until`` bound
    both. ``member_venues``: where titles for members are shown to this reader. ``deadlines``:
    whether she wants them.
    """

    since: datetime
    until: datetime
    detail: Detail = "public"
    person_id: int | None = None
    organisation_ids: frozenset[int] = frozenset()
    venues: Places = EVERYWHERE
    room_ids: frozenset[int] = frozenset()
    member_venues: frozenset[int] = frozenset()
    deadlines: bool = False

    @property
    def is_own(self) -> bool:
        """Whether it is a person's or an organisation's, and not one of places."""
        return self.person_id is not None or bool(self.organisation_ids)

    def wants(self, entry: CalendarEntry) -> bool:
        """Whether an entry belongs into this calendar, and its reader may know of it."""
        if entry.deadline and not self.deadlines:
            return False
        if not self._overlaps(entry):
            return False
        if self.is_own:
            return entry.venue_id is None or self.venues.has(entry.venue_id)
        if entry.venue_id is None:
            placed = self.venues.is_everywhere and not self.room_ids
        else:
            placed = self.venues.has(entry.venue_id)
        if not placed or (self.room_ids and entry.room_id not in self.room_ids):
            return False
        return self._may_know(entry)

    def _may_know(self, entry: CalendarEntry) -> bool:
        if self.detail == "private" or entry.visibility == "public":
            return True
        return entry.visibility == "members" and entry.venue_id in self.member_venues

    def _overlaps(self, entry: CalendarEntry) -> bool:
        start, end = entry.starts_at, entry.ends_at or entry.starts_at
        if isinstance(start, datetime) and isinstance(end, datetime):
            return end >= self.since and start <= self.until
        return end >= self.since.date() and start <= self.until.date()


@dataclass(frozen=True)
class CalendarEntry:
    """A dated thing, as calendars show it.

    ``key`` is its own within the plugin and stays for ever. Moments are aware, days are dates;
    ``ends_at`` is not part of it any more (the day after the last one), None: one day, or a moment.
    ``changed_at`` and ``sequence`` move on with each change and with nothing else, so that a
    calendar that did not change stays the same. ``visibility`` says who may know of it in the
    calendars of places; ``blocks``: whether its time counts as taken. ``url`` may be a path of this
    site. ``zone``: where it takes place; "": the venue's.
    """

    key: str
    title: Message | Texts | str
    starts_at: datetime | date
    ends_at: datetime | date | None = None
    changed_at: datetime | None = None
    venue_id: int | None = None
    room_id: int | None = None
    zone: str = ""
    location: str = ""
    description: Message | Texts | str = ""
    url: str = ""
    visibility: Visibility = "private"
    status: Literal["confirmed", "tentative", "cancelled"] = "confirmed"
    deadline: bool = False
    blocks: bool = False
    sequence: int = 0

    def __post_init__(self) -> None:
        must_be(self.key, str, "a key")
        if not 0 < len(self.key) <= 64 or not set(self.key) <= _KEY:
            raise TypeError(f"a key cannot be {self.key!r}")
        for text in (self.title, self.description):
            must_be(text, (Message, Texts, str), "a title or description")
        for text in (self.zone, self.location, self.url):
            must_be(text, str, "a place")
        for number in (self.venue_id, self.room_id):
            must_be(number, (int, type(None)), "a row id")
        must_be(self.sequence, int, "a sequence")
        must_be_one(self.visibility, ("public", "members", "private"), "a visibility")
        must_be_one(self.status, ("confirmed", "tentative", "cancelled"), "a status")
        self._must_be_moments()

    def _must_be_moments(self) -> None:
        if self.zone:
            ZoneInfo(self.zone)
        _moment(self.starts_at)
        if self.changed_at is not None:
            must_be(self.changed_at, datetime, "the moment of a change")
            _moment(self.changed_at)
        if self.ends_at is not None:
            _moment(self.ends_at)
            same = isinstance(self.starts_at, datetime) is isinstance(self.ends_at, datetime)
            if not same or self.ends_at < self.starts_at:
                raise TypeError(f"what starts at {self.starts_at} cannot end at {self.ends_at}")


@dataclass(frozen=True)
class MailCalendar:
    """What goes beside the words of a mail, for calendars: iCalendar text and its METHOD."""

    text: str
    method: Literal["REQUEST", "CANCEL", "PUBLISH"]

    def __post_init__(self) -> None:
        must_be(self.text, str, "a calendar")
        must_be_one(self.method, ("REQUEST", "CANCEL", "PUBLISH"), "a method")


_KEY = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


def _moment(value: object) -> None:
    must_be(value, date, "a moment")
    if isinstance(value, datetime) and value.utcoffset() is None:
        raise TypeError(f"a moment without a zone cannot be {value!r}")
    if isinstance(value, date) and not 1900 < value.year < 2200:
        raise TypeError(f"a calendar cannot tell of {value!r}")
