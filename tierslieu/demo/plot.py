"""Turns a wish into a booking: time from the diary, people, price, state."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from tierslieu.demo.diary import Diary, Slot, at
from tierslieu.demo.fates import Fate, fate
from tierslieu.demo.records import DemoBooking, DemoNetwork, DemoRoom, DemoVenue
from tierslieu.kernel.money import half_up

DAY_NAMES = ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica")


def clock(written: str) -> int:
    """``"14:40"`` as minutes from midnight."""
    return int(written[:2]) * 60 + int(written[3:5])


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that happens in rooms of some kinds; starts and lengths in minutes."""

    title: str
    kinds: frozenset[str]
    venues: frozenset[str]
    days: tuple[int, ...]
    at: tuple[int, ...]
    minutes: tuple[int, ...]
    people: tuple[int, int]
    see: str
    by: str
    group: str | None

    def fits(self, venue: DemoVenue, room: DemoRoom) -> bool:
        """Whether it may happen there and its smallest group finds a seat."""
        return (
            room.kind in self.kinds
            and (not self.venues or venue.slug in self.venues)
            and (room.capacity is None or room.capacity >= self.people[0])
        )


def activities(found: Mapping[str, Any]) -> tuple[tuple[Activity, ...], tuple[Activity, ...]]:
    """What happens weekly and what happens once, from ``activities.toml``."""
    return tuple(map(_activity, found["weekly"])), tuple(map(_activity, found["once"]))


