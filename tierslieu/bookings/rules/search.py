"""How rooms answer a wish: what fits, what nearly fits and why not, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from tierslieu.bookings.rules.capacity import over_capacity
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.messages import Message, msg

#: Accessibility facts that may be asked for; None on a room = not known.
ACCESS: Final[tuple[str, ...]] = ("step_free", "accessible_toilet", "hearing_loop", "lift")

_LACKS: Final = {
    "step_free": msg("There are steps on the way in."),
    "accessible_toilet": msg("There is no accessible toilet."),
    "hearing_loop": msg("There is no hearing loop."),
    "lift": msg("There is no lift."),
}
_UNKNOWN: Final = {
    "step_free": msg("It is not known whether the way in is without steps."),
    "accessible_toilet": msg("It is not known whether there is an accessible toilet."),
    "hearing_loop": msg("It is not known whether there is a hearing loop."),
    "lift": msg("It is not known whether there is a lift."),
}


@dataclass(frozen=True)
class Wish:
    """What a room should be like; nothing asked = anything fits."""

    people: int | None = None
    features: frozenset[str] = frozenset()
    access: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Candidate:
    """A room as the search sees it; ``access``: fact → yes, no, or None for not known.

    ``key`` is handed back untouched (an id or a row); ``name`` breaks ties.
    """

    key: object
    name: str
    capacity: int | None = None
    features: frozenset[str] = frozenset()
    access: dict[str, bool | None] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Match:
    """A room and what stands against it; free and fitting when nothing does."""

    candidate: Candidate
    reasons: tuple[Reason, ...] = ()
    asked_by: int = 0

    @property
    def fits(self) -> bool:
        """Whether it can be had as asked."""
        return not self.reasons


def fit_reasons(candidate: Candidate, wish: Wish) -> list[Reason]:
    """What of the wish the room itself does not fulfil, whatever the time."""
    found: list[Reason] = []
    if not (wish.people or wish.access or wish.features):
        return found
    if wish.people and candidate.capacity is not None and wish.people > candidate.capacity:
        found.append(over_capacity(candidate.capacity))
    for fact in ACCESS:
        if fact in wish.access and not candidate.access.get(fact):
            known = candidate.access.get(fact) is False
            text: Message = (_LACKS if known else _UNKNOWN)[fact]
            found.append(Reason("lacks_access" if known else "access_unknown", text, fact))
    for feature in sorted(wish.features - candidate.features):
        text = msg("It has no %(feature)s.", feature=feature_word(feature))
        found.append(Reason("lacks_feature", text, "features"))
    return found


def ordered(matches: Iterable[Match], wish: Wish) -> list[Match]:
    """Free ones first, the room nearest in size first; then near misses, easiest first."""
    return sorted(matches, key=lambda match: _rank(match, wish))


def near_misses(matches: Sequence[Match], limit: int = 12) -> list[Match]:
    """Those worth showing: they miss by something that can be changed, or by two things."""
    missed = [match for match in matches if not match.fits and _effort(match) < _HOPELESS]
    return missed[:limit]


#: How much it takes to do away with a reason; what is not named takes a lot.
_EFFORT: Final = {
    "off_step": 1,
    "too_short": 1,
    "taken": 2,
    "too_long": 2,
    "outside_hours": 2,
    "too_soon": 3,
    "access_unknown": 3,
    "sign_in_needed": 3,
    "closed": 4,
    "closure": 4,
    "too_far": 4,
    "over_capacity": 4,
    "lacks_feature": 4,
    "members_only": 5,
    "lacks_access": 6,
}
_A_LOT: Final = 8
_HOPELESS: Final = 10


def _effort(match: Match) -> int:
    return sum(_EFFORT.get(reason.code, _A_LOT) for reason in match.reasons)


def _rank(match: Match, wish: Wish) -> tuple[int, int, bool, int, str]:
    capacity = match.candidate.capacity
    spare = 0 if capacity is None else abs(capacity - (wish.people or 0))
    effort = _effort(match) if match.reasons else 0
    return (effort, match.asked_by, capacity is None, spare, match.candidate.name)


def feature_word(key: str) -> str:
    """A feature's key as it may be shown until a label says better."""
    return key.replace("_", " ")
