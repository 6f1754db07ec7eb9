"""In which order requests for the same time come: by the asking, or some audience first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from tierslieu.bookings.cases.queries import room_case_by_id
from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.rules import resolve
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.work import Work
from tierslieu.memberships.queries import venues_of_cards
from tierslieu.people.queries import is_resident


def turn(work: Work, view: BookingView, rivals: Sequence[BookingView]) -> Message | None:
    """Where a request stands among those for the same time; None when it is alone."""
    if not rivals:
        return None
    order = _order_of(work, view)
    line = _sorted(work, [view, *rivals], order)
    place = [each.booking.id for each in line].index(view.booking.id) + 1
    return _WORDS[order](place, len(line))


def in_turn(work: Work, views: Sequence[BookingView]) -> list[BookingView]:
    """Requests as they were, but those for the same room and time among themselves in turn."""
    shown = list(views)
    for places in _clusters(shown):
        rivals = [shown[place] for place in places]
        line = _sorted(work, rivals, _order_of(work, rivals[0]))
        for place, each in zip(places, line, strict=True):
            shown[place] = each
    return shown


def _clusters(views: Sequence[BookingView]) -> list[list[int]]:
    """Places in a list, the soonest first, of what overlaps in one room; nobody alone."""
    found: list[list[int]] = []
    last: dict[int, tuple[datetime, list[int]]] = {}
    for place, view in enumerate(views):
        ends, cluster = last.get(view.booking.room_id, (view.span.starts_at, []))
        if view.span.starts_at >= ends:
            ends, cluster = view.span.ends_at, []
            found.append(cluster)
        cluster.append(place)
        last[view.booking.room_id] = max(ends, view.span.ends_at), cluster
    return [cluster for cluster in found if len(cluster) > 1]


def _order_of(work: Work, view: BookingView) -> str:
    case = room_case_by_id(work.session, view.booking.room_id, view.span)
    return resolve(case.policies, ()).request_order


def _sorted(work: Work, views: Sequence[BookingView], order: str) -> list[BookingView]:
    def key(each: BookingView) -> tuple[bool, datetime, int]:
        booking = each.booking
        return not _comes_first(work, each, order), booking.created_at, booking.id

    return sorted(views, key=key)


def _comes_first(work: Work, view: BookingView, order: str) -> bool:
    person = view.booking.booked_for_id
    if order == "organisations":
        return view.booking.organisation_id is not None
    if order == "first" or person is None:
        return False
    if order == "residents":
        return is_resident(work.session, person, view.venue_id)
    day = view.claim.starts_at.astimezone(ZoneInfo(view.zone)).date()
    return view.venue_id in venues_of_cards(work.session, person, day)


def _first(n: int, of: int) -> Message:
    return msg("number %(n)s of %(of)s, by when it was asked", n=n, of=of)


def _members(n: int, of: int) -> Message:
    return msg("number %(n)s of %(of)s, members first", n=n, of=of)


def _residents(n: int, of: int) -> Message:
    return msg("number %(n)s of %(of)s, residents first", n=n, of=of)


def _organisations(n: int, of: int) -> Message:
    return msg("number %(n)s of %(of)s, organisations first", n=n, of=of)


_WORDS = {
    "first": _first,
    "members": _members,
    "residents": _residents,
    "organisations": _organisations,
}
