"""A room as a reader of its pages meets it: the case, and the rules and price for her."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from tierslieu.bookings.cases.queries import Party, RoomCase, applicants, room_case
from tierslieu.bookings.rules import Applicant, EffectivePolicy
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.money import Money
from tierslieu.kernel.span import Span, local_date
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue
from tierslieu.venues.queries import network


@dataclass(frozen=True)
class Seen:
    """A room for one reader, today."""

    case: RoomCase
    applicant: Applicant
    policy: EffectivePolicy
    currency: str

    @property
    def hour(self) -> Money | None:
        """What an hour costs her; None where nothing is paid."""
        tariff = self.case.tariff
        if tariff is None:
            return None
        at_member_price = self.applicant.member and tariff.member_hour_cents is not None
        cents = tariff.member_hour_cents if at_member_price else tariff.hour_cents
        return Money(cents, self.currency) if cents else None

    @property
    def as_member(self) -> bool:
        """Whether that is a price for members only."""
        tariff = self.case.tariff
        return (
            self.applicant.member
            and tariff is not None
            and tariff.member_hour_cents is not None
            and tariff.member_hour_cents != tariff.hour_cents
        )

    @property
    def other_hour(self) -> Money | None:
        """What the others pay where that differs: members for her, everybody for a member."""
        tariff = self.case.tariff
        if tariff is None or tariff.member_hour_cents in (None, tariff.hour_cents):
            return None
        cents = tariff.hour_cents if self.applicant.member else tariff.member_hour_cents
        return Money(cents or 0, self.currency)


def open_case(work: Work, room: str, around: Span | None = None) -> Seen:
    """The room of a page by its public id or slugs; NotFound when it is not shown to her."""
    around = around or Span(work.now, work.now + timedelta(days=8))
    case = room_case(work.session, room, around)
    shown = work.session.get_one(Venue, case.venue_id).published
    if not shown and not work.actor.may("bookings.on_behalf", venue=case.venue_id):
        raise NotFound
    return seen_by(work, [case])[0]


def seen_by(work: Work, cases: Sequence[RoomCase]) -> list[Seen]:
    """Rooms with what is in force there for the actor herself, today."""
    if not cases:
        return []
    party = Party(work.actor, work.actor.person_id)
    day = local_date(work.now, cases[0].zone)
    venues = {case.venue_id for case in cases}
    people = applicants(work.session, party, venues, day, work.now)
    currency = network(work.session).currency
    return [
        Seen(case, who := people[case.venue_id], case.policy_for(who, organisation=False), currency)
        for case in cases
    ]
