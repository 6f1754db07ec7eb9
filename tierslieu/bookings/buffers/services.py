"""Taking a room for a booking, buffers included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NoReturn

import sqlalchemy as sa

from tierslieu.bookings.accessories.queries import AROUND, Uses
from tierslieu.bookings.accessories.services import ThingsTaken, kept_things, reserved
from tierslieu.bookings.availability.queries import Verdict, with_taken
from tierslieu.bookings.models import Booking
from tierslieu.bookings.places.services import choose_places
from tierslieu.bookings.rules import Ask, occupies
from tierslieu.kernel.errors import Conflict, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.resources.models import Claim, Occupancy
from tierslieu.resources.queries import collisions
from tierslieu.resources.rules import Taken, Taking
from tierslieu.resources.services import take
from tierslieu.resources.stock.services import end_use


@dataclass(frozen=True)
class Buffered:
    """What says how much is kept around a booking, where, and whose neighbours share it."""

    room_id: int
    before_minutes: int
    after_minutes: int
    booked_for_id: int | None
    organisation_id: int | None

    @property
    def before(self) -> timedelta:
        """What is kept before the time people see."""
        return timedelta(minutes=self.before_minutes)

    @property
    def after(self) -> timedelta:
        """What is kept after it."""
        return timedelta(minutes=self.after_minutes)

    @classmethod
    def of(cls, booking: Booking) -> Buffered:
        """As it is written in a booking."""
        return cls(
            booking.room_id,
            booking.before_minutes,
            booking.after_minutes,
            booking.booked_for_id,
            booking.organisation_id,
        )


def occupy(
    work: Work, verdict: Verdict, ask: Ask, booking: Booking, until: datetime | None = None
) -> None:
    """Take the room, its places and what goes with it, where the state occupies them.

    ``until``: held only so long. A competing request takes nothing, but may not meet a firm
    booking. Raises Conflict with the nearest free times.
    """
    if occupies(booking.state, verdict.policy.requests):
        take_for(work, verdict, ask, booking, None, until)
    else:
        refuse_what_is_taken(work, verdict, ask, booking, None)


def take_for(
    work: Work,
    verdict: Verdict,
    ask: Ask,
    booking: Booking,
    moving: int | None,
    until: datetime | None = None,
) -> None:
    """Take everything a booking occupies, all or nothing, or say what is in the way."""
    try:
        taking, others = occupied(work, booking, ask.span)
        if until is not None:
            # What is held shares no buffer: its neighbours would be held as well.
            others = [each for each in others if each.claim_id == booking.id]
        take(work, [taking, *others], until=until)
    except Taken:
        refuse_taken(work, verdict, _of(booking, ask), moving)
    except ThingsTaken as error:
        refuse_things(work, verdict, _of(booking, ask), moving, error)


def refuse_what_is_taken(
    work: Work, verdict: Verdict, ask: Ask, booking: Booking, moving: int | None
) -> None:
    """Refuse what is not free for a booking now; nothing is taken."""
    kit = booking.places or booking.things
    trial = work.session.begin_nested() if kit else None
    try:
        taking = occupied(work, booking, ask.span)[0]
        taken = bool(collisions(work.session, [taking], work.now))
    except Taken:
        taken = True
    except ThingsTaken as error:
        refuse_things(work, verdict, _of(booking, ask), moving, error)
    finally:
        if trial is not None and trial.is_active:
            trial.rollback()
    if taken:
        refuse_taken(work, verdict, _of(booking, ask), moving)


def _of(booking: Booking, ask: Ask) -> Ask:
    return ask if ask.places == booking.places else replace(ask, places=booking.places)


def refuse_things(
    work: Work, verdict: Verdict, ask: Ask, moving: int | None, error: ThingsTaken
) -> NoReturn:
    """Say of what too few are left: fewer, and the nearest times with enough of it."""
    around = ask.span.widened(AROUND, AROUND)
    own = () if moving is None else (moving,)
    uses = Uses(work.session, [thing for thing, _ in error.short], around, work.now, own)
    crowded = [span for thing, n in error.short for span in uses.short(thing, n)]
    again = with_taken(work, verdict, "book", ask, moving, besides=[*crowded, ask.span])
    times = next((r.nearest for r in again.reasons if r.code == "taken"), ())
    times = tuple(choice for choice in times if "starts_at" in choice.values)
    first, *rest = error.reasons
    refuse([replace(first, nearest=(*first.nearest, *times)), *rest])
    raise error


def refuse_taken(work: Work, verdict: Verdict, ask: Ask, moving: int | None) -> NoReturn:
    """Say what is taken, with the nearest times that are not."""
    again = with_taken(work, verdict, "book", ask, moving)
    refuse([*again.reasons])
    raise Conflict(Reason("taken", msg("This time is taken."), "starts_at", kind="conflict"))


def occupied(work: Work, booking: Booking, span: Span) -> tuple[Taking, list[Taking]]:
    """What a booking occupies: seen time and buffers, waived towards its own neighbours.

    Its places are chosen, and what goes with it is reserved: take all that is answered in one
    `take`. Raises `Taken` when too few places are free, `ThingsTaken` when too few things are.
    """
    things = reserved(work, booking, span) if booking.things else []
    like = Buffered.of(booking)
    if booking.places:
        wide = span.widened(like.before, like.after)
        return Taking(booking.id, choose_places(work, booking, wide), wide), things
    takings, others = occupied_all(work, like, {booking.id: span})
    return takings[0], [*others, *things]


@dataclass
class _Sitting:
    """A claim with the time that people see and the time that it takes."""

    claim_id: int
    seen: Span
    takes: Span
    ours: bool


def occupied_all(
    work: Work, like: Buffered, spans: Mapping[int, Span]
) -> tuple[list[Taking], list[Taking]]:
    """What claims occupy at these spans in one room; what their own neighbours keep after it.

    Between consecutive bookings of the same person, organisation or series in one room nothing
    is set up or cleared, so both give up the buffer that lies between them.
    """
    before, after = like.before, like.after
    ours = [_Sitting(key, span, span.widened(before, after), True) for key, span in spans.items()]
    near = _near(work, like, spans) if before or after else []
    sittings = sorted([*ours, *near], key=lambda each: each.seen)
    was = {each.claim_id: each.takes for each in near}
    for left, right in pairwise(sittings):
        if (left.ours or right.ours) and left.seen.ends_at <= right.seen.starts_at:
            _share(left, right)
    changed = [each for each in near if each.takes != was[each.claim_id]]
    kept = kept_things(work, [each.claim_id for each in changed])
    return _takings(like, ours), [*_takings(like, changed), *kept]


def _takings(like: Buffered, sittings: Sequence[_Sitting]) -> list[Taking]:
    return [Taking(each.claim_id, [like.room_id], each.takes) for each in sittings]


def _share(left: _Sitting, right: _Sitting) -> None:
    """Let nothing be set up or cleared twice between two of the same party's."""
    if left.takes.ends_at <= right.takes.starts_at:
        return
    if left.ours:
        end = min(left.takes.ends_at, right.seen.starts_at)
        start = max(right.takes.starts_at, end)
    else:
        start = max(right.takes.starts_at, left.seen.ends_at)
        end = min(left.takes.ends_at, start)
    left.takes = Span(left.takes.starts_at, end)
    right.takes = Span(start, right.takes.ends_at)


