"""The waiting list as JSON."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tierslieu.bookings.schemas import (
    Fact,
    Moment,
    PlaceName,
    Places,
    PublicId,
    ThingBody,
    Things,
    Visibility,
)
from tierslieu.web.api import Answer, Body


class JoinBody(Body):
    """A time that is taken, to stand in line for."""

    room_id: PublicId
    starts_at: Moment
    ends_at: Moment
    title: Annotated[str, Field(min_length=1, max_length=200)]
    attendance: Annotated[int, Field(ge=1, le=100_000)] | None = None
    purpose: Annotated[str, Field(max_length=64)] | None = None
    declared: Annotated[list[Fact], Field(max_length=10)] | None = None
    organisation_id: PublicId | None = None
    visibility: Visibility | None = None
    places: Places | None = None
    place: PlaceName | None = None
    accessories: Things | None = None
    accept_terms: Annotated[list[PublicId], Field(max_length=50)] | None = None


class WaitingAnswer(Answer):
    """One's place in a line; `offered` has the booking that is held and until when."""

    id: str
    state: Literal["waiting", "offered", "accepted", "lapsed", "left"]
    room_id: str
    venue: str
    starts_at: str
    ends_at: str
    timezone: str
    title: str
    attendance: int | None
    declared: list[str]
    places: int | None
    place_name: str | None
    accessories: list[ThingBody]
    joined_at: str
    place: int | None
    booking_id: str | None
    offered_until: str | None


class WaitingAnswers(Answer):
    """What one waits for, the soonest first."""

    items: list[WaitingAnswer]
    next: None = None
