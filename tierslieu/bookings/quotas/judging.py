"""Quotas asked for one wish, for many rooms, or for all dates of a series."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from tierslieu.bookings.quotas.queries import concerning, counted
from tierslieu.bookings.rules.nearest import slot_choices
from tierslieu.bookings.rules.quotas import Counted, candidates, over, quota_reasons
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work

if TYPE_CHECKING:
    from tierslieu.bookings.cases.queries import Party, RoomCase
    from tierslieu.bookings.rules import Applicant

Counts = dict[int, list[Counted]]


def counts(
    work: Work,
    cases: Collection[RoomCase],
    party: Party,
    people: dict[int, Applicant],
    spans: Sequence[Span],
    ignoring: Iterable[int] = (),
) -> Counts:
    """By room, the quotas that concern a party, with what is used around some spans.

    ``people``: the party as applicant, by venue. No statement where there is no quota.
    """
    organisation = party.organisation_id is not None
    wanted = {
        case.id: (case, concerning(case, party,
                                   people[case.venue_id].audiences(organisation=organisation)))
        for case in cases
        if case.quotas
    }  # fmt: skip
    return counted(work.session, party, wanted, spans, work.now, ignoring)


def series_reasons(
    work: Work,
    case: RoomCase,
    party: Party,
    applicant: Applicant,
    spans: Sequence[Span],
    ignoring: Iterable[int] = (),
) -> list[Reason]:
    """What quotas say of all dates of a series at once: each reason offers the first that fit.

    Call `lock_quotas` first. ``ignoring``: bookings that these dates replace.
    """
    found = counts(work, [case], party, {case.venue_id: applicant}, spans, ignoring)
    return quota_reasons(spans, found.get(case.id, []))


def with_nearest(
    reasons: Sequence[Reason],
    proposed: Iterable[Span],
    recount: Callable[[Sequence[Span]], list[Counted]],
    allowed: Callable[[Span], bool],
    case: RoomCase,
    most: int = 3,
) -> list[Reason]:
    """Reasons with those of the proposed times that all rules and all quotas allow."""
    spans = list(proposed)
    if not spans:
        return list(reasons)
    quotas = recount(spans)
    good = [
        span
        for span in spans
        if all(over(each, [span]) is None for each in quotas) and allowed(span)
    ]
    offers = slot_choices(good[:most], case.zone)
    return [replace(reason, nearest=offers) for reason in reasons]


def proposals(
    span: Span, quotas: Iterable[Counted], step: int | None, now: datetime, until: datetime
) -> list[Span]:
    """Times until a moment that the quotas which refuse a span might allow."""
    passed = [each for each in quotas if over(each, [span]) is not None]
    return [each for each in candidates(span, passed, step, now) if each.ends_at <= until]
