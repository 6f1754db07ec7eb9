"""What a room may be used for, on which days, and what has to be declared of a use. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from tierslieu.kernel.errors import Choice, Invalid, Reason
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.span import Span, local_date
from tierslieu.kernel.texts import Texts

if TYPE_CHECKING:
    from tierslieu.bookings.rules.policy import EffectivePolicy

ALL_DAYS: Final = frozenset(range(7))
WEEKEND: Final = frozenset({5, 6})

#: What can be declared of a booking, so that somebody answers it where the house wants so.
DECLARED: Final[Mapping[str, Message]] = {
    "alcohol": msg("Alcohol is served"),
    "open_fire": msg("Open fire: candles, a grill"),
    "music": msg("Music that needs a licence"),
}
#: The same in the middle of a sentence.
FACTS: Final[Mapping[str, Message]] = {
    "alcohol": msg("alcohol"),
    "open_fire": msg("open fire"),
    "music": msg("music with a licence"),
}
WEEKDAYS: Final = (
    msg("Monday"), msg("Tuesday"), msg("Wednesday"), msg("Thursday"), msg("Friday"),
    msg("Saturday"), msg("Sunday"),
)  # fmt: skip


#: Rules whose value is a list; of those that may be "none", more is more favourable.
LISTS: Final = ("allowed_purposes", "weekend_purposes", "booking_days", "asks_for")


def listed(name: str, value: object) -> tuple[Any, ...]:
    """A list as a rule keeps it, in order and each once; raises `Invalid`."""
    found = list(value) if isinstance(value, list | tuple) else [None]
    known = {"booking_days": range(7), "asks_for": tuple(DECLARED)}.get(name)
    if known is None:
        good = all(isinstance(each, str) and 0 < len(each) <= 32 for each in found)
    else:
        good = all(type(each) in (int, str) and each in known for each in found)
    if not good or len(found) > 100:
        raise Invalid("bad_rule", msg("This value is not possible for this rule."), name)
    return tuple(dict.fromkeys(sorted(found, key=str)))


@dataclass(frozen=True)
class Purpose:
    """A use as its managers call it; ``public``: open to everybody."""

    key: str
    label: Texts
    public: bool = False


Purposes = Mapping[str, Purpose]
NO_PURPOSES: Final[Purposes] = {}


def known_facts(written: Iterable[str]) -> tuple[str, ...]:
    """What was declared, in the usual order; what nobody knows is left out."""
    told = set(written)
    return tuple(key for key in DECLARED if key in told)


def asking_facts(policy: EffectivePolicy, declared: Collection[str]) -> tuple[Message, ...]:
    """Of what was declared, what asks for an answer here."""
    return tuple(FACTS[key] for key in FACTS if key in declared and key in policy.asks_for)


def possible(purposes: Purposes, policy: EffectivePolicy) -> list[Purpose]:
    """The uses that a room admits, on some day at least."""
    allowed = policy.allowed_purposes
    return [
        each
        for each in purposes.values()
        if (allowed is None or each.key in allowed) and (each.public or not policy.public_only)
    ]


def is_asked(policy: EffectivePolicy) -> bool:
    """Whether a room wants to know what it is for."""
    return (
        policy.purpose_required
        or policy.public_only
        or policy.allowed_purposes is not None
        or bool(policy.weekend_purposes)
    )


def days_of(policy: EffectivePolicy, purpose: str | None) -> frozenset[int]:
    """The weekdays on which a use may begin."""
    days = ALL_DAYS if policy.booking_days is None else frozenset(policy.booking_days)
    return days & WEEKEND if purpose in policy.weekend_purposes else days


def use_reasons(
    span: Span, purpose: str | None, purposes: Purposes, policy: EffectivePolicy, zone: ZoneInfo
) -> Iterator[Reason]:
    """What is against a use on its day; ``purpose`` None = not asked yet, "" = not said."""
    day = local_date(span.starts_at, zone).weekday()
    if policy.booking_days is not None and day not in policy.booking_days:
        text = msg("Here bookings begin on: %(days)s.", days=day_words(policy.booking_days))
        yield Reason("wrong_day", text, "starts_at")
    if purpose is None or not is_asked(policy) or not purposes:
        return
    choices = _choices(possible(purposes, policy))
    found = purposes.get(purpose)
    if not purpose:
        yield Reason("purpose_needed", msg("Say what the room is for."), "purpose", choices)
    elif found is None:
        text = msg("This is not one of the uses known here.")
        yield Reason("unknown_purpose", text, "purpose", choices)
    elif policy.public_only and not found.public:
        text = msg("This room is only for what is open to everybody.")
        yield Reason("public_only", text, "purpose", choices)
    elif policy.allowed_purposes is not None and purpose not in policy.allowed_purposes:
        text = msg("Not a use of this room: %(purpose)s.", purpose=found.label)
        yield Reason("purpose_not_allowed", text, "purpose", choices)
    elif purpose in policy.weekend_purposes and not _all_weekend(span, zone):
        text = msg("Only on Saturday and Sunday: %(purpose)s.", purpose=found.label)
        yield Reason("weekend_only", text, "starts_at")


def people_reasons(attendance: int | None, policy: EffectivePolicy) -> Iterator[Reason]:
    """Too few people for a room that is kept for many."""
    fewest = policy.fewest_people
    if fewest is not None and attendance is not None and attendance < fewest:
        text = nmsg("This room is for %(n)s person or more.",
                    "This room is for %(n)s people or more.", fewest)  # fmt: skip
        yield Reason("too_few", text, "attendance")


def day_words(days: Iterable[int]) -> tuple[Message, ...]:
    """Weekdays by name, in order."""
    return tuple(WEEKDAYS[day] for day in sorted(days))


def _all_weekend(span: Span, zone: ZoneInfo) -> bool:
    first = local_date(span.starts_at, zone)
    last = local_date(span.ends_at - timedelta(seconds=1), zone)
    days = {first.weekday(), last.weekday()}
    return days <= WEEKEND and (last - first).days <= 1


def _choices(purposes: Iterable[Purpose]) -> tuple[Choice, ...]:
    return tuple(
        Choice(msg("%(purpose)s", purpose=each.label), {"purpose": each.key}) for each in purposes
    )
