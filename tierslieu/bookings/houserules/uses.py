"""In plain words: what a room is for, on which days, what asks for an answer, which quotas hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from tierslieu.bookings.rules import EffectivePolicy
from tierslieu.bookings.rules.policy import NONE
from tierslieu.bookings.rules.quotas import DAY, Quota, limit
from tierslieu.bookings.rules.uses import FACTS, Purposes, day_words, possible
from tierslieu.bookings.rules.windows import month_day
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.texts import Texts
from tierslieu.venues.rules import clock_text


class Rule(NamedTuple):
    """A rule as people say it, and what there is to add."""

    title: Message
    more: Message | str = ""


def value_of(key: str, value: Any, purposes: Purposes) -> Message | None:
    """The value of a rule about uses; None for any other rule."""
    if value in (None, NONE):
        return None
    if key in ("allowed_purposes", "weekend_purposes"):
        return _several(tuple(_label(purposes, each) for each in value))
    if key == "booking_days":
        return _several(day_words(value))
    if key == "asks_for":
        return _several(tuple(FACTS[each] for each in value))
    if key in ("season_starts", "season_opens"):
        month, day = month_day(value)
        return msg("%(day)s/%(month)s", day=day, month=month)
    return None


def _label(purposes: Purposes, key: str) -> Texts | str:
    return purposes[key].label if key in purposes else key


def _several(words: tuple[Any, ...]) -> Message:
    return msg("%(list)s", list=words) if words else msg("none")


def plain_uses(policy: EffectivePolicy, purposes: Purposes) -> Iterator[Rule]:
    """What whoever books should know about uses."""
    if policy.booking_days is not None:
        yield Rule(msg("Bookings begin on: %(days)s.", days=day_words(policy.booking_days)))
    if purposes and (policy.allowed_purposes is not None or policy.public_only):
        labels = tuple(each.label for each in possible(purposes, policy))
        more = msg("It is only for what is open to everybody.") if policy.public_only else ""
        yield Rule(msg("The room is for: %(uses)s.", uses=labels), more)
    if policy.weekend_purposes:
        labels = tuple(_label(purposes, key) for key in policy.weekend_purposes)  # type: ignore[misc]
        yield Rule(msg("Only on Saturday and Sunday: %(uses)s.", uses=labels))
    if policy.asks_for:
        facts = tuple(FACTS[key] for key in policy.asks_for)
        yield Rule(msg("The venue answers first if there is: %(facts)s.", facts=facts))


def told(quota: Quota) -> tuple[Message, ...]:
    """A quota in sentences: how much, for whom, where it counts, on which days and hours."""
    found = [limit(quota), _WHOSE[quota.whose]]
    if quota.audience in _AUDIENCES:
        found.append(_AUDIENCES[quota.audience])
    found.append(_OVER[quota.over])
    if quota.weekdays:
        found.append(msg("Only these days count: %(days)s.", days=day_words(quota.weekdays)))
    if (quota.from_minute, quota.until_minute) != (0, DAY):
        start, end = (clock_text(each) for each in (quota.from_minute, quota.until_minute))
        found.append(msg("Only %(start)s–%(end)s counts.", start=start, end=end))
    return tuple(found)


def said_by(quota: Quota) -> Message:
    """Where a quota comes from."""
    return _SCOPES[quota.scope]


def all_told(quotas: Iterable[Quota]) -> list[tuple[tuple[Message, ...], Message]]:
    """Quotas in sentences, each with where it comes from."""
    return [(told(quota), said_by(quota)) for quota in quotas]


_WHOSE = {
    "person": msg("For each person."),
    "organisation": msg("For each organisation."),
    "either": msg("For each person and each organisation."),
    "group": msg("For all of them together."),
}
_AUDIENCES = {
    "members": msg("It is about members."),
    "others": msg("It is about whoever has no card."),
    "residents": msg("It is about residents."),
    "organisations": msg("It is about organisations."),
}
_OVER = {
    "room": msg("Bookings of this room count."),
    "venue": msg("Bookings of all rooms of the venue count."),
    "network": msg("Bookings in the whole network count."),
}
_SCOPES = {
    "room": msg("said for this room"),
    "venue": msg("said for the venue"),
    "network": msg("said for the network"),
}
