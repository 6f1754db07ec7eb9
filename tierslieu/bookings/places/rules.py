"""How many places are free, when too few are, and why a wish for places is refused. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tierslieu.kernel.errors import Choice, Reason
from tierslieu.kernel.messages import msg, nmsg
from tierslieu.kernel.span import LocalSpan, Span, merged

MOST_PLACES = 500
LONGEST_NAME = 60


@dataclass(frozen=True)
class PlaceFacts:
    """A room's places: how many are in use, and what an hour of one costs."""

    pool_id: int
    count: int
    hour_cents: int = 0
    member_hour_cents: int | None = None


@dataclass(frozen=True)
class Place:
    """One place: a leaf with a name."""

    id: int
    name: str


def places_for(people: int | None, capacity: int | None, count: int) -> int:
    """How many places so many people need: a desk takes one, a lane of a hall its share."""
    each = max(1, (capacity or 0) // max(1, count))
    return max(1, -(-(people or 1) // each))


def free_places(busy: Mapping[int, Sequence[Span]], span: Span) -> set[int]:
    """The places with nothing in a span."""
    return {place for place, spans in busy.items() if not any(span.overlaps(one) for one in spans)}


def crowded(busy: Mapping[int, Sequence[Span]], wanted: int) -> list[Span]:
    """The stretches in which fewer than ``wanted`` places are free."""
    changes: dict[object, int] = {}
    for spans in busy.values():
        for span in merged(spans):
            changes[span.starts_at] = changes.get(span.starts_at, 0) + 1
            changes[span.ends_at] = changes.get(span.ends_at, 0) - 1
    found: list[Span] = []
    taken, since = 0, None
    for moment in sorted(changes):  # type: ignore[type-var]
        taken += changes[moment]
        short = len(busy) - taken < wanted
        if short and since is None:
            since = moment
        elif not short and since is not None:
            found.append(Span(since, moment))  # type: ignore[arg-type]
            since = None
    return found


def wish_reasons(
    facts: PlaceFacts | None, places: int | None, named: str, known: Sequence[str]
) -> list[Reason]:
    """Why so many places, or one by its name, cannot be asked for here."""
    if not places:
        return []
    if facts is None:
        return [Reason("not_by_place", msg("This room is not booked by place."), "places")]
    if named and named not in known:
        return [Reason("no_such_place", msg("There is no place of this name here."), "place")]
    if places > facts.count:
        text = nmsg("There is %(n)s place here.", "There are %(n)s places here.", facts.count)
        choices = (_choice(facts.count),) if facts.count else ()
        return [Reason("over_places", text, "places", choices)]
    return []


def _choice(count: int) -> Choice:
    return Choice(nmsg("%(n)s place", "%(n)s places", count), {"places": str(count)})


def taken_reason(
    free: int, count: int, when: LocalSpan, nearest: tuple[Choice, ...] = (), named: str = ""
) -> Reason:
    """How many places are free meanwhile, with other times and the number that could be had."""
    if named:
        text = msg("“%(place)s” is taken %(when)s.", place=named, when=when)
        return Reason("taken", text, "place", nearest, "conflict")
    text = nmsg(
        "Of %(of)s places %(n)s is free %(when)s.",
        "Of %(of)s places %(n)s are free %(when)s.",
        free,
        of=count,
        when=when,
    )
    fewer = (_choice(free),) if free else ()
    return Reason("taken", text, "places", (*fewer, *nearest), "conflict")


# -- what a manager says -----------------------------------------------------------------------


@dataclass(frozen=True)
class PlaceSaid:
    """A place as a manager says it: its name, and when it is given out (the lowest rank first)."""

    id: int
    name: str
    rank: int
    in_use: bool


@dataclass(frozen=True)
class PlacesSaid:
    """All a manager says of a room's places: those there are, new ones by name, the price."""

    places: tuple[PlaceSaid, ...] = ()
    new: tuple[str, ...] = ()
    hour_cents: int = 0
    member_hour_cents: int | None = None


def numbered(word: str, count: int, known: Sequence[str]) -> tuple[str, ...]:
    """Names for so many new places: the word with the next free numbers."""
    found: list[str] = []
    number = 1
    while len(found) < count:
        name = f"{word} {number}"
        if name not in known:
            found.append(name)
        number += 1
    return tuple(found)


def said_reasons(said: PlacesSaid, known: set[int], *, first: bool) -> list[Reason]:
    """Why a room cannot have these places."""
    reasons: list[Reason] = []
    names = [*(place.name for place in said.places), *said.new]
    if first and len(said.new) < 2:
        text = msg("A room that is booked by place has two places or more.")
        reasons.append(Reason("too_few_places", text, "more"))
    if len(names) > MOST_PLACES:
        text = msg("At most %(n)s places in one room.", n=MOST_PLACES)
        reasons.append(Reason("too_many_places", text, "more"))
    if any(not name or len(name) > LONGEST_NAME for name in names):
        text = msg("Every place has a name, of at most %(n)s characters.", n=LONGEST_NAME)
        reasons.append(Reason("missing", text, "name"))
    if len(set(names)) < len(names):
        reasons.append(Reason("same_name", msg("Two places have the same name."), "name"))
    if not {place.id for place in said.places} <= known:
        reasons.append(Reason("no_such_place", msg("There is no such place here."), "name"))
    if said.hour_cents < 0 or (said.member_hour_cents or 0) < 0:
        text = msg("This cannot be less than zero.")
        reasons.append(Reason("negative", text, "hour"))
    return reasons
