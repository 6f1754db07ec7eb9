"""Moving on the calendar."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.models import Booking
from tierslieu.kernel.errors import Refused, refuse
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work

#: Rules that bind whoever booked, not the house that moves her booking.
HERS: Final = frozenset({"too_soon", "too_far", "too_late_to_change", "too_many_open"})


def drag(work: Work, venue_id: int, public_id: str, edit: Edit) -> Booking:
    """Move a booking on the calendar.

    Who may pass rules passes the notices and the quota of whoever booked, and it is written down
    as passed; hours, steps, lengths and what is taken stay as they are: those need a reason in
    words, on the booking's own page. Raises as `change` does.
    """
    try:
        return change(work, public_id, edit)
    except Refused as refused:
        if not work.actor.may("bookings.override", venue=venue_id):
            raise
        refuse(reason for reason in refused.reasons if reason.code not in HERS)
    why = say(msg("Moved on the calendar by whoever runs the venue."), work.site.config.locale)
    return change(work, public_id, replace(edit, override=why))
