"""Who gets into a venue's desk."""

from __future__ import annotations

from tierslieu.bookings.queries import BookingView, booking_view
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue
from tierslieu.venues.places.queries import venue_by_slug


def desk_of(work: Work, slug: str, permission: str = "today.read") -> Venue:
    """The venue, for whoever works there: to others its desk does not exist.

    Raises Forbidden when she works there and may not do this.
    """
    venue = venue_by_slug(work.session, slug, hidden=True)
    if not work.actor.may("today.read", venue=venue.id):
        raise NotFound
    work.require(permission, venue=venue.id)
    return venue


def booking_at(work: Work, venue: Venue, public_id: str) -> BookingView:
    """A booking of this venue; raises NotFound for another venue's."""
    view = booking_view(work.session, public_id)
    if view is None or view.venue_id != venue.id:
        raise NotFound
    return view
