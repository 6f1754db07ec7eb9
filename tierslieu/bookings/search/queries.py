"""Every room's answer to a sentence, the nearest fit first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from math import cos, hypot, radians

import sqlalchemy as sa

from tierslieu.bookings.availability.queries import Verdict
from tierslieu.bookings.availability.rooms import answers
from tierslieu.bookings.cases.queries import Party, RoomCase, rooms
from tierslieu.bookings.rules import Match, Price, near_misses, ordered
from tierslieu.bookings.search.asked import Sentence
from tierslieu.kernel.errors import Choice
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import folded
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue
from tierslieu.venues.places.queries import venues_where
from tierslieu.venues.queries import network

#: Days around the asked one in which another time is looked for.
BEFORE, AFTER = timedelta(days=6), timedelta(days=12)
KM_PER_DEGREE = 111.2


@dataclass(frozen=True)
class Found:
    """A room's answer for so many people; ``km`` from where the reader is, if she said so."""

    case: RoomCase
    verdict: Verdict
    match: Match
    price: Price
    people: int | None = None
    km: float | None = None

    @property
    def instant(self) -> bool:
        """Whether it is answered at once."""
        return not self.verdict.policy.asks_approval(self.people)

    @property
    def choice(self) -> Choice | None:
        """The nearest thing that would do, a time before a number."""
        found = [choice for reason in self.match.reasons for choice in reason.nearest]
        times = [choice for choice in found if "starts_at" in choice.values]
        return next(iter([*times, *found]), None)


@dataclass(frozen=True)
class Results:
    """Free rooms, and those that nearly are."""

    free: list[Found]
    near: list[Found]


def search(work: Work, asked: Sentence, span: Span) -> Results:
    """All rooms shown to everybody that lie where it was asked, answered in few statements."""
    venues = None if asked.point else venues_where(work.session, asked.where)
    first, last = span.starts_at.date() - BEFORE, span.ends_at.date() + AFTER
    cases = [
        case
        for case in rooms(work.session, first, last).published
        if case.facts.bookable
        and (venues is None or case.venue_id in venues)
        and _named(case, asked.words)
    ]
    party = Party(work.actor, work.actor.person_id)
    currency = network(work.session).currency
    far = _distances(work, asked)
    found = {
        match.candidate.key: Found(
            case,
            verdict,
            match,
            verdict.price(span, currency),
            asked.wish.people,
            far.get(case.venue_id),
        )
        for case, verdict, match in answers(work, cases, party, asked.wish, span)
    }
    ranked = ordered([each.match for each in found.values()], asked.wish)
    free = [found[match.candidate.key] for match in ranked if match.fits]
    near = [found[match.candidate.key] for match in near_misses(ranked)]
    return Results(sorted(free, key=_ORDER[asked.order]), near)


def _named(case: RoomCase, words: str) -> bool:
    text = folded(f"{case.name} {case.venue_name} {case.venue_area} {case.kind}")
    return all(word in text for word in words.split())


def _distances(work: Work, asked: Sentence) -> dict[int, float]:
    if asked.point is None:
        return {}
    latitude, longitude = asked.point
    narrow = cos(radians(latitude))
    question = sa.select(Venue.id, Venue.latitude, Venue.longitude).where(
        Venue.latitude.is_not(None), Venue.longitude.is_not(None)
    )
    return {
        row.id: KM_PER_DEGREE * hypot(row.latitude - latitude, (row.longitude - longitude) * narrow)
        for row in work.session.execute(question)
    }


def _as_it_is(_found: Found) -> float:
    return 0


def _by_distance(found: Found) -> float:
    return float("inf") if found.km is None else found.km


def _by_price(found: Found) -> float:
    return found.price.total.cents


_ORDER: dict[str, Callable[[Found], float]] = {
    "fit": _as_it_is,
    "near": _by_distance,
    "price": _by_price,
}
