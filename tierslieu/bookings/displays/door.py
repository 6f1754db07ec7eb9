"""What a display shows of one room or of all rooms of a venue: what everybody may know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tierslieu.bookings.attendance.queries import arrivals
from tierslieu.bookings.attendance.rules import frees_at
from tierslieu.bookings.cases.queries import RoomCase
from tierslieu.bookings.cases.queries import rooms as all_rooms
from tierslieu.bookings.desk.board import Door, door
from tierslieu.bookings.displays.models import Display
from tierslieu.bookings.displays.rules import Offer, take_now
from tierslieu.bookings.queries import BookingView, bookings_between
from tierslieu.bookings.rules import EffectivePolicy
from tierslieu.bookings.rules.doors import Applicant
from tierslieu.kernel.span import Span, at_wall, local_date, local_day_span
from tierslieu.kernel.work import Work
from tierslieu.resources.queries import leaves
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.rules import OpenNow, open_now, open_spans

GOING = ("confirmed", "checked_in")
SHOWN = 3


@dataclass(frozen=True)
class Going:
    """A booking as a door reads it: its title only where everybody may read it."""

    view: BookingView

    @property
    def span(self) -> Span:
        return self.view.span

    @property
    def state(self) -> str:
        return self.view.booking.state

    @property
    def has_left(self) -> bool:
        return self.view.booking.left_at is not None

    @property
    def title(self) -> str:
        """Its title, or "" when it is nobody's business."""
        return self.view.claim.label if self.view.claim.visibility == "public" else ""


@dataclass(frozen=True)
class AtDoor:
    """One room: its door, what follows, and what its code offers.

    ``free_again``: when it is free if nobody says that they are there.
    """

    case: RoomCase
    door: Door[Going]
    later: tuple[Going, ...]
    offer: Offer
    take: Span | None
    free_again: datetime | None


@dataclass(frozen=True)
class Shown:
    """All that one display shows at a moment."""

    venue: Venue
    room: AtDoor | None
    rooms: tuple[AtDoor, ...]
    open: OpenNow | None

    @property
    def changes_at(self) -> datetime | None:
        """When the first thing that is shown changes."""
        moments = [each.door.changes_at for each in self.rooms if each.door.changes_at]
        moments += [each.free_again for each in self.rooms if each.free_again]
        moments += [each.later[0].span.starts_at for each in self.rooms if each.later]
        return min(moments, default=None)


def shown(work: Work, display: Display) -> Shown:
    """What a display shows now."""
    venue = work.session.get_one(Venue, display.venue_id)
    zone = ZoneInfo(venue.zone)
    today = local_date(work.now, zone)
    around = all_rooms(work.session, today - timedelta(days=1), today + timedelta(days=7))
    cases = [case for case in around.of_venue(venue.id) if display.room_id in (None, case.id)]
    span = Span(local_day_span(today, zone).starts_at, at_wall(today + timedelta(days=2), 0, zone))
    views = bookings_between(work.session, venue.id, span, states=GOING)
    begun = [v.booking.id for v in views if v.span.contains(work.now)]
    noticed = {key: row.noticed_at for key, row in arrivals(work.session, begun).items()}
    touching = leaves(work.session, {case.id for case in cases} | {_of(view) for view in views})
    rooms = tuple(
        _room(work, case, [v for v in views if touching[case.id] & touching[_of(v)]], noticed)
        for case in cases
    )
    opening = open_now(cases[0].facts.opening.of_venue(), work.now, zone) if cases else None
    return Shown(venue, rooms[0] if display.room_id and rooms else None, rooms, opening)


def _of(view: BookingView) -> int:
    return view.booking.room_id


def _room(
    work: Work,
    case: RoomCase,
    views: Sequence[BookingView],
    noticed: dict[int, datetime | None],
) -> AtDoor:
    today = local_date(work.now, case.zone)
    first, last = today - timedelta(days=1), today + timedelta(days=7)
    opening = open_spans(case.facts.opening, first, last, case.zone)
    here = [Going(view) for view in views]
    seen = door(work.now, opening, here)
    policy = case.policy_for(Applicant(), organisation=False)
    later = tuple(going for going in here if going.span.starts_at > work.now)[:SHOWN]
    take = None
    if seen.state == "free":
        take = take_now(policy, work.now.astimezone(case.zone), seen.changes_at)
    return AtDoor(
        case, seen, later, _offer(seen, policy, take, work.now), take,
        _free_again(seen, policy, noticed),
    )  # fmt: skip


def _offer(seen: Door[Going], policy: EffectivePolicy, take: Span | None, now: datetime) -> Offer:
    """What the code beside the door is good for at this moment."""
    ahead = timedelta(minutes=policy.check_in_before_minutes)
    coming = seen.following is not None and seen.following.span.starts_at - ahead <= now
    if seen.state == "busy" or (coming and policy.check_in and seen.state != "here"):
        return "check_in"
    return "take" if take is not None else "look"


def _free_again(
    seen: Door[Going], policy: EffectivePolicy, noticed: dict[int, datetime | None]
) -> datetime | None:
    if seen.state != "busy" or seen.current is None or not policy.check_in:
        return None
    told = noticed.get(seen.current.view.booking.id)
    return frees_at(policy, seen.current.span, told or seen.current.span.starts_at)


def room_of(work: Work, display: Display) -> Room | None:
    """The room of a display, or None for a whole venue."""
    if display.room_id is None:
        return None
    return work.session.scalar(sa.select(Room).where(Room.id == display.room_id))
