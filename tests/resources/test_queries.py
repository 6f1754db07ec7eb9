"""What timelines and searches are told (invariants 6 and 12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tierslieu.kernel import clock
from tierslieu.kernel.span import Span
from tierslieu.resources import queries, services
from tierslieu.resources.division.services import divide
from tierslieu.resources.rules import BusySpan, Taking

if TYPE_CHECKING:
    from tests.resources.conftest import Place


@pytest.fixture(autouse=True)
def _early(place: Place) -> Iterator[None]:
    with clock.frozen(place.at(-24)):
        yield


def test_a_timeline_shows_what_holds_something_with_both_its_times(place: Place) -> None:
    with place.site.writing() as work:
        hall, a, b = place.rooms(work, "Hall", "A", "B")
        divide(work, hall, [a, b])
        seen = place.span(10, 12)
        tombola, asked, held = (
            services.new_claim(
                work,
                venue_id=place.venue_id,
                kind="booking",
                span=seen,
                label=label,
                visibility="members",
            )
            for label in ("Tombola", "Asked for", "Offer")
        )
        taken = Span(place.at(9), place.at(13))
        services.take(work, [Taking(tombola.id, [hall], taken)])
        services.hold(work, [Taking(held.id, [b], place.span(15, 16))], place.at(0))
        rows = queries.claims_between(work.session, [b, hall], place.span(0, 24), work.now)
        assert [(row.resource_id, row.label) for row in rows] == [
            (hall, "Tombola"),
            (hall, "Offer"),
            (b, "Tombola"),
            (b, "Offer"),
        ]
        first = rows[0]
        assert (first.starts_at, first.ends_at) == (seen.starts_at, seen.ends_at)
        assert (first.taken_from, first.taken_until) == (taken.starts_at, taken.ends_at)
        assert (first.public_id, first.visibility) == (tombola.public_id, "members")
        assert rows[1].expires_at == place.at(0)
        assert asked.id not in {row.claim_id for row in rows}


WINDOWS = [
    ("before all", (0, 2), []),
    ("until the first begins", (0, 8), []),
    ("one second more", (0, 8.01), [8]),
    ("inside one", (8.5, 9), [8]),
    ("from the end of one", (10, 14), [12]),
    ("across several, the last one only begun", (9, 17), [8, 12, 16]),
    ("a window that ends where one does", (9, 14), [8, 12]),
    ("after all", (18, 40), []),
]


@pytest.mark.parametrize(
    ("case", "window", "begun"), WINDOWS, ids=[window[0] for window in WINDOWS]
)
def test_a_window_shows_all_that_overlaps_it_and_nothing_else(
    place: Place, case: str, window: tuple[float, float], begun: list[int]
) -> None:
    with place.site.writing() as work:
        room, other = place.rooms(work, "Sala", "Cucina")
        claims = {start: place.taken(work, room, start, start + 2) for start in (8, 12, 16)}
        span = place.span(*window)
        assert queries.busy_spans(work.session, [room, other], span, work.now) == {
            room: [
                BusySpan(place.span(start, start + 2), claims[start], "booking") for start in begun
            ],
            other: [],
        }
        assert queries.free(work.session, [room], span, work.now) == (set() if begun else {room})


def test_weekly_slots_are_asked_at_once_and_the_moved_booking_is_ignored(place: Place) -> None:
    with place.site.writing() as work:
        a, b = place.rooms(work, "A", "B")
        mine = place.taken(work, a, 24 * 7, 24 * 7 + 2)
        place.taken(work, b, 24 * 14, 24 * 14 + 2)
        weeks = [place.span(24 * 7 * week + 1, 24 * 7 * week + 2) for week in range(4)]
        session, now = work.session, work.now
        assert queries.free_in_spans(session, [a, b], weeks, now) == [{a, b}, {b}, {a}, {a, b}]
        moving = queries.free_in_spans(session, None, weeks, now, ignoring=[mine])
        assert moving == [{a, b}, {a, b}, {a}, {a, b}]


def test_nothing_asked_is_nothing_answered(place: Place) -> None:
    with place.site.writing() as work:
        session, now = work.session, work.now
        place.rooms(work, "A")
        assert queries.free(session, [], place.span(1, 2), now) == set()
        assert queries.free_in_spans(session, None, [], now) == []
        assert queries.busy_spans(session, [], place.span(1, 2), now) == {}
        assert queries.claims_between(session, [], place.span(1, 2), now) == []
        assert queries.collisions(session, [], now) == []
        services.take(work, [])
        services.release(work, [])
        assert services.new_claims(work, []) == []
