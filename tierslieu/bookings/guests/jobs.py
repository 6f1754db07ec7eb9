"""Background work about guests: forgetting them in time."""

from __future__ import annotations

from typing import Any

from tierslieu.bookings.guests.queries import to_forget
from tierslieu.kernel.outbox import JobKind
from tierslieu.kernel.work import Work
from tierslieu.people.services import erase


def forget_guests(work: Work, **_payload: Any) -> None:
    """Erase guests whose last booking is long over, and those who never confirmed."""
    for person_id in to_forget(work.session, work.now):
        erase(work, person_id)


KINDS = [JobKind("bookings.forget_guests", forget_guests, every_minutes=24 * 60)]
