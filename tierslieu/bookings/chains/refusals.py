"""The reason of a refusal: one of the venue's list, in the words of whoever reads it."""

from __future__ import annotations

from tierslieu.bookings.chains.forms import DeclineForm
from tierslieu.bookings.chains.models import RefusalReason
from tierslieu.bookings.chains.queries import reasons_of
from tierslieu.bookings.queries import BookingView
from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person
from tierslieu.venues.queries import network


def refusal_text(work: Work, view: BookingView, form: DeclineForm) -> str:
    """The reason as whoever asked reads it."""
    reasons = reasons_of(work.session, view.venue_id)
    listed = next((each for each in reasons if each.public_id == form.listed.data), None)
    return _told(work, view, listed, form.reason.data or "")


def listed_text(work: Work, view: BookingView, public_id: str, own: str) -> str:
    """The same by the id of a listed reason. Raises Invalid for one that is not in the list."""
    for each in reasons_of(work.session, view.venue_id):
        if each.public_id == public_id:
            return _told(work, view, each, own)
    raise Invalid("invalid", msg("This is not one of the possible values."), "reason_id")


def _told(work: Work, view: BookingView, listed: RefusalReason | None, own: str) -> str:
    default = network(work.session).locale
    person = view.booking.booked_for_id
    asker = work.session.get(Person, person) if person else None
    locale = asker.locale if asker else default
    said = listed.text.best(locale, default)[1] if listed is not None else ""
    return "\n".join(filter(None, (said, own.strip())))
