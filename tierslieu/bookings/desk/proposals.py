"""What could be proposed instead of what was asked: other times, other rooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from tierslieu.bookings.availability.rooms import answers
from tierslieu.bookings.availability.ways import AROUND
from tierslieu.bookings.cases.queries import Party, policy_of, rooms
from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.rules import Wish
from tierslieu.bookings.rules.nearest import nearest_slots
from tierslieu.bookings.rules.uses import use_reasons
from tierslieu.kernel.languages import say
from tierslieu.kernel.mail import absolute
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import LocalSpan, Span, iso, local_date
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person
from tierslieu.resources.queries import busy_spans
from tierslieu.venues.rules import open_spans

#: How many other times, and how many other rooms.
TIMES, ROOMS = 4, 4


@dataclass(frozen=True)
class Proposal:
    """A room and a time that are free now."""

    room: str
    room_name: str
    span: Span
    zone: str

    @property
    def key(self) -> str:
        """As the page sends it back."""
        return f"{self.room}/{iso(self.span.starts_at)}/{iso(self.span.ends_at)}"


def proposals(work: Work, view: BookingView) -> list[Proposal]:
    """Other rooms of the venue at that time, then other times in that room."""
    first = local_date(view.claim.starts_at, ZoneInfo(view.zone)) - timedelta(days=6)
    cases = rooms(work.session, first, first + timedelta(days=18)).of_venue(view.venue_id)
    booking = view.booking
    party = Party(work.actor, booking.booked_for_id, booking.organisation_id)
    found: list[Proposal] = []
    for case, verdict, match in answers(work, cases, party, Wish(booking.attendance), view.span):
        fits = not match.reasons and not verdict.reasons and case.id != booking.room_id
        # Where it is not allowed, or a use must be said first, it is moved by hand.
        fits = fits and not any(
            use_reasons(view.span, booking.purpose, case.facts.purposes, verdict.policy, case.zone)
        )
        if fits and len(found) < ROOMS:
            found.append(Proposal(case.public_id, case.name, view.span, view.zone))
    own = next((case for case in cases if case.id == booking.room_id), None)
    if own is None:
        return found
    busy = busy_spans(work.session, [own.id], view.span.widened(AROUND, AROUND), work.now)[own.id]
    hours = open_spans(own.facts.opening, first, first + timedelta(days=18), own.zone)
    slots = nearest_slots(
        view.span, hours, [item.span for item in busy if item.claim_id != booking.id],
        policy_of(work, view, own), work.now, own.zone, TIMES,
    )  # fmt: skip
    people = booking.attendance or 0
    fitting = [slot for slot in slots if (holds := own.holds(slot)) is None or people <= holds]
    return [*found, *(Proposal(own.public_id, own.name, slot, view.zone) for slot in fitting)]


def reason_for(work: Work, view: BookingView, chosen: Proposal, address: str) -> str:
    """The proposal in the language of whoever asked, with the address that books it."""
    person = work.session.get(Person, view.booking.booked_for_id or 0)
    locale = person.locale if person is not None else work.locale
    when = LocalSpan(chosen.span, ZoneInfo(chosen.zone))
    said = msg("This does not work, but we propose %(room)s, %(when)s.",
               room=chosen.room_name, when=when)  # fmt: skip
    press = msg("To book it: %(address)s", address=absolute(work.site.config, address))
    return f"{say(said, locale)}\n{say(press, locale)}"
