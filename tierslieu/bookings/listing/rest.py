"""Bookings as JSON."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from tierslieu.bookings.accessories.queries import things_of
from tierslieu.bookings.listing.queries import SHOWN, Row
from tierslieu.bookings.models import Series
from tierslieu.bookings.places.queries import places_of
from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.rules.prices import PriceLine, stored_price
from tierslieu.bookings.schemas import BookingAnswer, PriceLineAnswer, ThingAnswer
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
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
    price = stored_price(booking.price_lines, currency)
    if price.is_itemised:
        shown.price_lines = [_line(session, line, locale) for line in price.lines]
    return shown


def _line(session: Session, line: PriceLine, locale: str) -> PriceLineAnswer:
    reads = locale or network(session).locale
    label = msg("The room") if line.label is None else line.label
    words = say(label, reads)
    if line.name is not None:
        words = f"{line.name.best(reads, network(session).locale)[1]} × {line.quantity}"
    return PriceLineAnswer(code=line.key or line.code, label=words, cents=line.cents)


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
    shown = dict(zip(SHOWN, row.data, strict=False))
    if not row.whole:
        return {name: shown[name] for name in _BUSY} | {"title": row.title}
    shown["currency"] = currency
    if row.data.many:
        shown["places"] = row.data.many
    return shown


_BUSY = ("room_id", "starts_at", "ends_at", "timezone")
