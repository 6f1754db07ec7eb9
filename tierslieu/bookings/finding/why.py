"""Why a cell has no time: what booking would say, with the nearest choices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from tierslieu.bookings.availability.known import searched
from tierslieu.bookings.availability.queries import Verdict, judge
from tierslieu.bookings.cases.queries import Party, RoomCase, applicants, room_case
from tierslieu.bookings.finding.rows import (
    ONE_DAY,
    Question,
    Row,
    needed,
    opens_of,
    row_of,
    taken_of,
)
from tierslieu.bookings.rules import Applicant, Ask, Wish, check, fit_reasons
from tierslieu.bookings.rules.matrix import Wanted, pieces_of, span_at
from tierslieu.kernel.errors import NotFound, Reason
from tierslieu.kernel.span import Span, at_wall
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue


@dataclass(frozen=True)
class WhyNot:
    """One room on one day: the time that comes nearest to the wish, and what is in its way."""

    case: RoomCase
    day: date
    span: Span
    reasons: tuple[Reason, ...]


def why_not(work: Work, asked: Question, room: str, day: date) -> WhyNot:
    """What booking would say; without reasons it can be had. Raises NotFound."""
    wanted = replace(asked.wanted, first=day, last=day, weekdays=frozenset({day.weekday()}))
    case, wish = _shown(work, room, wanted), asked.wish
    party = Party(work.actor, work.actor.person_id)
    person = applicants(work.session, party, {case.venue_id}, day, work.now)[case.venue_id]
    policy = case.policy_for(person, organisation=False)
    question = replace(asked, wanted=wanted)
    busy = taken_of(work, [case], question)[case.id]
    pieces = pieces_of(wanted, opens_of(case, wanted), case.zone)
    row = row_of(question, case, policy, pieces, busy, work.now)
    span = row.first or _best(work, wanted, wish, row, person)
    verdict: Verdict = judge(
        work,
        "book",
        case,
        party,
        Ask(span, wish.people, places=needed(case, wish.people) or None),
        taken=True,
    )
    lacks = fit_reasons(searched(case, case.capacity), wish)
    said = {reason.code for reason in lacks}
    own = [r for r in verdict.reasons if r.code not in said | {"sign_in_needed"}]
    return WhyNot(case, day, span, (*lacks, *own))


def _shown(work: Work, room: str, wanted: Wanted) -> RoomCase:
    start = datetime.combine(wanted.first, time.min, UTC)
    case = room_case(work.session, room, Span(start, start + 2 * ONE_DAY))
    if not work.session.get_one(Venue, case.venue_id).published:
        raise NotFound
    return case


def _best(work: Work, wanted: Wanted, wish: Wish, row: Row, person: Applicant) -> Span:
    """The start of the day against which the least is said; the first of those."""
    step = max(15, row.limits.step // 60)
    last = max(wanted.opens, wanted.closes - wanted.minutes)
    busy = [span_at(low, high - low) for low, high in row.taken]
    policy = replace(row.policy, before_minutes=0, after_minutes=0)
    spans = [
        Span(start, start + timedelta(minutes=wanted.minutes))
        for minute in range(wanted.opens, last + 1, step)
        for start in [_at(wanted.first, minute, row)]
    ]
    return min(
        spans,
        key=lambda span: len(
            check(
                "book", Ask(span, wish.people), row.case.facts, policy, person, work.now, busy, 0
            ).refused
        ),
    )


def _at(day: date, minute: int, row: Row) -> datetime:
    days, minutes = divmod(minute, 1440)
    return at_wall(day + timedelta(days=days), minutes, row.case.zone)
