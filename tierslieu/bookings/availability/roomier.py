"""Where it would do after all: for too many people, too few, or who has as much as she may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

from tierslieu.bookings.cases.queries import Party, RoomCase, booking_day, rooms
from tierslieu.bookings.rules import Applicant, Ask, EffectivePolicy, Judgement, check
from tierslieu.bookings.rules.capacity import days_of
from tierslieu.bookings.rules.standing import open_reasons
from tierslieu.bookings.rules.uses import people_reasons
from tierslieu.kernel.errors import Choice, Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import LocalSpan, Span, iso
from tierslieu.kernel.work import Work
from tierslieu.resources.queries import busy_spans, free
from tierslieu.venues.rules import spans_of_days

#: Refusals that no other time would do away with, and another room may.
ROOM_ONLY: Final = ("too_many_open", "too_many_requests", "too_few")
#: So many other rooms are named.
OFFERED: Final = 3


def with_roomier(
    work: Work,
    case: RoomCase,
    policy: EffectivePolicy,
    applicant: Applicant,
    ask: Ask,
    judgement: Judgement,
) -> Judgement:
    """The judgement; where a mode lets in too few, with the room or the week that takes them."""
    codes = {reason.code for reason in (*judgement.refused, *judgement.warnings)}
    if case.facts.limits is None or not ask.attendance or "over_capacity" not in codes:
        return judgement

    def offering(reason: Reason) -> Reason:
        if reason.code != "over_capacity":
            return reason
        more = (*_elsewhere(work, case, ask), *_afterwards(work, case, policy, applicant, ask))
        return replace(reason, nearest=(*reason.nearest, *more))

    return replace(
        judgement,
        refused=tuple(offering(reason) for reason in judgement.refused),
        warnings=tuple(offering(reason) for reason in judgement.warnings),
    )


def with_elsewhere(
    work: Work,
    case: RoomCase,
    party: Party,
    applicant: Applicant,
    ask: Ask,
    judgement: Judgement,
) -> Judgement:
    """The judgement; where no other time would help, with rooms of the venue without that rule."""
    codes = {reason.code for reason in judgement.refused} & set(ROOM_ONLY)
    if not codes:
        return judgement
    day = booking_day(case, ask.span)
    others = [
        (other, _codes_there(other, party, applicant, ask))
        for other in rooms(work.session, day, day).of_venue(case.venue_id)
        if other.id != case.id
        and other.facts.bookable
        and (ask.attendance or 0) <= (other.capacity or ask.attendance or 0)
    ]

    def offering(reason: Reason) -> Reason:
        if reason.code not in codes:
            return reason
        more = [
            Choice(msg("%(room)s", room=other.name), {"room_id": other.public_id})
            for other, there in others
            if reason.code not in there
        ]
        return replace(reason, nearest=(*reason.nearest, *more[:OFFERED]))

    return replace(judgement, refused=tuple(offering(reason) for reason in judgement.refused))


def _codes_there(other: RoomCase, party: Party, applicant: Applicant, ask: Ask) -> set[str]:
    policy = other.policy_for(applicant, organisation=party.organisation_id is not None)
    reasons = (*open_reasons(ask, policy, applicant), *people_reasons(ask.attendance, policy))
    return {reason.code for reason in reasons}


def _elsewhere(work: Work, case: RoomCase, ask: Ask) -> Iterator[Choice]:
    """The smallest other room of the venue that is open, free and large enough."""
    people, span = ask.attendance or 0, ask.span
    first = span.starts_at.date() - timedelta(days=1)
    others = rooms(work.session, first, first + timedelta(days=3)).of_venue(case.venue_id)
    fitting = sorted(
        (holds, other.name, other.id, other)
        for other in others
        if other.id != case.id
        and other.facts.bookable
        and (holds := other.holds(span)) is not None
        and holds >= people
        and any(h.contains(span) for h in spans_of_days(other.facts.opening, span, case.zone))
    )
    empty = free(work.session, [row[2] for row in fitting], span, work.now) if fitting else ()
    for holds, name, room_id, other in fitting:
        if room_id in empty:
            label = msg("%(room)s takes %(n)s people", room=name, n=holds)
            yield Choice(label, {"room": other.public_id})
            return


def _afterwards(
    work: Work, case: RoomCase, policy: EffectivePolicy, applicant: Applicant, ask: Ask
) -> Iterator[Choice]:
    """The same weekday and hour in the first week after the mode, if it can be booked."""
    limits = case.facts.limits
    limit = limits.lowest(days_of(ask.span, case.zone)) if limits is not None else None
    if limit is None or limit[1].last is None:
        return
    weeks = (limit[1].last - days_of(ask.span, case.zone)[0]).days // 7 + 1
    span = _shifted(ask.span, weeks, case)
    first = span.starts_at.date() - timedelta(days=1)
    then = rooms(work.session, first, first + timedelta(days=3)).by_id.get(case.id)
    if then is None:
        return
    busy = [item.span for item in busy_spans(work.session, [case.id], span, work.now)[case.id]]
    later = replace(ask, span=span)
    if check("book", later, then.facts, policy, applicant, work.now, busy, choices=0).allowed:
        label = msg("%(when)s", when=LocalSpan(span, case.zone))
        yield Choice(label, {"starts_at": iso(span.starts_at), "ends_at": iso(span.ends_at)})


def _shifted(span: Span, weeks: int, case: RoomCase) -> Span:
    """The same wall time, so many weeks later."""
    start = span.starts_at.astimezone(case.zone) + timedelta(weeks=weeks)
    moved = start.replace(tzinfo=None).replace(tzinfo=case.zone)
    moved = moved.astimezone(span.starts_at.tzinfo)
    return Span(moved, moved + span.duration)
