"""What is decided about loans, on plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import tierslieu.toolkit as tl

msg = tl.sentences("tierslieu_lending")

Audience = Literal["account", "members"]
Condition = Literal["good", "worn", "damaged"]

AUDIENCES: tuple[Audience, ...] = ("account", "members")
CONDITIONS: tuple[Condition, ...] = ("good", "worn", "damaged")
CATEGORIES = (
    "tools", "garden", "kitchen", "party", "sound", "screen", "sport", "games", "transport",
    "care", "other",
)  # fmt: skip
#: States of a loan that keep its items.
HOLDING = ("requested", "offered", "reserved", "out")
#: States in which it counts among what somebody has.
COUNTED = ("requested", "reserved", "out")
ITEM_STATES = ("in_use", "repair", "lost", "retired")
#: The longest that anything is lent, in days, whatever a thing says.
LONGEST = 366

MOVES: Mapping[tuple[str, str], str] = {
    ("requested", "confirm"): "reserved",
    ("requested", "decline"): "declined",
    ("requested", "cancel"): "cancelled",
    ("requested", "expire"): "expired",
    ("offered", "confirm"): "reserved",
    ("offered", "cancel"): "cancelled",
    ("offered", "expire"): "expired",
    ("reserved", "cancel"): "cancelled",
    ("reserved", "hand_out"): "out",
    ("reserved", "miss"): "missed",
    ("out", "take_back"): "returned",
    ("out", "lose"): "lost",
}


@dataclass(frozen=True)
class Terms:
    """What a thing and its venue ask of whoever borrows it; days are days of the calendar."""

    audience: Audience = "account"
    longest_days: int = 7
    notice_hours: int = 0
    horizon_days: int = 90
    most: int = 3


@dataclass(frozen=True)
class Borrower:
    """What is known of her. ``has``: loans that are not over."""

    is_member: bool = False
    has: int = 0
    at_desk: bool = False


def after(state: str, verb: str) -> str:
    """The state that a verb leads to. Raises Refused when it cannot be done from there."""
    found = MOVES.get((state, verb))
    if found is None:
        raise tl.Conflict(tl.Reason("not_now", msg("This loan is not at that point any more.")))
    return found


def reasons(
    span: tl.Span, terms: Terms, who: Borrower, now: datetime, zone: ZoneInfo
) -> list[tl.Reason]:
    """Every reason why she may not borrow it like this; none: [].

    The desk lends without notice; all the rest is asked of it, too.
    """
    return [*_who(terms, who), *_when(span, terms, who, now, zone)]


def _who(terms: Terms, who: Borrower) -> Iterable[tl.Reason]:
    if terms.audience == "members" and not who.is_member:
        yield tl.Reason("members_only", msg("It is lent to members."))
    if who.has >= terms.most:
        yield tl.Reason(
            "too_many",
            msg.many(
                "Only %(n)s thing at a time: bring one back first.",
                "Only %(n)s things at a time: bring one back first.",
                terms.most,
            ),
        )


def _when(
    span: tl.Span, terms: Terms, who: Borrower, now: datetime, zone: ZoneInfo
) -> Iterable[tl.Reason]:
    today = tl.local_date(now, zone)
    first, last = tl.local_date(span.starts_at, zone), tl.local_date(span.ends_at, zone)
    if span.ends_at <= now or (span.starts_at < now and not who.at_desk):
        yield tl.Reason("past", msg("This has begun already."), "starts_at")
    elif not who.at_desk and span.starts_at < now + timedelta(hours=terms.notice_hours):
        text = msg.many(
            "At least %(n)s hour ahead, please.",
            "At least %(n)s hours ahead, please.",
            terms.notice_hours,
        )
        yield tl.Reason("notice", text, "starts_at")
    if first > today + timedelta(days=terms.horizon_days):
        text = msg.many("At most %(n)s day ahead.", "At most %(n)s days ahead.", terms.horizon_days)
        yield tl.Reason("horizon", text, "starts_at")
    if (last - first).days > terms.longest_days:
        text = msg.many(
            "It is lent for %(n)s day at most.",
            "It is lent for %(n)s days at most.",
            terms.longest_days,
        )
        yield tl.Reason("too_long", text, "ends_at")


def first_free(busy: Sequence[Sequence[tl.Span]], now: datetime) -> datetime | None:
    """From when one of the items is free: ``now``, or when one comes back. None: no items."""
    return min((_free_from(spans, now) for spans in busy), default=None)


def _free_from(spans: Sequence[tl.Span], now: datetime) -> datetime:
    free = now
    for span in sorted(spans):
        if span.starts_at <= free < span.ends_at:
            free = span.ends_at
    return free


def free_by_day(
    busy: Sequence[Sequence[tl.Span]], days: Sequence[date], zone: ZoneInfo
) -> list[int]:
    """How many items nobody has on each whole day, by the calendar of ``zone``."""
    whole = [tl.Span(tl.at_wall(day, 0, zone), tl.at_wall(day, 1440, zone)) for day in days]
    return [sum(not any(span.overlaps(day) for span in spans) for spans in busy) for day in whole]


def deposit_back(taken_cents: int, kept_cents: int) -> int:
    """What she gets back of a deposit. Raises Invalid when more is kept than was taken."""
    if not 0 <= kept_cents <= taken_cents:
        raise tl.Invalid(
            "kept_too_much", msg("No more can be kept than was taken."), "deposit_kept"
        )
    return taken_cents - kept_cents


def next_number(prefix: str, numbers: Iterable[str]) -> str:
    """The number after the highest of those that begin with ``prefix``: “SC-4”."""
    have = [
        int(rest)
        for number in numbers
        if number.startswith(f"{prefix}-") and (rest := number[len(prefix) + 1 :]).isdecimal()
    ]
    return f"{prefix}-{max(have, default=0) + 1}"


def prefix_of(name: str) -> str:
    """Two letters of a name, for numbers of its items."""
    letters = [char for char in tl.folded(name).upper() if char.isascii() and char.isalpha()]
    return "".join(letters[:2]) or "N"