def end_now(work: Work, booking: Booking) -> None:
    """Give back from now on whatever a booking holds; what is past stays noted."""
    rows = work.session.execute(
        sa.select(Occupancy.resource_id, Occupancy.starts_at, Occupancy.ends_at).where(
            Occupancy.claim_id == booking.id
        )
    ).all()
    if rows and all(row.ends_at <= work.now for row in rows):
        return
    kept = [
        Taking(booking.id, [row.resource_id], Span(row.starts_at, min(row.ends_at, work.now)))
        for row in rows
        if row.starts_at < work.now
    ]
    take(work, kept or [Taking(booking.id, (), None)])
    if booking.things:
        end_use(work, [booking.id])


def give_back_buffers(work: Work, booking: Booking, left: Span, room_id: int) -> None:
    """After a booking left a time in a room: its own neighbours there get their buffers back."""
    if booking.places or not (booking.before_minutes or booking.after_minutes):
        return
    here = replace(Buffered.of(booking), room_id=room_id)
    for row in _near(work, here, {booking.id: left}):
        neighbour = work.session.get_one(Booking, row.claim_id)
        with suppress(Taken, ThingsTaken):
            taking, others = occupied(work, neighbour, row.seen)
            # Taken meanwhile by somebody else's: then it stays waived.
            take(work, [taking, *others])


def _near(work: Work, like: Buffered, spans: Mapping[int, Span]) -> list[_Sitting]:
    """The same party's other bookings in the room that are so near that buffers could meet."""
    reach = timedelta(minutes=2 * max(like.before_minutes, like.after_minutes))
    if like.organisation_id is not None:
        whose = Booking.organisation_id == like.organisation_id
    else:
        whose = sa.and_(
            Booking.booked_for_id == like.booked_for_id, Booking.organisation_id.is_(None)
        )
    question = (
        sa.select(
            Booking.id,
            Claim.starts_at,
            Claim.ends_at,
            sa.func.min(Occupancy.starts_at).label("taken_from"),
            sa.func.max(Occupancy.ends_at).label("taken_until"),
        )
        .join(Claim, Claim.id == Booking.id)
        .join(Occupancy, Occupancy.claim_id == Booking.id)
        .where(
            whose,
            Booking.room_id == like.room_id,
            Booking.places.is_(None),
            Booking.id.not_in(sorted(spans)),
            # A hold that may lapse keeps its buffers: taking it anew would make it firm.
            Claim.expires_at.is_(None),
            Claim.ends_at > min(span.starts_at for span in spans.values()) - reach,
            Claim.starts_at < max(span.ends_at for span in spans.values()) + reach,
        )
        .group_by(Booking.id, Claim.starts_at, Claim.ends_at)
    )
    return [
        _Sitting(key, Span(starts, ends), Span(taken_from, taken_until), False)
        for key, starts, ends, taken_from, taken_until in work.session.execute(question)
    ]
