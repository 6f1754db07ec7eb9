"""Doors and getting ready at one venue: screens, lists to tick, keys, and whom it missed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from tierslieu.bookings.displays.models import Display
from tierslieu.bookings.missed.models import NoShow
from tierslieu.bookings.models import Booking
from tierslieu.bookings.preparation.models import ChoreList, Handover, RoomKey
from tierslieu.demo.loading.tables import put
from tierslieu.kernel.tokens import hash_token
from tierslieu.kernel.work import Work
from tierslieu.resources.models import Claim
from tierslieu.venues.models import Room, Venue

VENUE = "gattaglio"
#: Addresses that everybody may try; in a demo alone, where nothing is secret.
SCREENS = {"tld_demo-hall": ("tablet", False), "tld_demo-room": ("ink", True)}
READY = ("Sedie in fila", "Riscaldamento acceso", "Chiavi al loro posto")
LEFT = ("Luci spente", "Finestre chiuse", "Tavoli puliti")
LISTS: tuple[tuple[str, str, tuple[str, ...], bool], ...] = (
    ("Preparare la sala", "before", READY, False),
    ("Stato dei luoghi in uscita", "after", LEFT, True),
)


def open_doors(work: Work) -> None:
    """Write them for one venue; nothing where the demo is without it."""
    venue = work.session.scalar(sa.select(Venue.id).where(Venue.slug == VENUE))
    rooms = work.session.scalars(
        sa.select(Room.id).where(Room.venue_id == venue).order_by(Room.rank, Room.id)
    ).all()
    if venue is None or not rooms:
        return
    put(work, Display, [
        {"venue_id": venue, "room_id": rooms[0] if one_room else None, "name": "", "look": look,
         "locale": "", "token_hash": hash_token(token), "hint": token,
         "created_at": work.now - timedelta(days=30), "last_used_at": work.now}
        for token, (look, one_room) in SCREENS.items()
    ])  # fmt: skip
    put(work, ChoreList, [
        {"venue_id": venue, "room_id": None, "moment": moment, "title": title,
         "points": list(points), "inspection": inspection,
         "created_at": work.now - timedelta(days=30)}
        for title, moment, points, inspection in LISTS
    ])  # fmt: skip
    _keys(work, venue, rooms[0])
    _missed(work, venue)


def _keys(work: Work, venue: int, room: int) -> None:
    put(work, RoomKey, [
        {"venue_id": venue, "room_id": room, "kind": "key", "label": "Chiave del salone",
         "code": "", "hours": 24},
        {"venue_id": venue, "room_id": None, "kind": "code", "label": "Portone", "code": "4711",
         "hours": 12},
    ])  # fmt: skip
    key = work.session.scalar(sa.select(RoomKey.id).where(RoomKey.kind == "key"))
    put(work, Handover, [
        {"key_id": key, "holder_name": "Elda, la vicina", "note": "",
         "given_at": work.now - timedelta(days=1), "due_at": work.now - timedelta(hours=2)},
    ])  # fmt: skip


def _missed(work: Work, venue: int) -> None:
    """The records of the last months' missed bookings."""
    rows = work.session.execute(
        sa.select(Booking.id, Claim.starts_at)
        .join(Claim, Claim.id == Booking.id)
        .where(
            Claim.venue_id == venue,
            Booking.state == "no_show",
            Claim.starts_at > work.now - timedelta(days=120),
        )
        .order_by(Claim.starts_at)
    ).all()
    records: list[dict[str, Any]] = [
        {"booking_id": row[0], "noted_at": row[1] + timedelta(minutes=15), "notice": "mail",
         "reason": "", "expires_at": row[1] + timedelta(days=365)}
        for row in rows
    ]  # fmt: skip
    put(work, NoShow, records)
