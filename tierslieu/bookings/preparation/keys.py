"""Verbs of keys and codes: who has which, until when, and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from tierslieu.bookings.attendance.rules import written_reference
from tierslieu.bookings.models import Booking
from tierslieu.bookings.preparation import queries
from tierslieu.bookings.preparation.models import KEY_KINDS, Handover, RoomKey
from tierslieu.bookings.preparation.services import DO, MANAGE, room_id_of
from tierslieu.bookings.services import known
from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import clean
from tierslieu.kernel.work import Work
from tierslieu.resources.models import Claim


@dataclass(frozen=True)
class KeyValues:
    """What a key or a code is. ``hours``: how early a code is shown to whoever booked."""

    label: str
    kind: str = "key"
    room: str = ""
    code: str = ""
    hours: int = 24


def save_key(work: Work, venue_id: int, values: KeyValues, public_id: str = "") -> RoomKey:
    """Write a key or a code, new or anew. Raises Invalid."""
    work.require(MANAGE, venue=venue_id)
    known(values.kind, KEY_KINDS, "kind")
    label = clean(values.label, field="label")[:80]
    code = clean(values.code, field="code")[:40]
    if not label:
        raise Invalid("missing", msg("Give it a name."), "label")
    if values.kind == "code" and not code:
        raise Invalid("missing", msg("Write the code."), "code")
    row = queries.key_by_public_id(work.session, venue_id, public_id) if public_id else None
    if public_id and row is None:
        raise NotFound
    if row is None:
        row = RoomKey(venue_id=venue_id, version=0)
        work.session.add(row)
    row.label, row.kind, row.code = label, values.kind, code
    row.hours = max(0, min(values.hours, 24 * 14))
    row.room_id = room_id_of(work, venue_id, values.room)
    row.version = (row.version or 0) + 1
    work.session.flush()
    work.audit("keys.save", f"room_key:{row.public_id}", venue=venue_id)
    return row


def retire_key(work: Work, venue_id: int, public_id: str) -> None:
    """A key or a code is used no more."""
    work.require(MANAGE, venue=venue_id)
    key = _key(work, venue_id, public_id)
    key.retired_at = work.now
    work.audit("keys.retire", f"room_key:{public_id}", venue=venue_id)


def give(
    work: Work, venue_id: int, public_id: str, *, reference: str = "", holder: str = ""
) -> Handover:
    """Put a key into somebody's hands: of whoever holds a booking (by reference), or by name.

    With a booking it is due when the room has been cleared. Raises Conflict when it is out.
    """
    work.require(DO, venue=venue_id)
    key = _key(work, venue_id, public_id)
    if _out(work, key) is not None:
        text = msg("This key is out already: note it back first.")
        raise Conflict(Reason("key_out", text, kind="state"))
    found = _booking(work, venue_id, reference) if reference.strip() else None
    name = clean(holder, field="holder")[:120]
    if found is None and not name:
        raise Invalid("missing", msg("Say who has it: a reference, or a name."), "holder")
    handover = Handover(
        key_id=key.id, holder_name=name, given_at=work.now, given_by_id=work.actor.person_id
    )
    if found is not None:
        booking, claim = found
        handover.booking_id, handover.holder_id = booking.id, booking.booked_for_id
        handover.due_at = claim.ends_at + timedelta(minutes=booking.after_minutes)
    work.session.add(handover)
    work.session.flush()
    work.audit("keys.give", f"room_key:{public_id}", venue=venue_id, person=handover.holder_id)
    return handover


def take_back(work: Work, venue_id: int, public_id: str) -> None:
    """The key is back on its hook. Raises Conflict when it was."""
    work.require(DO, venue=venue_id)
    key = _key(work, venue_id, public_id)
    out = _out(work, key)
    if out is None:
        raise Conflict(Reason("key_in", msg("This key is back already."), kind="state"))
    out.back_at, out.back_by_id = work.now, work.actor.person_id
    work.session.flush()
    work.audit("keys.back", f"room_key:{public_id}", venue=venue_id, person=out.holder_id)


def _key(work: Work, venue_id: int, public_id: str) -> RoomKey:
    key = queries.key_by_public_id(work.session, venue_id, public_id)
    if key is None or key.retired_at is not None:
        raise NotFound
    return key


def _out(work: Work, key: RoomKey) -> Handover | None:
    question = sa.select(Handover).where(Handover.key_id == key.id, Handover.back_at.is_(None))
    return work.session.scalar(question)


def _booking(work: Work, venue_id: int, reference: str) -> tuple[Booking, Claim]:
    question = (
        sa.select(Booking, Claim)
        .join(Claim, Claim.id == Booking.id)
        .where(Booking.reference == written_reference(reference), Claim.venue_id == venue_id)
    )
    row = work.session.execute(question).first()
    if row is None:
        text = msg("No booking here has this reference.")
        raise Invalid("unknown_reference", text, "reference")
    return row[0], row[1]
