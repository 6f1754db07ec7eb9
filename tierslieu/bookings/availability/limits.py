"""What is counted for a wish or for all dates of a series: quotas, and what would do instead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from tierslieu.bookings.cases.demands import unmet_of
from tierslieu.bookings.cases.queries import Party, RoomCase, booking_day, rooms
from tierslieu.bookings.quotas.judging import counts, proposals, with_nearest
from tierslieu.bookings.rules import Applicant, Ask, Door, check
from tierslieu.bookings.rules.demands import Unmet
from tierslieu.bookings.rules.doors import DOORS, also
from tierslieu.bookings.rules.quotas import Counted, first_that_fit, quota_reasons
from tierslieu.kernel.errors import Choice, Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span, local_date
from tierslieu.kernel.work import Work
from tierslieu.resources.queries import busy_spans

if TYPE_CHECKING:
    from tierslieu.bookings.availability.queries import Verdict

#: How far ahead the next period of a quota is looked into: so far the facts of a case reach.
NEXT_PERIOD: Final = timedelta(days=50)
#: So many other rooms are named to whoever lacks what one asks for.
ELSEWHERE: Final = 3


def within_quotas(
    work: Work,
    door: Door,
    party: Party,
    asks: Sequence[Ask],
    verdicts: list[Verdict],
    moving: Sequence[int],
) -> list[Verdict]:
    """Verdicts with what quotas say of all wishes that nothing else refuses, taken together.

    The first wishes that fit stay as they are; the others carry the reason. One wish alone
    carries the times near that its quotas and all other rules would allow.
    """
    if DOORS[door]["personal"] == "pass" or not verdicts[0].case.quotas:
        return verdicts
    wanted = [n for n, each in enumerate(verdicts) if each.judgement.allowed]
    if len(asks) == 1:
        wanted = [0]
    spans = [asks[n].span for n in wanted]
    quotas = _counts(work, verdicts[0], party, spans, moving)
    reasons = quota_reasons(spans, quotas)
    if not reasons:
        return verdicts
    if len(asks) == 1:
        reasons = _with_times(work, verdicts[0], party, asks[0], quotas, reasons, moving)
    passed = set(wanted[first_that_fit(spans, quotas) :])
    return [
        _with(each, door, ask, reasons) if n in passed else each
        for n, (each, ask) in enumerate(zip(verdicts, asks, strict=True))
    ]


def _with(verdict: Verdict, door: Door, ask: Ask, reasons: Sequence[Reason]) -> Verdict:
    judgement = also(verdict.judgement, door, ask, reasons)
    return replace(verdict, judgement=judgement, counted=tuple(reasons))


def _counts(
    work: Work, verdict: Verdict, party: Party, spans: Sequence[Span], moving: Sequence[int]
) -> list[Counted]:
    case = verdict.case
    return counts(work, [case], party, {case.venue_id: verdict.applicant}, spans, moving)[case.id]


def _with_times(
    work: Work,
    verdict: Verdict,
    party: Party,
    ask: Ask,
    quotas: Sequence[Counted],
    reasons: Sequence[Reason],
    moving: Sequence[int],
) -> list[Reason]:
    case, until = verdict.case, ask.span.ends_at + NEXT_PERIOD
    around = Span(ask.span.starts_at - timedelta(days=1), until)
    busy = occupied(work, case.id, around, moving)

    def allowed(span: Span) -> bool:
        wish = replace(ask, span=span)
        rules = (wish, case.facts, verdict.policy, verdict.applicant, work.now, busy, 0)
        return check("book", *rules).allowed

    return with_nearest(
        reasons,
        proposals(ask.span, quotas, verdict.policy.step_minutes, work.now, until),
        lambda spans: _counts(work, verdict, party, spans, moving),
        allowed,
        case,
    )


def occupied(work: Work, room_id: int, around: Span, moving: Collection[int]) -> list[Span]:
    """What is occupied in a room by others than the claims that move."""
    found = busy_spans(work.session, [room_id], around, work.now)[room_id]
    own = set(moving)
    return [item.span for item in found if item.claim_id not in own]


def with_unmet(
    work: Work,
    door: Door,
    case: RoomCase,
    party: Party,
    asks: Sequence[Ask],
    people: Sequence[Applicant],
) -> list[Applicant]:
    """The applicant of each wish with what she has not accepted and lacks on its day.

    No statement where nothing is asked for, nor for what the house itself does.
    """
    nothing = not (case.asked.terms or case.asked.needs)
    if nothing or DOORS[door]["personal"] == "pass" or (party.is_clerk and not party.person_id):
        return list(people)
    by_day: dict[date, Unmet] = {}
    found = []
    for ask, applicant in zip(asks, people, strict=True):
        day = booking_day(case, ask.span)
        if day not in by_day:
            by_day[day] = _offering(work, case, ask, unmet_of(
                work.session, case.asked, party.person_id, party.organisation_id, case.venue_id,
                day, local_date(work.now, case.zone),
            ))  # fmt: skip
        found.append(replace(applicant, unmet=by_day[day]))
    return found


def _offering(work: Work, case: RoomCase, ask: Ask, unmet: Unmet) -> Unmet:
    """With the rooms of the venue that do not ask for what she lacks."""
    if not unmet.lacking:
        return unmet
    lacking = {need.id for need in unmet.lacking}
    day = booking_day(case, ask.span)
    others = [
        other
        for other in rooms(work.session, day, day).of_venue(case.venue_id)
        if other.id != case.id
        and other.facts.bookable
        and lacking.isdisjoint(need.id for need in other.asked.needs)
        and (ask.attendance or 0) <= (other.capacity or ask.attendance or 0)
    ]
    found = [
        Choice(msg("%(room)s", room=other.name), {"room_id": other.public_id})
        for other in others[:ELSEWHERE]
    ]
    return replace(unmet, elsewhere=tuple(found))
