"""The criteria by which a venue may rank applications, each said with an example; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from tierslieu.kernel.messages import Message, msg

MOST_YEARS: Final = 5
MOST_POINTS: Final = 1000
Source = Literal["seen", "yes", "years"]
#: How it stands with what a group declares: its word is enough, or the venue has the say.
Standing = Literal["word", "waiting", "confirmed", "declined"]


#: Who says that a criterion is met.
SOURCES: Final[Mapping[Source, Message]] = {
    "seen": msg("known to the house"),
    "yes": msg("the group's own word"),
    "years": msg("the group's own word"),
}


@dataclass(frozen=True)
class Criterion:
    """A criterion: ``seen`` we know ourselves, ``yes`` and ``years`` the applicant answers."""

    key: str
    label: Message
    effect: Message
    source: Source = "yes"

    @property
    def says(self) -> Message:
        """Who says that it is met, in words."""
        return SOURCES[self.source]


CRITERIA: Final = (
    Criterion(
        "member",
        msg("Members of the venue"),
        msg("Whoever applies has a card that counts here. With 20: a member's choir has 20 more."),
        "seen",
    ),
    Criterion(
        "district",
        msg("Associations of the district"),
        msg("The group is at home in the district. With 15: the parents of the street have 15."),
    ),
    Criterion(
        "years",
        msg("Years here"),
        msg("For each year the group has been here, five at most. With 3: four years make 12."),
        "years",
    ),
    Criterion(
        "access",
        msg("People with a disability"),
        msg("Some who come have a disability. With 10: a group for blind people has 10."),
    ),
    Criterion(
        "public",
        msg("Open to everybody"),
        msg("Whoever likes may join. With 10: an open dance evening has 10, a closed course none."),
    ),
    Criterion(
        "young",
        msg("Young people"),
        msg("Most who come are under 18. With 10: a children's theatre has 10."),
    ),
    Criterion(
        "free",
        msg("Free of charge"),
        msg("Nobody pays to take part. With 10: a free language café has 10, a paid course none."),
    ),
    Criterion(
        "size",
        msg("The size fits the room"),
        msg("They fill half of the first room they name. With 5: 16 people in a room for 30."),
        "seen",
    ),
    Criterion(
        "first",
        msg("First time here"),
        msg("The group has never had a season here. With 5: a new group has 5 to begin with."),
    ),
)
BY_KEY: Final = {each.key: each for each in CRITERIA}
#: Those that a venue may want to confirm before they count.
DECLARED: Final = tuple(each for each in CRITERIA if each.source != "seen")
#: What the applicant is asked, in her words.
QUESTIONS: Final[Mapping[str, Message]] = {
    "district": msg("We are at home in this district"),
    "years": msg("For how many years have you been here?"),
    "access": msg("Some of us have a disability"),
    "public": msg("Whoever likes may join us"),
    "young": msg("Most of us are under 18"),
    "free": msg("Nobody pays to take part"),
    "first": msg("It would be our first season here"),
}


@dataclass(frozen=True)
class Answers:
    """What is known of an application for its points."""

    yes: frozenset[str] = frozenset()
    years: int = 0


def standing(
    key: str, to_confirm: Collection[str], verdicts: Mapping[str, Mapping[str, Any]]
) -> Standing:
    """How it stands with a declared criterion. ``verdicts``: {criterion: {"ok", "reason"}}."""
    if key not in to_confirm:
        return "word"
    if key not in verdicts:
        return "waiting"
    return "confirmed" if verdicts[key]["ok"] else "declined"


def declared(weights: Mapping[str, int], answers: Mapping[str, Any]) -> list[str]:
    """The criteria that count and that a group says it meets, in the published order."""
    return [each.key for each in DECLARED if weights.get(each.key) and answers.get(each.key)]


def half_full(size: int, capacity: int | None) -> bool:
    """Whether a group fills half of a room and is not too many for it."""
    return capacity is not None and 2 * size >= capacity and size <= capacity


def points(weights: Mapping[str, int], answers: Answers) -> list[tuple[str, int]]:
    """What each published criterion gives, in the published order; nothing for those not met."""
    found = []
    for criterion in CRITERIA:
        weight = weights.get(criterion.key, 0)
        if criterion.source == "years":
            gives = weight * max(0, min(answers.years, MOST_YEARS))
        else:
            gives = weight if criterion.key in answers.yes else 0
        if gives:
            found.append((criterion.key, gives))
    return found


def total(rows: Sequence[tuple[str, int]], by_hand: int = 0) -> int:
    """All points together."""
    return sum(gives for _, gives in rows) + by_hand
