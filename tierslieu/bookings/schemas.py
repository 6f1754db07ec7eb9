"""JSON of the API ↔ typed values, for bookings and availability."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span, utc, wall_to_utc
from tierslieu.web.api import Answer, Body, Query

State = Literal[
    "requested", "held", "confirmed", "checked_in", "declined", "cancelled", "no_show", "expired"
]
Fact = Literal["alcohol", "open_fire", "music"]
Visibility = Literal["private", "members", "public"]

Moment = Annotated[
    str,
    Field(
        description="RFC 3339; without an offset it is the venue's wall time. Whole minutes.",
        min_length=16,
        max_length=40,
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.0+)?)?"
        r"([Zz]|[+-][0-9]{2}:[0-9]{2})?$",
        examples=["2026-11-28T18:00:00+01:00"],
    ),
]
PublicId = Annotated[str, Field(min_length=1, max_length=140, pattern=r"^[a-z0-9][a-z0-9.-]*$")]


class ThingBody(Body):
    """So many of a thing of the venue, to go with a booking."""

    id: PublicId
    quantity: Annotated[int, Field(ge=0, le=10_000)]


Places = Annotated[
    int,
    Field(ge=1, le=1000, description="So many places of a room booked by place; else all of it."),
]
PlaceName = Annotated[
    str, Field(min_length=1, max_length=100, description="One place of such a room, by its name.")
]
Things = Annotated[list[ThingBody], Field(max_length=50)]


RepeatRule = Annotated[
    str,
    Field(
        description="RFC 5545, by day, week, month or year, with COUNT or UNTIL: at most 366 dates "
        "in two years. Times are those of the wall at the venue.",
        min_length=9,
        max_length=300,
        examples=["FREQ=WEEKLY;BYDAY=TU,TH;COUNT=12"],
    ),
]


class WishBody(Body):
    """One of several bookings to make together."""

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
    sponsor: Annotated[str, Field(max_length=254)] | None = None


class NewBookingBody(WishBody):
    """A booking to make, or to ask for."""

    rrule: RepeatRule | None = None
    skip_conflicts: bool | None = None
    dry_run: bool | None = None


class BatchBody(Body):
    """Several rooms and dates in one request."""

    bookings: Annotated[list[WishBody], Field(min_length=1, max_length=30)]
    skip_conflicts: bool | None = None
    dry_run: bool | None = None


class EditBody(Body):
    """What changes in a booking; what is not sent stays."""

    room_id: PublicId | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    title: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    attendance: Annotated[int, Field(ge=1, le=100_000)] | None = None
    purpose: Annotated[str, Field(max_length=64)] | None = None
    visibility: Visibility | None = None
    places: Annotated[int, Field(ge=0, le=1000, description="0: the whole room.")] | None = None
    place: PlaceName | None = None
    accessories: Things | None = None


class DeclineBody(Body):
    """Why a request is declined: in own words, by one of the venue's listed reasons, or both."""

    reason: Annotated[str, Field(max_length=2000)] | None = None
    reason_id: Annotated[str, Field(max_length=64)] | None = None


class ThingAnswer(Answer):
    """What goes with a booking; numbered things by name while they are held."""

    id: str
    name: str
    quantity: int
    pieces: list[str] | None = None


class StepAnswer(Answer):
    """One step of the answers that a request waits for; ``until`` where it is its turn."""

    who: str
    label: str
    state: Literal["done", "now", "next"]
    until: str | None = None


class PriceLineAnswer(Answer):
    """One line of a price: ``code`` says what it is of, and of which plugin."""

    code: str
    label: str
    cents: int


class BookingAnswer(Answer):
    """A booking as somebody who may read it sees it."""

    id: str
    reference: str
    state: State
    room_id: str
    venue: str
    starts_at: str
    ends_at: str
    timezone: str
    title: str
    visibility: Visibility
    attendance: int | None
    purpose: str
    declared: list[str]
    organisation_id: str | None
    series_id: str | None = None
    price_cents: int
    currency: str
    created_at: str
    changed_at: str
    version: int
    places: int | None = None
    place_names: list[str] | None = None
    accessories: list[ThingAnswer] | None = None
    #: Where it is not the room alone; they sum up to ``price_cents``.
    price_lines: list[PriceLineAnswer] | None = None
    #: Of a request that is answered in steps.
    steps: list[StepAnswer] | None = None