def _activity(row: Mapping[str, Any]) -> Activity:
    return Activity(
        title=row["title"],
        kinds=frozenset(row["kinds"]),
        venues=frozenset(row.get("venues", ())),
        days=tuple(row.get("days", range(7))),
        at=tuple(map(clock, row["at"])),
        minutes=tuple(row["minutes"]),
        people=(row["people"][0], row["people"][1]),
        see=row["see"],
        by=row["by"],
        group=row.get("group"),
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants what, before a time is found; ``state`` fixes the outcome, empty = by chance."""

    title: str
    see: str
    person: str
    organisation: str | None
    attendance: int | None
    layout: str | None
    state: str
    series: str | None
    operator: bool = False
    many: int = 1


class Plot:
    """Writes bookings into the diary of one network, with one source of chance."""

    def __init__(
        self, network: DemoNetwork, diary: Diary, rng: random.Random, now: datetime
    ) -> None:
        self._network = network
        self._diary = diary
        self._rng = rng
        self._now = now
        self._written = 0
        self._names = [person.name.split()[0] for person in network.people]
        self._homes: dict[str, list[str]] = defaultdict(list)
        self._desk: dict[str, str] = {}
        self._groups: dict[str, list[str]] = defaultdict(list)
        self._acting: dict[str, list[str]] = defaultdict(list)
        self._policies: dict[tuple[str, str], dict[str, object]] = {}
        self._know()

    def _know(self) -> None:
        for person in self._network.people:
            if not person.account:
                self._homes[person.venue].append(person.slug)
                self._homes[""].append(person.slug)
        ordinary = set(self._homes[""])
        for role in self._network.roles:
            self._desk[role.venue] = role.person
        for group in self._network.groups:
            self._groups[group.venue].append(group.slug)
        for function in self._network.functions:
            if function.may_act and function.person in ordinary:
                self._acting[function.organisation].append(function.person)

    def ever_open(self, venue: DemoVenue, room: DemoRoom, weekday: int) -> bool:
        """Whether the room has hours on that weekday."""
        hours = room.hours if room.hours is not None else venue.hours
        return bool(hours.get(weekday))

    def wish(
        self, activity: Activity, venue: DemoVenue, room: DemoRoom, weekday: int, series: str | None
    ) -> Wish:
        """Somebody who wants this activity in this room."""
        person, organisation = self._who(activity, venue)
        low, high = self._people(activity, venue, room)
        count = self._rng.randint(low, high)
        title = activity.title.format(day=DAY_NAMES[weekday], name=self._rng.choice(self._names))
        return Wish(
            title=title,
            see=activity.see,
            person=person,
            organisation=organisation,
            attendance=count,
            layout=self.layout(room, count),
            state="",
            series=series,
            operator=activity.by == "operator",
            many=self._units(room, activity),
        )

    def visit(self, title: str, venue: DemoVenue, people: int) -> Wish:
        """Somebody who comes alone or with few, for one unit of a pool."""
        person = self._somebody(venue)
        return Wish(title, "private", person, None, people, None, "", None)

    def write(
        self,
        venue: DemoVenue,
        room: DemoRoom,
        day: date,
        starts: Iterable[int],
        minutes: int,
        wish: Wish,
    ) -> DemoBooking | None:
        """The booking of the first start that is open and free, now taken; or None."""
        shortest = self._policy(venue, room)["shortest_minutes"]
        length = max(minutes, shortest) if isinstance(shortest, int) else minutes
        slot = self._diary.find(venue, room, day, starts, length, wish.many)
        if slot is None:
            return None
        self._diary.take(venue, room, slot)
        self._written += 2
        return self._booking(venue, room, slot, wish)

    def _booking(self, venue: DemoVenue, room: DemoRoom, slot: Slot, wish: Wish) -> DemoBooking:
        starts_at, ends_at = at(slot.day, slot.start), at(slot.day, slot.end)
        created = self._created(starts_at, wish)
        policy = self._policy(venue, room)
        asks = self._asks(policy, wish)
        outcome = fate(
            self._rng, self._now, starts_at, ends_at, created, asks=asks, wanted=wish.state
        )
        member = self._rng.random() < 0.8
        return DemoBooking(
            key=self._written,
            venue=venue.slug,
            room=room.slug,
            leaves=slot.leaves,
            starts_at=starts_at,
            ends_at=ends_at,
            local_start=f"{slot.day.isoformat()}T{slot.start // 60:02d}:{slot.start % 60:02d}",
            title=wish.title,
            state=outcome.state,
            visibility=wish.see,
            kind="normal",
            booked_for=wish.person,
            booked_by=self._booked_by(venue, wish),
            organisation=wish.organisation,
            attendance=wish.attendance,
            layout=wish.layout,
            before_minutes=room.before_minutes,
            after_minutes=room.after_minutes,
            price_cents=0 if wish.operator else _price(room, slot.end - slot.start, member),
            as_member=member,
            series=wish.series,
            created_at=created,
            changed_at=_changed(created, outcome),
            decided_at=outcome.decided_at,
            answer_by=_answer_by(policy, outcome, self._now, starts_at),
            checked_in_at=outcome.checked_in_at,
            reason=outcome.reason,
        )

    def _asks(self, policy: Mapping[str, object], wish: Wish) -> bool:
        if wish.operator or (wish.series and not wish.state):
            return False
        over = policy.get("approval_over")
        if policy["approval"] == "over" and isinstance(over, int):
            return (wish.attendance or 0) > over
        return policy["approval"] == "asked"

    def _policy(self, venue: DemoVenue, room: DemoRoom) -> dict[str, object]:
        key = (venue.slug, room.slug)
        if key not in self._policies:
            self._policies[key] = self._network.rules_of(venue, room)["everyone"]
        return self._policies[key]

    def _created(self, starts_at: datetime, wish: Wish) -> datetime:
        lead = timedelta(minutes=self._rng.randint(3 * 1440, 45 * 1440))
        latest = self._now - timedelta(minutes=self._rng.randint(30, 4 * 1440))
        return min(starts_at - lead, latest)

    def _booked_by(self, venue: DemoVenue, wish: Wish) -> str:
        """One in six is written down by whoever is at the desk."""
        desk = self._desk.get(venue.slug)
        if desk and not wish.state and self._rng.random() < 1 / 6:
            return desk
        return wish.person

    def _who(self, activity: Activity, venue: DemoVenue) -> tuple[str, str | None]:
        if activity.by == "person":
            return self._somebody(venue), None
        if activity.by == "operator":
            return self._desk[venue.slug], venue.operator.slug
        group = activity.group or self._group(venue)
        return self.acting_for(group, venue), group

    def acting_for(self, group: str | None, venue: DemoVenue) -> str:
        """Somebody who may act for the group, or for the venue's operator."""
        acting = self._acting.get(group or "")
        if acting:
            return self._rng.choice(acting)
        return self._desk[venue.slug]

    def _group(self, venue: DemoVenue) -> str:
        near = self._groups.get(venue.slug)
        if near and self._rng.random() < 0.6:
            return self._rng.choice(near)
        return self._rng.choice(self._network.groups).slug

    def _somebody(self, venue: DemoVenue) -> str:
        near = self._homes.get(venue.slug)
        return self._rng.choice(near if near and self._rng.random() < 0.7 else self._homes[""])

    def _people(self, activity: Activity, venue: DemoVenue, room: DemoRoom) -> tuple[int, int]:
        least = self._network.policies[room.policy].get("least_people")
        low, high = activity.people
        if isinstance(least, int) and low < least:
            low, high = least, max(high, least + 60)
        most = room.capacity or high
        return min(low, most), min(high, most)

    def layout(self, room: DemoRoom, count: int) -> str | None:
        """A layout of the room with seats for so many; None if there is none."""
        fitting = [name for name, seats in room.layouts.items() if seats >= count]
        return self._rng.choice(fitting) if fitting else None

    def _units(self, room: DemoRoom, activity: Activity) -> int:
        if not room.units:
            return 1
        if activity.people[1] > 20:
            return len(room.units)
        return min(len(room.units), self._rng.choice((1, 2, 2)))


def _price(room: DemoRoom, minutes: int, member: bool) -> int:
    cents = room.member_hour_cents if member else room.hour_cents
    return half_up(Fraction(cents * minutes, 60))


def _changed(created: datetime, outcome: Fate) -> datetime:
    moments: Sequence[datetime | None] = (created, outcome.decided_at, outcome.checked_in_at)
    return max(moment for moment in moments if moment is not None)


def _answer_by(
    policy: Mapping[str, object], outcome: Fate, now: datetime, starts_at: datetime
) -> datetime | None:
    """Until when a request waits: the rule's hours from now at most, before it starts."""
    hours = policy.get("request_deadline_hours")
    if outcome.state != "requested" or not isinstance(hours, int):
        return None
    return min(starts_at, now + timedelta(hours=hours))
