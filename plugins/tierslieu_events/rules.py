"""What may be, on plain values: who has a place, who is offered one, who may register."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import tierslieu.toolkit as tl
from tierslieu_events.words import HYBRID, REMOTE, ROOM, SIDES, say

#: How long places are kept for an address that is not confirmed yet.
PATIENCE: Final = timedelta(hours=1)
#: Hours of the night by the venue's clock: nobody's offer runs out while she sleeps.
QUIET_FROM: Final = 22
QUIET_UNTIL: Final = 8
#: From then on before the beginning people are let in.
DOORS: Final = timedelta(hours=3)
#: So long after the end who came may still be noted.
AFTERWARDS: Final = timedelta(days=7)


@dataclass(frozen=True)
class Seat:
    """A registration, as the line sees it."""

    id: int
    seats: int
    state: str
    holds: bool
    joined_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Settled:
    """What time and free places make of a side: who lost hers, who is offered some, how many."""

    lapsed: tuple[int, ...]
    offered: tuple[int, ...]
    taken: int
    waiting: int

    def has_room(self, capacity: int | None, seats: int) -> bool:
        """Whether so many places may be taken now; nobody passes who waits."""
        return capacity is None or (not self.waiting and self.taken + seats <= capacity)


def settle(capacity: int | None, line: Iterable[Seat], now: datetime) -> Settled:
    """Places whose time is over are free; those that are free are offered in the order of joining.

    The first who waits is offered when all her places are free; a smaller group does not pass.
    """
    rows = list(line)
    lapsed = [
        row.id
        for row in rows
        if row.state in ("offered", "pending")
        and row.expires_at is not None
        and row.expires_at <= now
    ]
    gone = set(lapsed)
    taken = sum(row.seats for row in rows if row.holds and row.id not in gone)
    ahead = sorted(
        (row for row in rows if row.state == "waiting"), key=lambda row: (row.joined_at, row.id)
    )
    offered: list[int] = []
    for row in ahead:
        if capacity is not None and taken + row.seats > capacity:
            break
        offered.append(row.id)
        taken += row.seats
    return Settled(tuple(lapsed), tuple(offered), taken, len(ahead) - len(offered))


def offer_ends(now: datetime, starts_at: datetime, hours: int, zone: ZoneInfo) -> datetime:
    """When an offer runs out: after so many hours, but never more than half of the time left.

    At night its time begins at eight, unless the date itself is too near for that.
    """
    begins = _morning(now, starts_at, zone)
    lasts = min(timedelta(hours=hours), (starts_at - begins) / 2)
    return (begins + max(lasts, timedelta(minutes=1))).replace(microsecond=0)


def _morning(now: datetime, starts_at: datetime, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone)
    if QUIET_UNTIL <= local.hour < QUIET_FROM:
        return now
    day = local.date() if local.hour < QUIET_UNTIL else local.date() + timedelta(days=1)
    morning = tl.at_wall(day, QUIET_UNTIL * 60, zone)
    return now if morning + timedelta(hours=2) > starts_at else morning


def sides_of(mode: str) -> tuple[str, ...]:
    """The ways to take part in a date of this mode."""
    return (ROOM, REMOTE) if mode == HYBRID else (mode,)


@dataclass(frozen=True)
class Wish:
    """What somebody asks for when she registers, and what is known of her."""

    kind: str
    seats: int
    is_guest: bool
    is_member: bool
    by_desk: bool


@dataclass(frozen=True)
class Offered:
    """What a date offers at a moment."""

    state: str
    date_state: str
    starts_at: datetime
    ends_at: datetime
    open_sides: tuple[str, ...]
    guests: bool
    most_seats: int
    members_until: datetime | None


def registration_reasons(wish: Wish, date: Offered, now: datetime) -> list[tl.Reason]:
    """Every reason why somebody may not register like this; places are judged by `settle`."""
    found: list[tl.Reason] = []
    if date.state != "published" or date.date_state != "planned":
        found.append(tl.Reason("not_open", say("This does not take place, or not yet."), "side"))
    elif now >= date.ends_at or (now >= date.starts_at and not by_door(wish, date, now)):
        found.append(tl.Reason("past", say("It has begun already."), "side"))
    if wish.kind not in date.open_sides:
        found.append(tl.Reason("no_such_side", say("One cannot take part like this."), "side"))
    if wish.is_guest and not wish.by_desk and not date.guests:
        found.append(tl.Reason("sign_in_needed", say("Sign in to register for this."), "email"))
    if wish.seats < 1 or (wish.seats > date.most_seats and not wish.by_desk):
        found.append(_too_many(date.most_seats))
    if _too_early(wish, date, now):
        text = say("Until %(when)s members come first.", when=date.members_until)
        found.append(tl.Reason("members_first", text, "side"))
    return found


def by_door(wish: Wish, date: Offered, now: datetime) -> bool:
    """Whether it is not too late: at the door, and remotely, one may come in later."""
    return now < date.ends_at and (wish.by_desk or wish.kind == REMOTE)


def _too_early(wish: Wish, date: Offered, now: datetime) -> bool:
    if wish.is_member or wish.by_desk or date.members_until is None:
        return False
    return now < date.members_until


def _too_many(most: int) -> tl.Reason:
    text = say.many("One place at most, please.", "At most %(n)s places, please.", most)
    nearest = tl.Choice(say.many("%(n)s place", "%(n)s places", most), {"seats": str(most)})
    return tl.Reason("too_many_seats", text, "seats", nearest=(nearest,))


def full_reason(kind: str, others: Sequence[str]) -> tl.Reason:
    """Why a place cannot be had now, with what can be done instead."""
    nearest = [tl.Choice(say("Stand on the waiting list"), {"side": kind, "wait": "true"})]
    nearest += [tl.Choice(SIDES[other], {"side": other}) for other in others]
    return tl.Reason(
        "full", say("All places are taken."), "side", nearest=tuple(nearest), kind="conflict"
    )


def check_in_reasons(state: str, starts_at: datetime, ends_at: datetime, now: datetime,
                     ) -> list[tl.Reason]:  # fmt: skip
    """Why who registered cannot be noted as having come."""
    if state != "registered":
        return [tl.Reason("wrong_state", say("There is no place for this code."), "code")]
    if now < starts_at - DOORS:
        return [tl.Reason("too_early", say("Doors are not open yet."), "code")]
    if now > ends_at + AFTERWARDS:
        return [tl.Reason("past", say("This was too long ago."), "code")]
    return []


def date_reasons(span: tl.Span, mode: str, has_room: bool, now: datetime) -> list[tl.Reason]:
    """Why a date cannot be like this."""
    found = []
    if span.starts_at <= now:
        found.append(tl.Reason("past", say("This time is past already."), "day"))
    if span.duration > timedelta(hours=24):
        found.append(tl.Reason("too_long", say("One date lasts a day at most."), "end"))
    if mode != REMOTE and not has_room:
        found.append(tl.Reason("room_missing", say("In which room?"), "room"))
    return found


def cents_of(written: str) -> int:
    """A price as people write it (``5``, ``5,50``), in cents; raises Invalid."""
    text = written.strip().replace("€", "").replace(",", ".").strip()
    if not text:
        return 0
    whole, _, rest = text.partition(".")
    if not (whole.isascii() and whole.isdigit()) or len(whole) > 5 or len(rest) > 2:
        raise tl.Invalid("bad_price", say("Write a price like 5 or 5,50."), "price")
    if rest and not (rest.isascii() and rest.isdigit()):
        raise tl.Invalid("bad_price", say("Write a price like 5 or 5,50."), "price")
    return int(whole) * 100 + int(rest.ljust(2, "0") if rest else 0)


def price_words(cents: int) -> str:
    """A price as people write it, to be changed again."""
    if not cents:
        return ""
    return f"{cents // 100}" if cents % 100 == 0 else f"{cents // 100},{cents % 100:02d}"


def switch_reasons(mode: str, has_room: bool, state: str, ends_at: datetime, now: datetime,
                   ) -> list[tl.Reason]:  # fmt: skip
    """Why a date cannot be held in another way."""
    if state != "planned":
        return [tl.Reason("not_open", say("This does not take place."), "mode", kind="state")]
    if now >= ends_at:
        return [tl.Reason("past", say("This is over."), "mode", kind="state")]
    if mode != REMOTE and not has_room:
        text = say("It has no room: add the date again in one.")
        return [tl.Reason("room_missing", text, "mode")]
    return []


def who_stays(capacity: int, holding: Sequence[tuple[int, int]]) -> set[int]:
    """Which of (id, seats), in the order of joining, keep their places when there are fewer."""
    staying: set[int] = set()
    for row, seats in holding:
        if seats > capacity:
            break
        staying.add(row)
        capacity -= seats
    return staying


def link_shown(starts_at: datetime, ends_at: datetime, minutes: int, now: datetime) -> bool:
    """Whether the way in is open to who takes part remotely: so long before, until the end."""
    return starts_at - timedelta(minutes=minutes) <= now < ends_at
