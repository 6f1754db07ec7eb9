"""A wish as the API sends it, as the verbs of booking take it."""

from __future__ import annotations

from collections.abc import Sequence

from tierslieu.bookings.cases.queries import zone_of
from tierslieu.bookings.schemas import NewBookingBody, ThingBody, WishBody, span
from tierslieu.bookings.services import NewBooking
from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.people.organisations.queries import organisation_by_public_id


def wish_of(work: Work, asked: WishBody | NewBookingBody) -> NewBooking:
    """What is asked for. Raises Invalid for times that cannot be meant, NotFound."""
    zone = zone_of(work, asked.room_id)
    return NewBooking(
        room=asked.room_id,
        span=span(asked.starts_at, asked.ends_at, zone),
        title=asked.title,
        attendance=asked.attendance,
        purpose=asked.purpose or "",
        declared=tuple(asked.declared or ()),
        visibility=asked.visibility or "private",
        organisation_id=organisation_of(work, asked.organisation_id),
        places=asked.places,
        place=asked.place or "",
        things=things_of(asked.accessories) or (),
        accept_terms=tuple(asked.accept_terms or ()),
        sponsor=asked.sponsor or "",
    )


def things_of(asked: Sequence[ThingBody] | None) -> tuple[tuple[str, int], ...] | None:
    """What shall go with it; None: nothing was said."""
    return None if asked is None else tuple((thing.id, thing.quantity) for thing in asked)


def organisation_of(work: Work, public_id: str | None) -> int | None:
    if public_id is None:
        return None
    organisation = organisation_by_public_id(work.session, public_id)
    if organisation is None:
        text = msg("There is no such organisation, or you do not act for it.")
        raise Invalid("unknown_organisation", text, "organisation_id")
    return organisation.id
