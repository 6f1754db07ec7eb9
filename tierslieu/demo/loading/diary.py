"""What is booked: claims and bookings in portions, their time through the engine's one door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from tierslieu.bookings.models import Booking
from tierslieu.bookings.places.models import BookingPlace
from tierslieu.bookings.rules import TariffFacts, price
from tierslieu.bookings.services import KIND, OWNER
from tierslieu.demo.loading.people import Cards
from tierslieu.demo.loading.series import Weekly, weekly, write_series
from tierslieu.demo.loading.tables import Known, Progress, count_on, parts, put
from tierslieu.demo.records import ZONE, DemoBooking, DemoNetwork
from tierslieu.kernel.span import Span
from tierslieu.kernel.tokens import new_public_id
from tierslieu.kernel.work import Work
from tierslieu.resources.models import Claim
from tierslieu.resources.rules import Taking
from tierslieu.resources.services import take

#: States whose time nobody else can have.
OCCUPYING = frozenset({"confirmed", "checked_in"})
#: States that people reached by changing their mind or being answered: calendars count those.
CHANGED = frozenset({"cancelled", "declined", "no_show", "expired"})
CURRENCY = "EUR"
#: Bookings written and taken in one go.
BATCH = 1000


class Diary:
    """Writes bookings; ``people`` gathers who thereby is known at which venue."""

    def __init__(self, work: Work, network: DemoNetwork, known: Known, cards: Cards) -> None:
        self._work, self._known, self._cards = work, known, cards
        self._tariffs = {
            (venue.slug, room.slug): TariffFacts(room.hour_cents, room.member_hour_cents)
            for venue in network.venues
            for room in venue.rooms
        }
        self._units = {
            (venue.slug, room.slug): len(room.units)
            for venue in network.venues
            for room in venue.rooms
        }
        self._managers = {
            role.venue: known.persons[role.person]
            for role in network.roles
            if role.role == "venue_manager"
        }
        self._series: dict[str, Weekly] = {}
        self.people: set[tuple[int, int]] = set()

    def write(self, bookings: Iterable[DemoBooking], progress: Progress) -> None:
        """All of them; raises `Taken` when two of them want the same time of one room."""
        rows = list(bookings)
        self._series = weekly(rows)
        write_series(self._work, self._known, self._series, rows)
        numbered = list(enumerate(rows, start=1))
        done = 0
        for part in parts(numbered, BATCH):
            progress(done, len(numbered), "bookings")
            self._write(part)
            done += len(part)
        count_on(self._work, Claim)

    def _write(self, part: Sequence[tuple[int, DemoBooking]]) -> None:
        put(self._work, Claim, [self._claim(row_id, each) for row_id, each in part])
        put(self._work, Booking, [self._booking(row_id, each) for row_id, each in part])
        wanted = [self._taking(*each) for each in part if each[1].state in OCCUPYING]
        take(self._work, wanted)
        put(self._work, BookingPlace, [row for each in part for row in self._places(*each)])

    def _claim(self, row_id: int, each: DemoBooking) -> dict[str, Any]:
        return {
            "id": row_id,
            "venue_id": self._known.venues[each.venue],
            "resource_id": self._room(each),
            "kind": KIND,
            "owner": OWNER,
            "label": each.title,
            "visibility": each.visibility,
            "starts_at": each.starts_at,
            "ends_at": each.ends_at,
        }

    def _booking(self, row_id: int, each: DemoBooking) -> dict[str, Any]:
        known = self._known
        person = known.persons[each.booked_for]
        self.people.add((person, known.venues[each.venue]))
        series = self._series.get(each.series or "")
        decided_by = self._managers.get(each.venue) if each.decided_at else None
        return {
            "id": row_id,
            "room_id": self._room(each),
            "state": each.state,
            "kind": each.kind,
            "booked_for_id": person,
            "booked_by_id": known.persons[each.booked_by],
            "organisation_id": known.organisations.get(each.organisation or ""),
            "series_id": series.id if series else None,
            "uid": series.uid if series else f"{new_public_id()}@tierslieu",
            "original_starts_at": each.starts_at,
            "local_start": each.local_start,
            "zone": ZONE,
            "attendance": each.attendance,
            "layout": each.layout,
            "places": self._count(each),
            "before_minutes": each.before_minutes,
            "after_minutes": each.after_minutes,
            "price_cents": each.price_cents,
            "price_lines": self._lines(each),
            "membership_id": self._card(each),
            "answer_by": each.answer_by,
            "decided_at": each.decided_at,
            "decided_by_id": decided_by,
            "reason": each.reason,
            "checked_in_at": each.checked_in_at,
            "revision": 1 if each.state in CHANGED else 0,
            "created_at": each.created_at,
            "changed_at": each.changed_at,
        }

    def _count(self, each: DemoBooking) -> int | None:
        """How many places of a room booked by place; None = all of it."""
        units = self._units.get((each.venue, each.room), 0)
        return len(each.leaves) if 0 < len(each.leaves) < units else None

    def _places(self, row_id: int, each: DemoBooking) -> list[dict[str, Any]]:
        if self._count(each) is None or each.state not in OCCUPYING:
            return []
        leaves = [self._known.resources[each.venue, leaf] for leaf in each.leaves]
        return [{"booking_id": row_id, "resource_id": leaf} for leaf in leaves]

    def _lines(self, each: DemoBooking) -> list[dict[str, Any]]:
        if not each.price_cents:
            return []
        cost = price(
            Span(each.starts_at, each.ends_at),
            self._tariffs[each.venue, each.room],
            member=each.as_member,
            currency=CURRENCY,
        )
        return [line.to_json() for line in cost.lines]

    def _card(self, each: DemoBooking) -> int | None:
        if not each.as_member:
            return None
        return self._cards.of(each.booked_for, each.venue, each.starts_at.date())

    def _room(self, each: DemoBooking) -> int:
        return self._known.resources[each.venue, each.room]

    def _taking(self, row_id: int, each: DemoBooking) -> Taking:
        leaves = [self._known.resources[each.venue, leaf] for leaf in each.leaves]
        before, after = (
            timedelta(minutes=each.before_minutes),
            timedelta(minutes=each.after_minutes),
        )
        return Taking(row_id, leaves, Span(each.starts_at, each.ends_at).widened(before, after))