class ReasonAnswer(Answer):
    """Why something is refused."""

    code: str
    message: str
    field: str | None = None
    nearest: list[dict[str, str]] | None = None


class SkippedAnswer(Answer):
    """A wish that could not be had: its place in what was sent, and why."""

    index: int
    reasons: list[ReasonAnswer]


class BatchAnswer(Answer):
    """What was booked together, and what was left out."""

    bookings: list[BookingAnswer]
    skipped: list[SkippedAnswer]
    total_price_cents: int
    currency: str


class BusyAnswer(Answer):
    """Somebody else's time: a span without a title, or with one where it is public."""

    room_id: str
    starts_at: str
    ends_at: str
    timezone: str
    title: str | None


class BookingList(Answer):
    """A page of bookings, and where the next begins."""

    items: list[BookingAnswer | BusyAnswer]
    next: str | None


class ListQuery(Query):
    """Which bookings: those that overlap the span asked for."""

    room_id: PublicId | None = None
    starts_after: Moment | None = None
    ends_before: Moment | None = None
    state: State | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, Field(max_length=100)] | None = None


class CalendarQuery(Query):
    """Which days, at most 42, and perhaps of one venue."""

    starts_after: Moment
    ends_before: Moment
    venue: PublicId | None = None


class CalendarEntry(Answer):
    """A booking as a calendar draws it; ``id`` and ``state`` where the reader may see it whole."""

    id: str | None = None
    state: State | None = None
    starts_at: str
    ends_at: str
    title: str | None


class CalendarRoom(Answer):
    """A room with what is in it, by start."""

    room_id: str
    name: str
    venue: str
    timezone: str
    bookings: list[CalendarEntry]


class CalendarAnswer(Answer):
    """All rooms of a span."""

    items: list[CalendarRoom]
    next: None = None


class AvailabilityQuery(Query):
    """A wish: when, how many, with what."""

    starts_at: Moment
    ends_at: Moment
    venue: PublicId | None = None
    capacity: Annotated[int, Field(ge=1, le=100_000)] | None = None
    features: Annotated[str, Field(max_length=200)] | None = None
    rrule: RepeatRule | None = None
    explain: Literal["0", "1"] | None = None


class RoomAnswer(Answer):
    """A room's answer to a wish."""

    id: str
    slug: str
    name: str
    venue: str
    capacity: int | None
    free: bool
    asked_for: int
    price_cents: int
    currency: str
    timezone: str
    places: int | None = None
    places_free: int | None = None
    reasons: list[ReasonAnswer] | None = None


class AvailabilityAnswer(Answer):
    """Free rooms, the best fit first; with ``explain`` every room and its reasons."""

    items: list[RoomAnswer]
    next: None = None


def moment(text: str, zone: ZoneInfo, field: str) -> datetime:
    """A moment as a client wrote it, in UTC.

    Raises Invalid for what is no time, has seconds, falls in the spring gap, or is ambiguous in
    autumn without its offset.
    """
    try:
        read = datetime.fromisoformat(text.upper().replace(" ", "T"))
    except ValueError:
        raise Invalid("bad_time", msg("This is not a date and a time."), field) from None
    if read.second or read.microsecond:
        raise Invalid("seconds", msg("Times here are whole minutes."), field)
    if read.tzinfo is None:
        return wall_to_utc(read, zone, field=field)
    return utc(read, field)


def span(starts_at: str, ends_at: str, zone: ZoneInfo) -> Span:
    """A span as a client wrote it; raises Invalid when it is empty or backwards."""
    start, end = moment(starts_at, zone, "starts_at"), moment(ends_at, zone, "ends_at")
    if start >= end:
        raise Invalid("bad_span", msg("The end must be after the start."), "ends_at")
    if start.year < 2000 or end.year > 2200:
        raise Invalid("bad_time", msg("This date is too far away."), "starts_at")
    return Span(start, end)
