"""JSON of the API for venues and rooms; a ``null`` fact is one that nobody knows."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tierslieu.web.api import Answer, Query

Slug = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Limit = Annotated[int, Field(ge=1, le=200, description="How many at most.")]
After = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[a-z0-9-]+$",
        description="The `next` of the page before.",
    ),
]


class VenuesQuery(Query):
    """Which venues."""

    limit: Limit = 50
    cursor: After | None = None


class RoomsQuery(Query):
    """Which rooms; `venue` is a slug."""

    venue: Slug | None = None
    limit: Limit = 50
    cursor: After | None = None


class PositionAnswer(Answer):
    """Where it is; `accuracy` is `exact`, `area` (the neighbourhood) or `invented`."""

    latitude: float
    longitude: float
    accuracy: str


class ModeAnswer(Answer):
    """How a venue is open today: `open`, `limited` (to fewer people) or `closed`.

    `until` is its last day; null = as always, or until further notice.
    """

    mode: str
    until: str | None
    reason: str


class VenueAnswer(Answer):
    """A venue."""

    id: str
    slug: str
    name: str
    kind: str
    kind_label: str
    lede: str
    street: str
    area: str
    town: str
    position: PositionAnswer | None
    timezone: str
    phone: str | None
    email: str | None
    website: str | None
    affiliation: str
    closed_on_holidays: bool
    open_now: bool
    open_until: str | None
    opens_at: str | None
    mode: ModeAnswer
    url: str


class VenueList(Answer):
    """Venues by slug, and the cursor of the next page."""

    items: list[VenueAnswer]
    next: str | None


class AccessibilityAnswer(Answer):
    """Access as facts; null = not known."""

    step_free: bool | None
    accessible_toilet: bool | None
    hearing_loop: bool | None
    lift: bool | None
    door_cm: int | None
    step_cm: int | None
    parking_m: int | None
    note: str


class PhotoAnswer(Answer):
    """A photo: its address and what it shows."""

    url: str
    alt: str
    width: int
    height: int


class RoomAnswer(Answer):
    """A room; `slug` is `<venue>.<room>` and can stand wherever an id can."""

    id: str
    slug: str
    name: str
    venue: str
    kind: str
    description: str
    capacity: int | None
    capacity_now: Annotated[
        int | None, Field(description="How many it takes today, by the venue's mode.")
    ]
    layouts: dict[str, int]
    area_m2: int | None
    features: list[str]
    accessibility: AccessibilityAnswer
    timezone: str
    photos: list[PhotoAnswer]
    parts: list[str]
    retired: bool
    url: str


class RoomList(Answer):
    """Rooms by id, and the cursor of the next page."""

    items: list[RoomAnswer]
    next: str | None
