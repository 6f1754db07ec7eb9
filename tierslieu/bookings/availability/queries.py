"""What would be answered if somebody asked: for one room with its choices, or for many at once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tierslieu import hookspecs
from tierslieu.bookings.availability.extras import extras_to
from tierslieu.bookings.availability.kits import NO_KIT, Kit, kits_of
from tierslieu.bookings.availability.limits import with_unmet, within_quotas
from tierslieu.bookings.availability.roomier import with_elsewhere, with_roomier
from tierslieu.bookings.availability.ways import AROUND, way_of
from tierslieu.bookings.cases.queries import Party, RoomCase, applicants, booking_day
from tierslieu.bookings.rules import (
    Applicant,
    Ask,
    Door,
    EffectivePolicy,
    Judgement,
    Price,
    check,
    with_lines,
)
from tierslieu.bookings.rules.doors import also
from tierslieu.bookings.rules.prices import PriceLine
from tierslieu.contributions import Candidate, Objection
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.memberships.queries import cards_on


@dataclass(frozen=True)
class Verdict:
    """What the rules say of one wish in one room."""

    case: RoomCase
    policy: EffectivePolicy
    applicant: Applicant
    judgement: Judgement
    #: What was found by counting, in the judgement already.
    counted: tuple[Reason, ...] = ()
    kit: Kit = NO_KIT
    #: What plugins add to its price.
    extras: tuple[PriceLine, ...] = ()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return self.judgement.refused

    def price(self, span: Span, currency: str) -> Price:
        """What it would cost the applicant."""
        cost = self.kit.price(span, self.case, currency, member=self.applicant.member_then)
        return with_lines(cost, self.extras) if self.extras else cost


def judge(
    work: Work,
    door: Door,
    case: RoomCase,
    party: Party,
    ask: Ask,
    *,
    moving: int | None = None,
    purpose: str = "",
    taken: bool = False,
) -> Verdict:
    """Judge one wish; refused ones carry the nearest choices. ``moving``: the claim it replaces.

    ``taken``: say also what is in the way; the verbs leave it to the engine, which knows for sure.
    """
    moved = () if moving is None else (moving,)
    found = judge_all(work, door, case, party, [ask], moving=moved, purpose=purpose, taken=taken)[0]
    judgement = with_roomier(work, case, found.policy, found.applicant, ask, found.judgement)
    judgement = with_elsewhere(work, case, party, found.applicant, ask, judgement)
    return replace(found, judgement=judgement)


def judge_all(
    work: Work,
    door: Door,
    case: RoomCase,
    party: Party,
    asks: Sequence[Ask],
    *,
    moving: Sequence[int] = (),
    purpose: str = "",
    taken: bool = False,
    choices: int = 3,
) -> list[Verdict]:
    """Judge many wishes in one room together (the dates of a series): all is read once.

    ``moving``: the claims that they replace, in their order; none for new ones.
    """
    now = work.now
    people = _applicants(work, case, party, asks, moving)
    people = with_unmet(work, door, case, party, asks, people)
    policy = case.policy_for(people[0], organisation=party.organisation_id is not None)
    claims: Sequence[int | None] = moving or [None] * len(asks)
    candidates = [
        candidate_of(case, party, ask, claim_id, purpose)
        for ask, claim_id in zip(asks, claims, strict=True)
    ]
    objections = objections_to(work, candidates)
    judgements = [
        check(door, ask, case.facts, policy, applicant, now, choices=0)
        for ask, applicant in zip(asks, people, strict=True)
    ]
    again = [n for n, each in enumerate(judgements) if each.refused or taken]
    if again:
        way = way_of(work, case, [asks[n] for n in again], policy, moving)
        for n in again:
            near = _near(way.spans, asks[n])
            found = check(door, asks[n], case.facts, policy, people[n], now, near, choices)
            judgements[n] = replace(found, refused=way.said(found.refused, case, policy, asks[n]))
    extras = extras_to(work, candidates)
    verdicts = [
        Verdict(case, policy, applicant, judgement, extras=extras.get(candidate, ()))
        for applicant, judgement, candidate in zip(people, judgements, candidates, strict=True)
    ]
    verdicts = within_quotas(work, door, party, asks, verdicts, moving)
    verdicts = [
        replace(verdict, judgement=_objected(verdict.judgement, objections[candidate]))
        for verdict, candidate in zip(verdicts, candidates, strict=True)
    ]
    if not any(ask.places or ask.things for ask in asks):
        return verdicts
    kits = kits_of(work, case, asks, moving, taken=taken)
    return [
        replace(verdict, judgement=_objected(verdict.judgement, reasons), kit=kit)
        for verdict, (kit, reasons) in zip(verdicts, kits, strict=True)
    ]


def _applicants(
    work: Work, case: RoomCase, party: Party, asks: Sequence[Ask], moving: Sequence[int]
) -> list[Applicant]:
    """The party as it is on the day of each wish; everything but the card is the same."""
    days = [booking_day(case, ask.span) for ask in asks]
    venue, session = case.venue_id, work.session
    one = applicants(session, party, {venue}, days[0], work.now, ignoring=moving)[venue]
    if len(set(days)) == 1 or party.person_id is None:
        return [one] * len(days)
    cards = cards_on(session, party.person_id, set(days))
    return [replace(one, member_then=venue in cards[day]) for day in days]


def _objected(judgement: Judgement, objections: Sequence[Reason]) -> Judgement:
    if not objections:
        return judgement
    return replace(judgement, refused=(*judgement.refused, *objections))


def with_taken(
    work: Work,
    verdict: Verdict,
    door: Door,
    ask: Ask,
    moving: int | None,
    besides: Sequence[Span] = (),
) -> Verdict:
    """The verdict again, now that the time is known to be taken: with times that are not.

    ``besides``: when what shall go with it is not to be had.
    """
    moved = () if moving is None else (moving,)
    return with_taken_all(work, [verdict], door, [ask], moved, besides=besides)[0]


def with_taken_all(
    work: Work,
    verdicts: Sequence[Verdict],
    door: Door,
    asks: Sequence[Ask],
    moving: Sequence[int],
    choices: int = 3,
    besides: Sequence[Span] = (),
) -> list[Verdict]:
    """The same for many wishes in one room; what is busy is asked once."""
    if not asks:
        return []
    case, policy = verdicts[0].case, verdicts[0].policy
    way = way_of(work, case, asks, policy, moving)
    found = []
    for verdict, ask in zip(verdicts, asks, strict=True):
        near = sorted([*_near(way.spans, ask), *besides])
        judged = check(
            door, ask, case.facts, verdict.policy, verdict.applicant, work.now, near, choices
        )
        judged = replace(judged, refused=way.said(judged.refused, case, policy, ask))
        found.append(replace(verdict, judgement=also(judged, door, ask, verdict.counted)))
    return found


def _near(busy: Sequence[Span], ask: Ask) -> Sequence[Span]:
    """Of many spans in order, those around one wish."""
    around = ask.span.widened(AROUND, AROUND)
    first = bisect_left(busy, around.starts_at, key=_ends)
    return busy[first : bisect_left(busy, around.ends_at, key=_starts)]


def _starts(span: Span) -> datetime:
    return span.starts_at


def _ends(span: Span) -> datetime:
    return span.ends_at


def candidate_of(
    case: RoomCase, party: Party, ask: Ask, moving: int | None = None, purpose: str = ""
) -> Candidate:
    """A wish as judges are asked about it."""
    return Candidate(
        room_id=case.id,
        venue_id=case.venue_id,
        span=ask.span,
        person_id=party.person_id,
        organisation_id=party.organisation_id,
        attendance=ask.attendance,
        purpose=purpose,
        claim_id=moving,
        zone=case.zone.key,
    )


def objections_to(work: Work, candidates: Sequence[Candidate]) -> dict[Candidate, list[Reason]]:
    """Objections of the judges to each candidate; a judge that failed objects to all."""
    spec = hookspecs.booking_objections
    found: dict[Candidate, list[Reason]] = {candidate: [] for candidate in candidates}
    for item in work.hooks.objections(spec, work=work, candidates=list(candidates)):
        if isinstance(item, Objection):
            found.setdefault(item.candidate, []).append(item.reason)
        else:
            for reasons in found.values():
                reasons.append(item)
    return found
