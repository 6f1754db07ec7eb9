"""Availability as JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tierslieu.bookings.availability.queries import Verdict
from tierslieu.bookings.availability.rooms import answers
from tierslieu.bookings.cases.queries import Party, RoomCase, rooms
from tierslieu.bookings.rules import Match, Wish, ordered
from tierslieu.bookings.schemas import AvailabilityQuery, span
from tierslieu.bookings.series.finding import against_dates, free_on_dates
from tierslieu.bookings.series.rules import Date, repeat_of
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.recurrence import parse
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.venues.queries import network
from tierslieu.web.errors import reason_json


def availability(work: Work, asked: AvailabilityQuery) -> dict[str, Any]:
    """The rooms' answers to a wish: free ones, or with ``explain`` all with their reasons.

    Shaped like `AvailabilityAnswer`, in plain dicts: lists are long.
    """
    here = network(work.session)
    dates = _dates(asked, ZoneInfo(here.zone))
    during, whole = dates[0].span, Span(dates[0].span.starts_at, dates[-1].span.ends_at)
    first = during.starts_at.date() - timedelta(days=6)
    last = min(whole.ends_at.date(), first + timedelta(days=46 if len(dates) == 1 else 766))
    around = rooms(work.session, first, last + timedelta(days=12))
    cases = [case for case in around.published if asked.venue in (None, case.venue_slug)]
    if asked.venue is not None and not cases:
        raise NotFound
    wish = wish_of(asked.capacity, asked.features)
    party = Party(work.actor, work.actor.person_id)
    explain = asked.explain == "1"
    found = answers(work, cases, party, wish, during, only_free=not explain)
    if len(dates) > 1:
        found = _on_all(work, found, party, wish, dates[1:], explain=explain)
    by_key = {match.candidate.key: (case, verdict) for case, verdict, match in found}
    sorted_ = ordered([match for _, _, match in found], wish)
    prices = _Prices(during, here.currency)
    items = []
    for match in sorted_:
        if match.fits or explain:
            case, verdict = by_key[match.candidate.key]
            shown = _room(case, verdict, match, prices)
            if explain:
                shown["reasons"] = [reason_json(r, work.locale) for r in match.reasons]
            items.append(shown)
    return {"items": items, "next": None}


def _dates(asked: AvailabilityQuery, zone: ZoneInfo) -> list[Date]:
    """The dates that are asked for: one, or all of a repetition."""
    during = span(asked.starts_at, asked.ends_at, zone)
    rule = None if asked.rrule is None else parse(asked.rrule)
    return repeat_of(rule, during, zone).dates() if rule else [Date(during.starts_at, during)]


def _on_all(
    work: Work,
    found: list[tuple[RoomCase, Verdict, Match]],
    party: Party,
    wish: Wish,
    others: list[Date],
    *,
    explain: bool,
) -> list[tuple[RoomCase, Verdict, Match]]:
    """The answers with what is against the other dates; only of rooms that still count."""
    cases = [case for case, _, match in found if explain or match.fits]
    if not explain:
        possible = free_on_dates(work, cases, party, wish, others)
        return [answer for answer in found if answer[0].id in possible]
    against = against_dates(work, cases, party, wish, others)
    return [
        (case, verdict, replace(match, reasons=(*match.reasons, *against.get(case.id, ()))))
        for case, verdict, match in found
    ]


_FACTS = frozenset({"step_free", "accessible_toilet", "hearing_loop", "lift"})


def wish_of(capacity: int | None, features: str | None) -> Wish:
    """What a room should be like, as the API is asked: equipment and access in one list."""
    said = frozenset(filter(None, (features or "").split(",")))
    return Wish(capacity, said - _FACTS, said & _FACTS)


class _Prices:
    """What a room costs, worked out once for all rooms with the same tariff."""

    def __init__(self, during: Span, currency: str) -> None:
        self._during, self.currency = during, currency
        self._known: dict[tuple[object, ...], int] = {}

    def cents(self, case: RoomCase, verdict: Verdict) -> int:
        """The price in minor units."""
        if case.tariff is None and case.places is None and not verdict.extras:
            return 0
        member = verdict.applicant.member_then
        key = (id(case.tariff), id(case.places), verdict.kit.places, member, verdict.extras)
        if key not in self._known:
            self._known[key] = verdict.price(self._during, self.currency).total.cents
        return self._known[key]


def _room(case: RoomCase, verdict: Verdict, match: Match, prices: _Prices) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": case.public_id,
        "slug": case.slug,
        "name": case.name,
        "venue": case.venue_slug,
        "capacity": case.capacity,
        "free": match.fits,
        "asked_for": match.asked_by,
        "price_cents": prices.cents(case, verdict),
        "currency": prices.currency,
        "timezone": case.zone.key,
    }
    if case.places is not None:
        shown |= {"places": case.places.count, "places_free": verdict.kit.free}
    return shown
