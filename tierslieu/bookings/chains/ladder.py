"""A chain as it is shown: every step, whose turn it is, and what each of them said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tierslieu.bookings.chains.queries import Standing, standing
from tierslieu.bookings.chains.rules import ROLE_WORDS
from tierslieu.bookings.queries import BookingView
from tierslieu.kernel.messages import Message
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work
from tierslieu.people.queries import names


@dataclass(frozen=True)
class Said:
    """One answer; ``who`` is None for the clock."""

    who: str | None
    answer: str
    at: datetime
    reason: str
    as_substitute: bool


@dataclass(frozen=True)
class Rung:
    """One step; ``until`` where it is its turn."""

    label: Texts
    who: Message
    state: Literal["done", "now", "next"]
    until: datetime | None
    said: tuple[Said, ...]
    people: tuple[str, ...]


@dataclass(frozen=True)
class Ladder:
    """All steps of a request and the one whose turn it is (from one)."""

    rungs: tuple[Rung, ...]
    n: int
    standing: Standing

    @property
    def current(self) -> Rung:
        return self.rungs[self.n - 1]


def ladder(work: Work, view: BookingView, *, with_names: bool = True) -> Ladder | None:
    """The steps of a request; None where no chain runs. Names are for who works there."""
    at = standing(work.session, view, work.now)
    if at is None:
        return None
    ids = {each.person_id for each in at.answers if each.person_id} | at.panel.people
    known = names(work.session, ids) if with_names else {}
    rungs = []
    for n, step in enumerate(at.steps):
        said = tuple(
            Said(
                None if each.answer == "passed" else known.get(each.person_id or 0, ""),
                each.answer,
                each.at,
                each.reason if with_names else "",
                each.as_substitute,
            )
            for each in at.said(step)
        )
        now = n == at.at
        people = tuple(sorted(filter(None, (known.get(p, "") for p in at.panel.people))))
        rungs.append(
            Rung(
                step.label,
                ROLE_WORDS[step.role],
                "now" if now else ("done" if n < at.at else "next"),
                at.progress.until if now else None,
                said,
                people if now else (),
            )
        )
    return Ladder(tuple(rungs), at.at + 1, at)
