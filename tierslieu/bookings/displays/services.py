"""Making, stopping and noting displays."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from tierslieu.bookings.displays.models import LOOKS, Display
from tierslieu.bookings.services import known
from tierslieu.config import LANGUAGES
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.texts import clean
from tierslieu.kernel.tokens import hash_token, new_token
from tierslieu.kernel.work import Work
from tierslieu.venues.rooms.queries import room_by_public_id

#: The use of a display is noted at most so often.
NOTED = timedelta(hours=1)
PERMISSION = "rooms.edit"


def new_display(
    work: Work,
    venue_id: int,
    *,
    room: str = "",
    name: str = "",
    look: str = "ink",
    locale: str = "",
) -> tuple[Display, str]:
    """Make a display's address; the token is returned once and kept only as a hash."""
    work.require(PERMISSION, venue=venue_id)
    known(look, LOOKS, "look")
    known(locale, ("", *LANGUAGES), "locale")
    row = room_by_public_id(work.session, room, hidden=True) if room else None
    if row is not None and row.venue_id != venue_id:
        raise NotFound
    token = new_token("tld_")
    display = Display(
        venue_id=venue_id,
        room_id=row.id if row is not None else None,
        name=clean(name, field="name")[:80],
        look=look,
        locale=locale,
        token_hash=hash_token(token),
        hint=f"{token[:7]}…{token[-3:]}",
        created_at=work.now,
        created_by_id=work.actor.person_id,
    )
    work.session.add(display)
    work.session.flush()
    work.audit("displays.new", f"display:{display.public_id}", venue=venue_id, look=look)
    return display, token


def stop_display(work: Work, venue_id: int, public_id: str) -> None:
    """Stop an address, at once and for ever."""
    work.require(PERMISSION, venue=venue_id)
    display = work.session.scalar(
        sa.select(Display).where(Display.public_id == public_id, Display.venue_id == venue_id)
    )
    if display is None:
        raise NotFound
    if display.revoked_at is None:
        display.revoked_at = work.now
        work.audit("displays.stop", f"display:{public_id}", venue=venue_id)


def note_use(work: Work, display_id: int) -> None:
    """Note that a screen asked."""
    work.session.execute(
        sa.update(Display).where(Display.id == display_id).values(last_used_at=work.now)
    )
