"""A place, its people and their bookings, made row by row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_ical import services


def a_place(work: tl.Work) -> tl.Room:
    """The room called Lisière at Gattaglio, in a network that has a name."""
    session = work.session
    if session.get(tl.Network, 1) is None:
        session.add(tl.Network(name="Reggio", zone="Europe/Rome", locale="it"))
    kinds = tl.Model.metadata.tables["venue_kind"]
    session.execute(sa.insert(kinds).values(key="centre", label=tl.Texts(it="Centro"), rank=0))
    venue = tl.Venue(slug="gattaglio", name="Gattaglio", kind="centre", street="via Gattaglio 30")
    session.add(venue)
    session.flush()
    return a_room(work, venue, "Lisière")


def a_room(work: tl.Work, venue: tl.Venue, name: str) -> tl.Room:
    resource = tl.add_resource(work, venue_id=venue.id, kind="room", name=name)
    room = tl.Room(id=resource.id, venue_id=venue.id, slug=name.lower(), name=name)
    work.session.add(room)
    work.session.flush()
    return room


def a_person(work: tl.Work, name: str = "Ada") -> tl.Person:
    """Somebody with a confirmed account."""
    person = tl.Person(name=name, name_folded=name.lower(), locale="en", created_at=work.now)
    work.session.add(person)
    work.session.flush()
    account = tl.Account(
        person_id=person.id,
        email=f"{name.lower()}@example.org",
        confirmed_at=work.now,
        created_at=work.now,
    )
    work.session.add(account)
    work.session.flush()
    return person


def a_booking(
    work: tl.Work,
    room: tl.Room,
    person: tl.Person | None,
    *,
    title: str = "Repair café",
    days: int = 1,
    **facts: Any,
) -> tl.Booking:
    """A confirmed booking of two hours, some days from now, told to the plugins."""
    starts_at = work.now.replace(minute=0, second=0) + timedelta(days=days)
    claim = tl.Claim(
        venue_id=room.venue_id,
        resource_id=room.id,
        kind="booking",
        label=title,
        visibility=facts.pop("visibility", "private"),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
    )
    work.session.add(claim)
    work.session.flush()
    values: dict[str, Any] = {
        "state": "confirmed",
        "booked_for_id": person.id if person else None,
        "uid": f"{claim.public_id}@example.org",
        "original_starts_at": starts_at,
        "local_start": "2026-11-24T18:00",
        "zone": "Europe/Rome",
        "created_at": work.now,
        "changed_at": work.now,
    } | facts
    booking = tl.Booking(id=claim.id, room_id=room.id, **values)
    work.session.add(booking)
    work.session.flush()
    services.keep(work, [booking.id])
    return booking


def change(work: tl.Work, booking_id: int, **facts: Any) -> None:
    """Change a booking or its claim, and tell the plugins."""
    booking = work.session.get(tl.Booking, booking_id)
    claim = work.session.get(tl.Claim, booking_id)
    assert booking is not None
    assert claim is not None
    for name, value in facts.items():
        setattr(booking if hasattr(tl.Booking, name) else claim, name, value)
    booking.revision += 1
    booking.changed_at = work.now
    work.session.flush()
    services.keep(work, [booking_id])
