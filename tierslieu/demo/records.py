"""What the demo is made of: frozen values that the loader turns into rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tierslieu.kernel.texts import Texts

#: Weekday (0 = Monday) → intervals of minutes from local midnight, half-open, in order.
Week = Mapping[int, tuple[tuple[int, int], ...]]

ZONE = "Europe/Rome"
LANGUAGES = ("it", "fr", "en")


@dataclass(frozen=True, slots=True)
class DemoAccess:
    """What was measured for people who need it; None = not known."""

    door_cm: int | None
    step_cm: int | None
    step_free: bool | None
    lift: bool | None
    accessible_toilet: bool | None
    hearing_loop: bool | None
    parking_m: int | None
    note: Texts


@dataclass(frozen=True, slots=True)
class DemoUnit:
    """One leaf of a pool: a lane, a desk, an allotment."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class DemoRoom:
    """A space of a venue. ``parts``: slugs of the rooms it is made of (divisible rooms);
    ``units``: the leaves of a pool; neither: the room is its own leaf. Slugs of rooms and units
    are unique within the venue. Prices are cents an hour; buffers are minutes."""

    venue: str
    slug: str
    name: str
    kind: str
    description: Texts
    area_m2: int | None
    layouts: Mapping[str, int]
    features: tuple[str, ...]
    access: DemoAccess
    parts: tuple[str, ...]
    units: tuple[DemoUnit, ...]
    before_minutes: int
    after_minutes: int
    policy: str
    hour_cents: int
    member_hour_cents: int
    keys: bool
    #: Its own week instead of the venue's; None = as the venue.
    hours: Week | None
    #: First and last (month, day) of the part of the year in which it opens; None = always.
    season: tuple[tuple[int, int], tuple[int, int]] | None
    #: Key of ``pictures.PICTURES``.
    picture: str
    #: Kept without bookings, for trying the API.
    always_free: bool

    @property
    def capacity(self) -> int | None:
        """The most people of any layout."""
        return max(self.layouts.values(), default=None)

    @property
    def leaves(self) -> tuple[str, ...]:
        """Slugs (within the venue) of the leaves that a booking of it may take."""
        if self.units:
            return tuple(unit.slug for unit in self.units)
        return self.parts or (self.slug,)


@dataclass(frozen=True, slots=True)
class DemoSection:
    """One section of a venue's page; ``source`` is an address, empty where nothing is claimed."""

    key: str
    body: Texts
    source: str


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """A body: a venue's operator (``kind`` operator) or a neighbourhood group (``group``)."""

    slug: str
    name: str
    kind: str
    venue: str
    circuit: str
    invented: bool
    source: str


@dataclass(frozen=True, slots=True)
class DemoVenue:
    """A venue as the CSV names it, with what the demo adds. ``sourced_days``: weekdays whose
    hours a source gives; the others are invented. ``policy`` overrides keys of every preset."""

    slug: str
    name: str
    kind: str
    street: str
    area: str
    town: str
    latitude: float
    longitude: float
    position: str
    affiliation: str
    sources: tuple[str, ...]
    accent: str
    lede: Texts
    phone: str
    email: str
    sections: tuple[DemoSection, ...]
    hours: Week
    sourced_days: frozenset[int]
    closed_on_holidays: bool
    policy: Mapping[str, object]
    operator: DemoOrganisation
    rooms: tuple[DemoRoom, ...]

    def room(self, slug: str) -> DemoRoom:
        """The room of that slug; raises KeyError."""
        for room in self.rooms:
            if room.slug == slug:
                return room
        raise KeyError(slug)


@dataclass(frozen=True, slots=True)
class DemoClosure:
    """Shut every year from the first to the last (month, day), both included."""

    first: tuple[int, int]
    last: tuple[int, int]
    reason: Texts


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """What a venue's association offers; the season starts on that day of each year."""

    venue: str
    organisation: str
    name: Texts
    season_month: int
    season_day: int
    fee_cents: int
    grace_days: int
    circuit: str


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """An invented person. ``account``: may sign in with the demo's password; families share
    an e-mail, some have only a phone."""

    slug: str
    name: str
    email: str | None
    phone: str | None
    locale: str
    venue: str
    account: bool


@dataclass(frozen=True, slots=True)
class DemoRole:
    """``network_admin`` (venue empty), ``venue_manager`` or ``venue_desk`` of a venue."""

    person: str
    role: str
    venue: str


@dataclass(frozen=True, slots=True)
class DemoFunction:
    """A person's function in an organisation; ``may_act`` lets her book for it."""

    organisation: str
    person: str
    function: str
    may_act: bool


@dataclass(frozen=True, slots=True)
class DemoDues:
    """Dues taken; ``method`` is cash, card, transfer or free."""

    amount_cents: int
    method: str
    taken_at: datetime
    taken_by: str


@dataclass(frozen=True, slots=True)
class DemoMembership:
    """A membership for one season; ``season_ends_on`` is the first day after it."""

    plan: str
    person: str
    season_starts_on: date
    season_ends_on: date
    state: str
    card_number: str | None
    applied_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str
    dues: tuple[DemoDues, ...]


@dataclass(frozen=True, slots=True)
class DemoBooking:
    """A booking; ``key`` is unique among them. Moments are UTC. Rooms, persons and organisations
    are named by slug; ``leaves``: slugs, within the venue, of what it takes; bookings of one
    weekly thing share ``series``. ``local_start``: ``YYYY-MM-DDTHH:MM`` at the venue."""

    key: int
    venue: str
    room: str
    leaves: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    local_start: str
    title: str
    state: str
    visibility: str
    kind: str
    booked_for: str
    booked_by: str
    organisation: str | None
    attendance: int | None
    layout: str | None
    before_minutes: int
    after_minutes: int
    price_cents: int
    as_member: bool
    series: str | None
    created_at: datetime
    changed_at: datetime
    decided_at: datetime | None
    answer_by: datetime | None
    checked_in_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class DemoNetwork:
    """All of it except what depends on the day: memberships and bookings are generated."""

    venues: tuple[DemoVenue, ...]
    groups: tuple[DemoOrganisation, ...]
    people: tuple[DemoPerson, ...]
    roles: tuple[DemoRole, ...]
    functions: tuple[DemoFunction, ...]
    plans: tuple[DemoPlan, ...]
    #: Preset → audience → rules, as in ``policies.toml``; read them with `rules_of`.
    policies: Mapping[str, Mapping[str, object]]
    closures: tuple[DemoClosure, ...]

    def venue(self, slug: str) -> DemoVenue:
        """The venue of that slug; raises KeyError."""
        for venue in self.venues:
            if venue.slug == slug:
                return venue
        raise KeyError(slug)

    def rules_of(self, venue: DemoVenue, room: DemoRoom) -> dict[str, dict[str, object]]:
        """The room's house rules as the site stores them, by audience.

        For everyone: the preset, the venue's own keys over it, and the room's buffers.
        """
        rules = {
            audience: dict(said)
            for audience, said in self.policies[room.policy].items()
            if isinstance(said, Mapping)
        }
        rules["everyone"] |= {
            **({} if room.always_free else venue.policy),
            "before_minutes": room.before_minutes,
            "after_minutes": room.after_minutes,
        }
        return rules
