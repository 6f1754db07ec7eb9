"""What the rules of booking need to know: of rooms, of applicants."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.cases.demands import NOTHING_ASKED, AllAsked
from tierslieu.bookings.cases.facts import facts, months, policies
from tierslieu.bookings.cases.standing import NOTHING, standings
from tierslieu.bookings.models import Tariff
from tierslieu.bookings.places import queries as places
from tierslieu.bookings.places.models import PlacePool
from tierslieu.bookings.places.rules import PlaceFacts
from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.quotas.queries import Quotas, active_quotas
from tierslieu.bookings.rules import (
    Applicant,
    EffectivePolicy,
    PolicyRow,
    RoomFacts,
    TariffFacts,
    resolve,
)
from tierslieu.bookings.rules.capacity import holds
from tierslieu.bookings.rules.policy import NONE
from tierslieu.bookings.rules.quotas import Quota
from tierslieu.bookings.rules.search import ACCESS
from tierslieu.bookings.rules.uses import Purposes
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.span import Span, local_date
from tierslieu.kernel.work import Work
from tierslieu.memberships.queries import cards_on
from tierslieu.resources.models import Resource
from tierslieu.venues.keeping.queries import kept
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.modes.rules import Limits
from tierslieu.venues.queries import room_zone
from tierslieu.venues.rules import OpeningFacts

T = TypeVar("T")


@dataclass(frozen=True)
class RoomCase:
    """One room as the rules of booking see it, with what pages say about it."""

    id: int
    public_id: str
    slug: str
    name: str
    kind: str
    venue_id: int
    venue_slug: str
    venue_name: str
    venue_published: bool
    venue_area: str
    accent: str
    facts: RoomFacts
    policies: tuple[PolicyRow, ...]
    tariff: TariffFacts | None
    capacity: int | None
    layouts: Mapping[str, int]
    features: tuple[str, ...]
    #: accessibility fact → yes, no, or None for not known.
    access: Mapping[str, bool | None]
    quotas: tuple[Quota, ...] = ()
    #: Terms to accept and preconditions.
    asked: AllAsked = NOTHING_ASKED
    #: Where it is booked by place.
    places: PlaceFacts | None = None
    #: Whether it consists of parts or places.
    divided: bool = False
    #: Rules already resolved, shared by all rooms that are kept together.
    resolved: dict[tuple[tuple[int, ...], frozenset[str]], EffectivePolicy] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def zone(self) -> ZoneInfo:
        return self.facts.zone

    def policy_for(self, applicant: Applicant, *, organisation: bool) -> EffectivePolicy:
        """The rules in force here for somebody; rooms with the same rows share one answer."""
        audiences = applicant.audiences(organisation=organisation)
        # The rows are kept as long as the answers are, so their identity says which they are.
        key = tuple(map(id, self.policies)), audiences
        found = self.resolved.get(key)
        if found is None:
            found = self.resolved[key] = resolve(self.policies, audiences)
        return found

    def holds(self, span: Span) -> int | None:
        """How many people it holds during a span, by its size and the venue's mode."""
        return holds(self.capacity, self.facts.limits, span, self.zone)

    def arranged(self, layout: str | None) -> RoomCase:
        """The room as it holds people in one of its layouts; any other changes nothing."""
        people = self.layouts.get(layout or "")
        return replace(self, facts=replace(self.facts, capacity=int(people))) if people else self


_ROOM = (
    Room.id,
    Room.public_id,
    Room.slug,
    Room.name,
    Room.kind,
    Room.venue_id,
    Room.capacity,
    Room.area_m2,
    Room.layouts,
    Room.features,
    Room.step_free,
    Room.accessible_toilet,
    Room.hearing_loop,
    Room.lift,
    Venue.slug.label("venue_slug"),
    Venue.name.label("venue_name"),
    Venue.area.label("venue_area"),
    Venue.accent,
    Venue.published,
    Venue.zone,
    Resource.active,
    Resource.bookable,
    Tariff.hour_cents,
    Tariff.member_hour_cents,
    *places.COLUMNS,
)


def _question() -> sa.Select[Any]:
    """Rooms of the network with what their case needs."""
    return (
        sa.select(*_ROOM)
        .join(Resource, Resource.id == Room.id)
        .join(Venue, Venue.id == Room.venue_id)
        .outerjoin(Tariff, Tariff.room_id == Room.id)
        .outerjoin(PlacePool, PlacePool.room_id == Room.id)
        .where(Room.retired_at.is_(None), Venue.archived_at.is_(None))
        .order_by(Venue.name, Room.rank, Room.id)
    )


@dataclass(frozen=True)
class Rooms:
    """The cases of all rooms, in the order of pages; by row id, public id and ``venue.room``."""

    all: tuple[RoomCase, ...]
    by_id: Mapping[int, RoomCase]
    by_name: Mapping[str, RoomCase]

    def of_venue(self, venue_id: int) -> list[RoomCase]:
        """The rooms of one venue."""
        return [case for case in self.all if case.venue_id == venue_id]

    @property
    def published(self) -> list[RoomCase]:
        """The rooms of the venues that everybody sees."""
        return [case for case in self.all if case.venue_published]


def rooms(session: Session, first: date, last: date) -> Rooms:
    """Every room in use, as it is between two days; one small statement while no fact changes."""
    month, until = months(first, last)

    def read(start: date, end: date) -> Rooms:
        rows = session.execute(_question()).all()
        found = tuple(_cases(rows, *facts(session, start, end)))
        names = {case.public_id: case for case in found}
        names |= {f"{case.venue_slug}.{case.slug}": case for case in found}
        return Rooms(found, {case.id: case for case in found}, names)

    if last > until:
        return read(first, last)
    start = month - timedelta(days=1)
    return kept(session, "rooms", (month, until), lambda: read(start, until))


