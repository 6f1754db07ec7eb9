"""Whom taking a time over would hurt, and what they could have instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from tierslieu.bookings.availability.queries import judge
from tierslieu.bookings.availability.rooms import answers
from tierslieu.bookings.cases.queries import (
    Party,
    RoomCase,
    applicants,
    booking_day,
    room_case_by_id,
    rooms,
)
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import BookingView, booking_view
from tierslieu.bookings.rules import Ask, EffectivePolicy, Wish
from tierslieu.bookings.rules.preemption import may_preempt, preempt_reasons
from tierslieu.bookings.states.services import may_read
from tierslieu.kernel.errors import Choice, Reason
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import LocalSpan, Span
from tierslieu.kernel.work import Work
from tierslieu.people.models import Organisation
from tierslieu.resources.queries import busy_spans

#: So many other rooms are offered to whoever loses a time, and times to whoever cannot have it.
ROOMS, FREE = 3, 3


@dataclass(frozen=True)
class Hit:
    """A booking in the way: what is against taking it over, and what would do instead.

    ``named``: whether the actor may read whose and what it is.
    """

    view: BookingView
    against: tuple[Reason, ...]
    instead: tuple[Message, ...]
    named: bool


@dataclass(frozen=True)
class Hits:
    """Everything in the way of a wish; ``firm``: times held by what is no booking."""

    bookings: tuple[str, ...]
    firm: tuple[Span, ...]


def policy_for(
    work: Work, case: RoomCase, organisation_id: int | None, span: Span
) -> EffectivePolicy:
    """The rules in force for whoever takes over."""
    party = Party(work.actor, work.actor.person_id, organisation_id)
    day = booking_day(case, span)
    who = applicants(work.session, party, {case.venue_id}, day, work.now)[case.venue_id]
    return case.policy_for(who, organisation=organisation_id is not None)


def permitted(work: Work, case: RoomCase, policy: EffectivePolicy) -> bool:
    """Whether the actor may take a time over in a room."""
    if policy.preemption == "nobody" or work.actor.is_anonymous:
        return False
    kinds: set[str] = set()
    if work.actor.organisations:
        question = sa.select(Organisation.kind).where(
            Organisation.id.in_(sorted(work.actor.organisations)), Organisation.state == "accepted"
        )
        kinds = set(work.session.scalars(question))
    return may_preempt(work.actor, policy, case.venue_id, kinds)


def in_the_way(work: Work, case: RoomCase, policy: EffectivePolicy, span: Span) -> Hits:
    """What holds the room during a span, set-up and clear-up included."""
    wide = span.widened(policy.before, policy.after)
    found = busy_spans(work.session, [case.id], wide, work.now)[case.id]
    claims = {item.claim_id: item.span for item in found if item.span.overlaps(wide)}
    known = dict(
        work.session.execute(
            sa.select(Booking.id, Booking.public_id).where(Booking.id.in_(sorted(claims)))
        ).all()
    )
    firm = tuple(span for claim, span in claims.items() if claim not in known)
    return Hits(tuple(public_id for _, public_id in sorted(known.items())), firm)


def hits(work: Work, case: RoomCase, policy: EffectivePolicy, span: Span) -> tuple[Hit, ...]:
    """Whom it would hurt, one by one."""
    found = []
    for public_id in in_the_way(work, case, policy, span).bookings:
        view = booking_view(work.session, public_id)
        if view is None:
            continue
        against = tuple(preempt_reasons(view.booking.state, view.span, policy, work.now, case.zone))
        instead = () if against else alternatives(work, view)
        found.append(Hit(view, against, instead, may_read(work, view)))
    return tuple(found)


def alternatives(work: Work, view: BookingView) -> tuple[Message, ...]:
    """The nearest that would do instead: other times in the room, other rooms at the time."""
    case = room_case_by_id(work.session, view.booking.room_id, view.span)
    party = Party(work.actor, view.booking.booked_for_id, view.booking.organisation_id)
    ask = Ask(view.span, view.booking.attendance, by_clerk=True)
    verdict = judge(work, "book", case, party, ask, taken=True)
    times = [choice.label for reason in verdict.reasons for choice in reason.nearest]
    return (*_rooms(work, view, case, party), *dict.fromkeys(times))


def free_near(
    work: Work, case: RoomCase, span: Span, people: int | None, organisation_id: int | None
) -> tuple[Choice, ...]:
    """What whoever would take a time over could simply book instead."""
    party = Party(work.actor, work.actor.person_id, organisation_id)
    verdict = judge(work, "book", case, party, Ask(span, people), taken=True)
    choices = (choice for reason in verdict.reasons for choice in reason.nearest)
    return tuple(choice for choice in choices if "starts_at" in choice.values)[:FREE]


def _rooms(work: Work, view: BookingView, case: RoomCase, party: Party) -> tuple[Message, ...]:
    first, last = view.span.starts_at.date(), view.span.ends_at.date()
    around = rooms(work.session, first - timedelta(days=6), last + timedelta(days=12))
    cases = [other for other in around.of_venue(view.venue_id) if other.id != case.id]
    found = answers(work, cases, party, Wish(view.booking.attendance), view.span, choices=0)
    when = LocalSpan(view.span, case.zone)
    return tuple(
        msg("%(when)s, %(room)s", when=when, room=other.name)
        for other, _, match in found
        if not match.reasons
    )[:ROOMS]


def may_take_over(work: Work, view: BookingView) -> bool:
    """Whether the actor could take a booking's time over: for showing the way."""
    policies = room_case_by_id(work.session, view.booking.room_id, view.span)
    policy = policy_for(work, policies, None, view.span)
    return view.booking.state == "confirmed" and permitted(work, policies, policy)


def where_permitted(work: Work, cases: Iterable[RoomCase]) -> frozenset[int]:
    """The rooms (row ids) in which the actor could take a time over: for showing the way."""
    said = [
        case
        for case in cases
        if any(row.values.preemption not in (None, "nobody") for row in case.policies)
    ]
    today = Span(work.now, work.now + timedelta(hours=1))
    return frozenset(
        case.id for case in said if permitted(work, case, policy_for(work, case, None, today))
    )
