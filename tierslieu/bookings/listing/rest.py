"""Bookings as JSON."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from tierslieu.bookings.accessories.queries import things_of
from tierslieu.bookings.listing.queries import Row
from tierslieu.bookings.models import Series
from tierslieu.bookings.places.queries import places_of
from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.schemas import BookingAnswer, ThingAnswer
from tierslieu.kernel.span import iso
from tierslieu.people.models import Organisation
from tierslieu.venues.queries import network


def booking_answer(
    session: Session, view: BookingView, currency: str, locale: str = ""
) -> BookingAnswer:
    """One booking, whole; what goes with it is named in the reader's language."""
    booking, claim = view.booking, view.claim
    organisation = (
        session.get(Organisation, booking.organisation_id) if booking.organisation_id else None
    )
    shown = BookingAnswer(
        id=booking.public_id,
        reference=booking.reference,
        state=booking.state,  # type: ignore[arg-type]
        room_id=view.room_public_id,
        venue=view.venue_slug,
        starts_at=iso(claim.starts_at),
        ends_at=iso(claim.ends_at),
        timezone=booking.zone,
        title=claim.label,
        visibility=claim.visibility,  # type: ignore[arg-type]
        attendance=booking.attendance,
        purpose=booking.purpose,
        declared=booking.declared,
        organisation_id=organisation.public_id if organisation else None,
        price_cents=booking.price_cents,
        currency=currency,
        created_at=iso(booking.created_at),
        changed_at=iso(booking.changed_at),
        version=booking.version,
    )
    if booking.series_id is not None:
        shown.series_id = session.get_one(Series, booking.series_id).public_id
    if booking.places:
        shown.places = booking.places
        found = places_of(session, [booking.id]).get(booking.id, ())
        shown.place_names = [place.name for place in found]
    if booking.things:
        shown.accessories = _things(session, booking.id, locale)
    return shown


def _things(session: Session, booking_id: int, locale: str) -> list[ThingAnswer]:
    default = network(session).locale
    return [
        ThingAnswer(
            id=thing.public_id,
            name=thing.name.best(locale or default, default)[1],
            quantity=thing.quantity,
            **({"pieces": list(thing.pieces)} if thing.pieces else {}),
        )
        for thing in things_of(session, [booking_id]).get(booking_id, ())
    ]


def row_answer(row: Row, currency: str) -> dict[str, Any]:
    """One row of a list: whole, or a busy span (plain dicts: lists are long)."""
    data = row.data
    if not row.whole:
        return {
            "room_id": data.room_public_id,
            "starts_at": data.starts_at,
            "ends_at": data.ends_at,
            "timezone": data.zone,
            "title": row.title,
        }
    shown = {
        "id": data.public_id,
        "reference": data.reference,
        "state": data.state,
        "room_id": data.room_public_id,
        "venue": data.venue_slug,
        "starts_at": data.starts_at,
        "ends_at": data.ends_at,
        "timezone": data.zone,
        "title": row.title,
        "visibility": data.visibility,
        "attendance": data.attendance,
        "purpose": data.purpose,
        "declared": data.declared,
        "organisation_id": data.organisation_public_id,
        "price_cents": data.price_cents,
        "currency": currency,
        "created_at": data.created_at,
        "changed_at": data.changed_at,
        "version": data.version,
    }
    if data.places:
        shown["places"] = data.places
    return shown
