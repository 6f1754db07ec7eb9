"""Every room's answer to one wish: judged once for all rooms that the rules treat alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tierslieu import hookspecs
from tierslieu.bookings.availability.extras import extras_to
from tierslieu.bookings.availability.kits import NO_KIT, Kit
from tierslieu.bookings.availability.known import Known, as_one
from tierslieu.bookings.availability.queries import Verdict, candidate_of, objections_to
from tierslieu.bookings.availability.ways import AROUND, Way, place_way
from tierslieu.bookings.cases.queries import Party, RoomCase, applicants, booking_day
from tierslieu.bookings.places.queries import members
from tierslieu.bookings.places.rules import Place, places_for
from tierslieu.bookings.queries import asked_for_by
from tierslieu.bookings.quotas.judging import counts
from tierslieu.bookings.rules import Ask, Match, Wish, check, fit_reasons
from tierslieu.bookings.rules.checked import Checked
from tierslieu.bookings.rules.doors import also
from tierslieu.bookings.rules.quotas import quota_reasons
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.resources.queries import busy_spans, taken_in_spans

Answer = tuple[RoomCase, Verdict, Match]


def answers(
    work: Work,
    cases: Collection[RoomCase],
    party: Party,
    wish: Wish,
    span: Span,
    *,
    choices: int = 1,
    only_free: bool = False,
) -> list[Answer]:
    """Every room's answer to one wish: free or why not, with the nearest time that would do.

    One free question, one question to the judges, one busy question for the rooms that miss.
    With ``only_free`` these are left out, and nobody looks for what would do instead.
    """
    by_id = {case.id: case for case in cases}
    if not by_id:
        return []
    day = booking_day(next(iter(by_id.values())), span)
    venues = {case.venue_id for case in cases}
    people = as_one(applicants(work.session, party, venues, day, work.now))
    verdicts: dict[int, Verdict] = {}
    ask = Ask(span, wish.people)
    quotas = counts(work, cases, party, people, [span])
    checked, known = Checked(ask, work.now), Known(work)
    organisation = party.organisation_id is not None
    for case in cases:
        applicant = people[case.venue_id]
        policy = known.rules(case, applicant, organisation=organisation)
        judgement = checked.of(case.facts, policy, applicant)
        if only_free and judgement.refused:
            continue
        kit = NO_KIT if case.places is None else _places_kit(case, wish.people)
        passed = tuple(quota_reasons([span], quotas[case.id])) if case.id in quotas else ()
        judgement = also(judgement, "book", ask, passed)
        verdicts[case.id] = Verdict(case, policy, applicant, judgement, passed, kit)
    verdicts = _with_occupied(work, verdicts, ask, choices, only_free=only_free)
    judged = _judged(work, verdicts.values(), party, ask)
    verdicts = _with_extras(work, verdicts, party, ask)
    asked = asked_for_by(work.session, by_id, span)
    found = [
        (verdict.case, verdict, _match(known, verdict, wish, span, judged, asked))
        for verdict in verdicts.values()
    ]
    return [each for each in found if each[2].fits] if only_free else found


def _match(
    known: Known,
    verdict: Verdict,
    wish: Wish,
    span: Span,
    judged: Mapping[int, Sequence[Reason]],
    asked: Mapping[int, int],
) -> Match:
    """What the search says of a room, from what was judged."""
    case = verdict.case
    capacity = case.capacity if case.facts.limits is None else case.holds(span)
    shown = known.searched(case, capacity)
    # Whether they fit on that day was judged with the rest, and said with its reason.
    fit = [r for r in fit_reasons(shown, wish) if r.code != "over_capacity"]
    reasons = _in_order(verdict.reasons, [*fit, *judged.get(case.id, ())])
    return Match(shown, reasons, asked_by=asked.get(case.id, 0))


def _judged(
    work: Work, verdicts: Collection[Verdict], party: Party, ask: Ask
) -> Mapping[int, Sequence[Reason]]:
    """What the judges object, by room; nobody is asked where there is none."""
    if not verdicts or not work.hooks.implementers(hookspecs.booking_objections):
        return {}
    asking = {verdict.case.id: candidate_of(verdict.case, party, ask) for verdict in verdicts}
    said = objections_to(work, list(asking.values()))
    return {room_id: said[candidate] for room_id, candidate in asking.items()}


def _with_extras(
    work: Work, verdicts: dict[int, Verdict], party: Party, ask: Ask
) -> dict[int, Verdict]:
    """The verdicts with what plugins add to their prices."""
    if not work.hooks.implementers(hookspecs.price_lines):
        return verdicts
    asking = {room: candidate_of(each.case, party, ask) for room, each in verdicts.items()}
    extras = extras_to(work, list(asking.values()))
    return {
        room: replace(each, extras=extras.get(asking[room], ())) if extras else each
        for room, each in verdicts.items()
    }


def _with_occupied(
    work: Work, verdicts: dict[int, Verdict], ask: Ask, choices: int, *, only_free: bool
) -> dict[int, Verdict]:
    """Add what is taken: one question for the free ones, one for the busy times of the others."""
    session, now = work.session, work.now
    units = _units(session, verdicts)
    taken = _taken(work, verdicts, units, ask)
    missing = set()
    for room_id, verdict in verdicts.items():
        if room_id in units:
            count = sum(one.id not in taken for one in units[room_id])
            kit = replace(verdict.kit, free=count)
            verdicts[room_id] = verdict = replace(verdict, kit=kit)
            is_free = count >= (kit.places or 1)
        else:
            is_free = room_id not in taken
        if not is_free or verdict.judgement.refused:
            missing.add(room_id)
    if only_free:
        return {room_id: one for room_id, one in verdicts.items() if room_id not in missing}
    around = ask.span.widened(AROUND, AROUND)
    asked = [one.id for room in missing for one in units.get(room, (Place(room, ""),))]
    busy = busy_spans(session, asked, around, now) if asked else {}
    held = {unit: [item.span for item in items] for unit, items in busy.items()}
    for room_id in missing:
        verdicts[room_id] = _again(verdicts[room_id], ask, held, units.get(room_id), now, choices)
    return verdicts


def _taken(
    work: Work,
    verdicts: Mapping[int, Verdict],
    units: Mapping[int, Sequence[Place]],
    ask: Ask,
) -> set[int]:
    """Rooms and places that are taken, with what is kept around a booking there.

    Whether a room is in use at all is a fact, and judged with the others.
    """
    groups: dict[int, list[int]] = {}
    for room_id, verdict in verdicts.items():
        ids = groups.setdefault(id(verdict.policy), [])
        ids += [one.id for one in units[room_id]] if room_id in units else (room_id,)
    around = {id(verdict.policy): verdict.policy for verdict in verdicts.values()}
    spans: dict[tuple[timedelta, timedelta], list[int]] = {}
    for policy_id, ids in groups.items():
        policy = around[policy_id]
        spans.setdefault((policy.before, policy.after), []).extend(ids)
    taken: set[int] = set()
    for (before, after), ids in spans.items():
        taken |= taken_in_spans(work.session, ids, [ask.span.widened(before, after)], work.now)[0]
    return taken


def _places_kit(case: RoomCase, people: int | None) -> Kit:
    """The places that so many people need in a room booked by place."""
    if case.places is None:
        return NO_KIT
    return Kit(min(places_for(people, case.capacity, case.places.count), case.places.count) or 1)


def _units(session: Session, verdicts: Mapping[int, Verdict]) -> dict[int, list[Place]]:
    """The places of the rooms that are booked by place."""
    pools = {
        room_id: verdict.case.places.pool_id
        for room_id, verdict in verdicts.items()
        if verdict.case.places is not None
    }
    found = members(session, set(pools.values()))
    return {room_id: found[pool_id] for room_id, pool_id in pools.items()}


def _again(
    verdict: Verdict,
    ask: Ask,
    held: Mapping[int, Sequence[Span]],
    units: Sequence[Place] | None,
    now: datetime,
    choices: int,
) -> Verdict:
    """A verdict with what is taken, from what is held of each room or place."""
    case, policy = verdict.case, verdict.policy
    if units is None:
        way = Way(held[case.id])
    else:
        ask = replace(ask, places=verdict.kit.places)
        way = place_way(units, {one.id: held[one.id] for one in units}, [ask], policy)
    found = check("book", ask, case.facts, policy, verdict.applicant, now, way.spans, choices)
    found = replace(found, refused=way.said(found.refused, case, policy, ask))
    return replace(verdict, judgement=also(found, "book", ask, verdict.counted))


def _in_order(reasons: Sequence[Reason], between: Sequence[Reason]) -> tuple[Reason, ...]:
    """Too many people come first, what else was judged comes last."""
    if not reasons:
        return tuple(between)
    crowded = [reason for reason in reasons if reason.code == "over_capacity"]
    others = [reason for reason in reasons if reason.code != "over_capacity"]
    return (*crowded, *between, *others)
