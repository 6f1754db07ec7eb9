"""What stays the same of rooms from one question to the next: rules in force, what is searched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from tierslieu.bookings.cases.queries import RoomCase
from tierslieu.bookings.rules import Applicant, EffectivePolicy
from tierslieu.bookings.rules import Candidate as SearchCandidate
from tierslieu.kernel.work import Work
from tierslieu.venues.keeping.queries import version_of_facts

#: So much of either kind is kept by one process, and nothing once a fact has changed.
KEPT: Final = 6_000

Rules = dict[tuple[int, frozenset[str]], tuple[Any, EffectivePolicy]]
Rooms = dict[int, tuple[RoomCase, SearchCandidate]]


class Known:
    """Kept beside what it was made from, so that the id of that stays its own."""

    def __init__(self, work: Work) -> None:
        version = version_of_facts(work.session)
        kept: tuple[int | None, Rules, Rooms] | None = work.site.memo.get("known")
        if kept is None or kept[0] != version:
            kept = work.site.memo["known"] = version, {}, {}
        self._rules, self._rooms = kept[1], kept[2]
        self._audiences: dict[int, tuple[Applicant, frozenset[str]]] = {}

    def rules(
        self, case: RoomCase, applicant: Applicant, *, organisation: bool = False
    ) -> EffectivePolicy:
        """The rules in force for somebody, resolved once for as long as nobody changes any."""
        said = self._audiences.get(id(applicant))
        if said is None:
            audiences = applicant.audiences(organisation=organisation)
            said = self._audiences[id(applicant)] = applicant, audiences
        key = id(case.policies), said[1]
        found = self._rules.get(key)
        if found is None:
            if len(self._rules) > KEPT:
                self._rules.clear()
            policy = case.policy_for(applicant, organisation=organisation)
            found = self._rules[key] = case.policies, policy
        return found[1]

    def searched(self, case: RoomCase, capacity: int | None) -> SearchCandidate:
        """A room as the search sees it, when it holds so many people."""
        if capacity != case.capacity:
            return searched(case, capacity)
        found = self._rooms.get(id(case))
        if found is None:
            if len(self._rooms) > KEPT:
                self._rooms.clear()
            found = self._rooms[id(case)] = case, searched(case, capacity)
        return found[1]


def searched(case: RoomCase, capacity: int | None) -> SearchCandidate:
    """A room as the search sees it, when it holds so many people."""
    return SearchCandidate(
        key=case.id,
        name=case.name,
        capacity=capacity,
        features=frozenset(case.features),
        access=dict(case.access),
    )


def as_one(
    people: Mapping[int, Applicant], known: dict[Applicant, Applicant] | None = None
) -> dict[int, Applicant]:
    """The same applicants, equal ones (and those of ``known``) as one object.

    Somebody unknown counts as signed in: a search answers her as whoever has an account, and
    booking will ask her to sign in.
    """
    known = {} if known is None else known
    found = {}
    for venue, one in people.items():
        shown = one if one.signed_in else replace(one, signed_in=True)
        found[venue] = known.setdefault(shown, shown)
    return found
