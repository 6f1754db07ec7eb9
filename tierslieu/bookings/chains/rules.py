"""Who may answer at which step, and what an answer brings about. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.texts import Texts

ROLES: Final = (
    "venue_desk", "venue_manager", "network_admin", "organisation_admin", "persons",
)  # fmt: skip
SUBSTITUTES: Final = ("", *ROLES)
OUTCOMES: Final = ("confirm", "decline", "expire", "next")
MOST_STEPS: Final = 6
LONGEST_HOURS: Final = 8760

ROLE_WORDS: Final[dict[str, Message]] = {
    "venue_desk": msg("the desk"),
    "venue_manager": msg("the venue's managers"),
    "network_admin": msg("the network's administrators"),
    "organisation_admin": msg("the admins of the running organisation"),
    "persons": msg("the persons named"),
}


@dataclass(frozen=True)
class Step:
    """A step as it is set. Hours count from when its turn comes; None = no deadline."""

    role: str
    mode: str = "any"
    label: Texts = Texts()  # noqa: RUF009 - frozen as it is used
    deadline_hours: int | None = None
    outcome: str = "expire"
    substitute: str = ""
    substitute_after_hours: int | None = None
    #: Row ids of the persons named, where the role is “persons”.
    persons: tuple[int, ...] = ()
    substitutes: tuple[int, ...] = ()
    id: int = 0


@dataclass(frozen=True)
class Panel:
    """Who answers a step at a moment: its people, who of them is away, and who instead."""

    people: frozenset[int]
    away: frozenset[int] = frozenset()
    substitutes: frozenset[int] = frozenset()
    #: Whether the substitutes' part of the time has come.
    their_time: bool = False

    @property
    def present(self) -> frozenset[int]:
        return self.people - self.away

    @property
    def may_substitute(self) -> frozenset[int]:
        """Who may answer instead at this moment."""
        if self.their_time or not self.present:
            return self.substitutes - self.people
        return frozenset()

    @property
    def may_answer(self) -> frozenset[int]:
        return self.people | self.may_substitute


def is_complete(mode: str, panel: Panel, approved: Collection[int]) -> bool:
    """Whether these approvals are enough: one of any, or of all; a substitute's stands for all."""
    said = set(approved)
    if mode == "any":
        return bool(said)
    if said & (panel.substitutes - panel.people):
        return True
    return bool(said) and panel.people <= said


def until(step: Step, since: datetime, starts_at: datetime) -> datetime | None:
    """The deadline of a step whose turn came at ``since``; never after the start."""
    if step.deadline_hours is None:
        return None
    return min(since + timedelta(hours=step.deadline_hours), starts_at)


def substitute_from(step: Step, since: datetime) -> datetime | None:
    """From when the substitute may answer; by default after half of the time."""
    if not step.substitute:
        return None
    hours = step.substitute_after_hours
    if hours is None:
        if step.deadline_hours is None:
            return None
        return since + timedelta(hours=step.deadline_hours) / 2
    return since + timedelta(hours=hours)


def check_steps(steps: Sequence[Step]) -> None:
    """Raise Invalid for steps that cannot be meant, with the field of the step."""
    if len(steps) > MOST_STEPS:
        text = msg("A chain has at most %(n)s steps.", n=MOST_STEPS)
        raise Invalid("too_many_steps", text, "steps")
    for n, step in enumerate(steps, 1):
        _check(n, step)


def _check(n: int, step: Step) -> None:
    chosen = {
        "role": (step.role, ROLES),
        "mode": (step.mode, ("any", "all")),
        "outcome": (step.outcome, OUTCOMES),
        "substitute": (step.substitute, SUBSTITUTES),
    }
    for name, (value, values) in chosen.items():
        if value not in values:
            text = msg("This is not one of the possible values.")
            raise Invalid("invalid", text, f"{name}_{n}")
    for name in ("deadline_hours", "substitute_after_hours"):
        hours = getattr(step, name)
        if hours is not None and not 0 < hours <= LONGEST_HOURS:
            raise Invalid("bad_hours", msg("Write hours between 1 and 8760."), f"{name}_{n}")
    if step.role == "persons" and not step.persons:
        raise Invalid("missing", msg("Name at least one person."), f"persons_{n}")
    if step.substitute == "persons" and not step.substitutes:
        raise Invalid("missing", msg("Name at least one person."), f"substitutes_{n}")
    late, whole = step.substitute_after_hours, step.deadline_hours
    if step.substitute and late is not None and whole is not None and late >= whole:
        text = msg("The substitute's time must begin before the deadline.")
        raise Invalid("bad_hours", text, f"substitute_after_hours_{n}")


# -- a chain in words --------------------------------------------------------------------------


def sentences(steps: Sequence[Step]) -> list[Message]:
    """The chain as one would tell it: one sentence a step, and what happens at the end."""
    if not steps:
        return [msg("Whoever may approve at the venue answers.")]
    told = [_sentence(step, first=n == 0, last=n == len(steps) - 1) for n, step in enumerate(steps)]
    return [*told, msg("Only then is it confirmed.")]


def _sentence(step: Step, *, first: bool, last: bool) -> Message:
    who = ROLE_WORDS[step.role]
    if step.mode == "all":
        who = msg("all of %(who)s", who=who)
    text = msg("First %(who)s", who=who) if first else msg("Then %(who)s", who=who)
    if step.deadline_hours is None:
        return msg("%(step)s, without a deadline.", step=text)
    return msg(
        "%(step)s, within %(time)s; %(otherwise)s.",
        step=text,
        time=timedelta(hours=step.deadline_hours),
        otherwise=_otherwise(step.outcome, last=last),
    )


def _otherwise(outcome: str, *, last: bool) -> Message:
    if outcome == "next" and not last:
        return msg("if nobody answers, the next step is asked")
    return {
        "confirm": msg("if nobody answers, it is confirmed"),
        "decline": msg("if nobody answers, it is declined"),
    }.get(outcome, msg("if nobody answers, it expires"))