def _cases(
    rows: Sequence[Any],
    opening: Mapping[int, OpeningFacts],
    said: Mapping[tuple[str, int], tuple[PolicyRow, ...]],
    quotas: Quotas,
    purposes: Mapping[int, Purposes],
    asked: AllAsked,
) -> list[RoomCase]:
    resolved: dict[tuple[tuple[int, ...], frozenset[str]], EffectivePolicy] = {}
    return [
        RoomCase(
            id=row.id,
            public_id=row.public_id,
            slug=row.slug,
            name=row.name,
            kind=row.kind,
            venue_id=row.venue_id,
            venue_slug=row.venue_slug,
            venue_name=row.venue_name,
            venue_published=row.published,
            venue_area=row.venue_area,
            accent=row.accent,
            facts=RoomFacts(
                ZoneInfo(row.zone),
                opening[row.id],
                row.capacity,
                row.active and row.bookable,
                _limits(row, opening[row.id]),
                purposes.get(row.venue_id) or purposes.get(0, {}),
                _said(said, row),
            ),
            policies=_said(said, row),
            tariff=places.tariff_of(row),
            capacity=row.capacity,
            layouts=row.layouts,
            features=tuple(row.features),
            access={fact: getattr(row, fact) for fact in ACCESS},
            quotas=_said(quotas, row),
            asked=asked.of_room(row.venue_id, row.id),
            places=places.place_facts(row),
            divided=row.leaf_count > 0,
            resolved=resolved,
        )
        for row in rows
    ]


def _said(said: Mapping[tuple[str, int], tuple[T, ...]], row: Any) -> tuple[T, ...]:
    """What the network, the venue and the room say."""
    scopes = (("network", 0), ("venue", row.venue_id), ("room", row.id))
    return tuple(each for scope in scopes for each in said.get(scope, ()))


def _limits(row: Any, opening: OpeningFacts) -> Limits | None:
    return Limits(opening.modes, row.id, row.capacity, row.area_m2) if opening.modes else None


def room_case(session: Session, public_id: str, around: Span) -> RoomCase:
    """The case of one room by its public id (or ``venue.room`` slugs); raises NotFound."""
    case = _around(session, around).by_name.get(public_id)
    if case is None:
        raise NotFound
    return case


def room_case_by_id(session: Session, room_id: int, around: Span) -> RoomCase:
    """The case of one room by its row id; raises NotFound."""
    case = _around(session, around).by_id.get(room_id)
    if case is None:
        raise NotFound
    return case


def zone_of(work: Work, room: str | None) -> ZoneInfo:
    """The zone of a room by its name; the network's without one. Raises NotFound."""
    today = work.now.date()
    case = None if room is None else rooms(work.session, today, today).by_name.get(room)
    # One that is no longer in use still has bookings to list.
    return case.zone if case is not None else room_zone(work.session, room)


def _around(session: Session, span: Span) -> Rooms:
    first = span.starts_at.date() - timedelta(days=6)
    return rooms(session, first, span.ends_at.date() + timedelta(days=12))


@dataclass(frozen=True)
class Party:
    """For whom a question is asked: a person, perhaps for an organisation, asked by an actor."""

    actor: Actor
    person_id: int | None
    organisation_id: int | None = None

    @property
    def is_clerk(self) -> bool:
        """Whether somebody else asks on her behalf."""
        return self.person_id != self.actor.person_id or self.actor.is_system


def applicants(
    session: Session,
    party: Party,
    venues: Collection[int],
    day: date,
    now: datetime,
    *,
    ignoring: Collection[int] = (),
) -> dict[int, Applicant]:
    """The party as an applicant at each venue; ``day`` is the booking's own date.

    ``ignoring``: bookings that do not count as open (those being moved).
    """
    today = now.date()
    cards, cards_then = frozenset[int](), frozenset[int]()
    if party.person_id is not None:
        found = cards_on(session, party.person_id, {today, day})
        cards, cards_then = found[today], found[day]
    has = standings(session, party, now, ignoring) if _are_counted(session) else {}
    return {
        venue: Applicant(
            signed_in=party.person_id is not None and not party.actor.is_anonymous,
            member=venue in cards,
            member_then=venue in cards_then,
            manages=party.actor.may("bookings.override", venue=venue),
            open_bookings=has.get(venue, NOTHING).bookings,
            open_requests=has.get(venue, NOTHING).requests,
            resident=has.get(venue, NOTHING).resident,
        )
        for venue in venues
    }


def _are_counted(session: Session) -> bool:
    """Whether any rule of the network limits what may be open, or speaks of residents."""
    return kept(
        session,
        "bookings counted",
        1,
        lambda: (
            any(_counts_what_is_open(row) for rows in policies(session).values() for row in rows)
            or any(q.audience == "residents" for qs in active_quotas(session).values() for q in qs)
        ),
    )


def _counts_what_is_open(row: PolicyRow) -> bool:
    limits = (row.values.max_open_bookings, row.values.max_open_requests)
    return row.audience == "residents" or any(limit not in (None, NONE) for limit in limits)


def policy_of(work: Work, view: BookingView, case: RoomCase) -> EffectivePolicy:
    """The rules in force for whom a booking was made."""
    booking = view.booking
    party = Party(work.actor, booking.booked_for_id, booking.organisation_id)
    day = booking_day(case, view.span)
    applicant = applicants(
        work.session, party, {case.venue_id}, day, work.now, ignoring=[booking.id]
    )[case.venue_id]
    return case.policy_for(applicant, organisation=booking.organisation_id is not None)


def booking_day(case: RoomCase, span: Span) -> date:
    """The local day a booking begins on."""
    return local_date(span.starts_at, case.zone)
