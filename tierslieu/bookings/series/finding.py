"""Rooms that are free on every date of a repetition: one question for all rooms and dates."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from tierslieu.bookings.availability.known import Known, as_one
from tierslieu.bookings.cases.queries import Party, RoomCase, applicants, booking_day
from tierslieu.bookings.rules import Applicant, Ask, EffectivePolicy, Wish
from tierslieu.bookings.rules.checked import Checked, alike
from tierslieu.bookings.rules.doors import taken_reason
from tierslieu.bookings.series.rules import Date, Fate, refusal_of
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.resources.queries import taken_in_spans


def against_dates(
    work: Work, cases: Collection[RoomCase], party: Party, wish: Wish, dates: Sequence[Date]
) -> dict[int, tuple[Reason, ...]]:
    """By room, the dates that cannot be had there with the reason of each; none: all are free.

    ``answers`` judges the first date; here are the others.
    """
    if not cases or not dates:
        return {}
    rules = _Rules(work, cases, party, dates)
    checks = [Checked(Ask(date.span, wish.people), work.now) for date in dates]
    taken = _taken(work, {case.id: rules.of(case)[0] for case in cases}, dates)
    found: dict[int, tuple[Reason, ...]] = {}
    for case in cases:
        policy, applicant = rules.of(case)
        fates = []
        for n, date in enumerate(dates):
            reasons = checks[n].of(case.facts, policy, applicant).refused
            if case.id in taken[n]:
                reasons = (*reasons, taken_reason([date.span], case.zone))
            fates.append(Fate(date, reasons))
        found[case.id] = refusal_of(fates, case.zone)
    return found


def free_on_dates(
    work: Work, cases: Collection[RoomCase], party: Party, wish: Wish, dates: Sequence[Date]
) -> set[int]:
    """The rooms that can be had on all of the dates."""
    if not cases or not dates:
        return {case.id for case in cases}
    rules = _Rules(work, cases, party, dates)
    checks = [Checked(Ask(date.span, wish.people), work.now) for date in dates]
    allowed, known = {}, dict[object, bool]()
    for case in cases:
        policy, applicant = rules.of(case)
        key = alike(case.facts, policy, applicant, wish.people) or case.id
        if key not in known:
            judged = (each.of(case.facts, policy, applicant) for each in checks)
            known[key] = all(each.allowed for each in judged)
        if known[key]:
            allowed[case.id] = policy
    return set(allowed).difference(*_taken(work, allowed, dates))


class _Rules:
    """The rules in force and the applicant at each room, as on the first of some dates."""

    def __init__(
        self, work: Work, cases: Collection[RoomCase], party: Party, dates: Sequence[Date]
    ) -> None:
        day = booking_day(next(iter(cases)), dates[0].span)
        venues = {case.venue_id for case in cases}
        self._people = as_one(applicants(work.session, party, venues, day, work.now))
        self._known, self._organisation = Known(work), party.organisation_id is not None

    def of(self, case: RoomCase) -> tuple[EffectivePolicy, Applicant]:
        applicant = self._people[case.venue_id]
        return self._known.rules(case, applicant, organisation=self._organisation), applicant


def _taken(
    work: Work, policies: Mapping[int, EffectivePolicy], dates: Sequence[Date]
) -> list[set[int]]:
    """For each date the rooms that are taken then, with what is kept around it."""
    groups: dict[tuple[timedelta, timedelta], list[int]] = {}
    for room_id, policy in policies.items():
        groups.setdefault((policy.before, policy.after), []).append(room_id)
    taken: list[set[int]] = [set() for _ in dates]
    for (before, after), rooms in groups.items():
        spans: list[Span] = [date.span.widened(before, after) for date in dates]
        for n, found in enumerate(taken_in_spans(work.session, rooms, spans, work.now)):
            taken[n] |= found
    return taken
