"""Events for programmes: what is on, and one's own registrations."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Response
from pydantic import Field

import tierslieu.toolkit as tl
from tierslieu_events import queries
from tierslieu_events.models import Event
from tierslieu_events.queries import DateView
from tierslieu_events.registering import services
from tierslieu_events.registering.queries import Entry, of_person, own
from tierslieu_events.words import CATEGORIES

bp = tl.api_blueprint("events_api", __name__)

PublicId = Annotated[str, Field(min_length=1, max_length=140, pattern=r"^[a-z0-9][a-z0-9.-]*$")]
Kind = Literal["room", "remote"]
Mode = Literal["room", "remote", "hybrid"]
EventState = Literal["draft", "published", "cancelled"]
DateState = Literal["planned", "cancelled"]


class SideAnswer(tl.Answer):
    """One way to take part; without `capacity` as many as come."""

    side: Kind
    capacity: int | None
    free: int | None


class DateAnswer(tl.Answer):
    """One time at which an event takes place."""

    id: str
    starts_at: str
    ends_at: str
    timezone: str
    state: DateState
    mode: Mode
    room_id: str | None
    room: str | None
    sides: list[SideAnswer]


class EventAnswer(tl.Answer):
    """An event that anybody may know of."""

    id: str
    state: EventState
    title: dict[str, str]
    description: dict[str, str]
    category: str
    audience: str
    venue: str
    organiser: str
    price_cents: int
    currency: str
    captions: bool
    sign_language: bool
    url: str
    dates: list[DateAnswer]


class EventList(tl.Answer):
    """Events with their dates."""

    items: list[EventAnswer]


class EventsQuery(tl.Query):
    """Which events: of a venue, of a kind, in how many days from now on."""

    venue: PublicId | None = None
    category: Annotated[str, Field(max_length=16)] | None = None
    days: Annotated[int, Field(ge=1, le=366)] = 60


class RegistrationBody(tl.Body):
    """How one takes part; `wait`: stand on the waiting list when all places are taken."""

    side: Kind
    seats: Annotated[int, Field(ge=1, le=1000)] = 1
    wait: bool = False
    fallback: Literal["ask", "remote", "cancel"] = "ask"
    answers: Annotated[dict[str, str], Field(max_length=20)] = Field(default_factory=dict)


class RegistrationAnswer(tl.Answer):
    """A registration of one's own."""

    id: str
    event_id: str
    date_id: str
    side: Kind
    seats: int
    state: str
    code: str
    offered_until: str | None


class RegistrationList(tl.Answer):
    """One's own registrations, by date."""

    items: list[RegistrationAnswer]


@bp.get("/events")
@tl.allow(tl.PUBLIC)
@tl.operation(answer=EventList, query=EventsQuery, errors=(404, 422))
def list_events() -> Response:
    """What is on: published events with their dates to come."""
    asked = tl.read_query(EventsQuery)
    with tl.reading() as work:
        venue_id = _venue_id(work, asked.venue)
        until = work.now + timedelta(days=asked.days)
        category = asked.category if asked.category in CATEGORIES else ""
        views = queries.coming(work, work.now, until, venue_id=venue_id, category=category or "")
        if asked.category and not category:
            views = []
        by_event: dict[int, list[DateView]] = {}
        for view in views:
            by_event.setdefault(view.event.id, []).append(view)
        items = [_event(work, found[0].event, found[0].venue, found) for found in by_event.values()]
    return tl.answer(EventList(items=items))


def _venue_id(work: tl.Work, slug: str | None) -> int | None:
    if slug is None:
        return None
    found = work.session.scalar(
        sa.select(tl.Venue.id).where(tl.Venue.slug == slug, tl.Venue.published)
    )
    if found is None:
        raise tl.NotFound
    return found


@bp.get("/events/<event_id>")
@tl.allow(tl.PUBLIC)
@tl.operation(answer=EventAnswer, errors=(404,))
def get_event(event_id: str) -> Response:
    """An event with all its dates."""
    with tl.reading() as work:
        event, venue = queries.event_for(work, event_id)
        shown = _event(work, event, venue, queries.dates_of(work, event))
    return tl.answer(shown)


def _event(work: tl.Work, event: Event, venue: tl.Venue, views: list[DateView]) -> EventAnswer:
    return EventAnswer(
        id=event.public_id,
        state=cast(EventState, event.state),
        title=dict(event.title),
        description=dict(event.description),
        category=event.category,
        audience=event.audience,
        venue=venue.slug,
        organiser=queries.organiser_name(work, event, venue),
        price_cents=event.price_cents,
        currency=tl.network(work.session).currency,
        captions=event.captions,
        sign_language=event.sign_language,
        url=f"{work.site.config.base_url}/events/{event.public_id}",
        dates=[_date(view) for view in views],
    )


def _date(view: DateView) -> DateAnswer:
    sides = [
        SideAnswer(side=cast(Kind, kind), capacity=view.sides[kind].capacity, free=view.free(kind))
        for kind in view.open_sides
    ]
    return DateAnswer(
        id=view.date.public_id,
        starts_at=tl.iso(view.date.starts_at),
        ends_at=tl.iso(view.date.ends_at),
        timezone=view.venue.zone,
        state=cast(DateState, view.date.state),
        mode=cast(Mode, view.date.mode),
        room_id=view.room.public_id if view.room is not None else None,
        room=view.room.name if view.room is not None else None,
        sides=sides,
    )


@bp.post("/events/dates/<date_id>/registrations")
@tl.allow("events.join")
@tl.operation(
    answer=RegistrationAnswer, status=201, body=RegistrationBody, errors=(403, 404, 409, 422),
    idempotent=True,
)  # fmt: skip
@tl.posting()
def join(work: tl.Work, date_id: str) -> tuple[RegistrationAnswer, int]:
    """Register oneself for a date; 409 when all places are taken, unless one waits."""
    work.require("events.join", own=True)
    view = queries.date_for(work, date_id)
    asked = tl.read_body(RegistrationBody)
    wish = services.Asked(
        asked.side, asked.seats, asked.wait, work.actor.person_id,
        fallback=asked.fallback, answers=asked.answers,
    )  # fmt: skip
    row = services.register(work, view, wish)
    return _registration(own(work, row.public_id), work), 201


@bp.get("/events/registrations")
@tl.allow("events.read_own")
@tl.operation(answer=RegistrationList, errors=(403,))
def list_registrations() -> Response:
    """What one registered for and is not over."""
    with tl.reading() as work:
        work.require("events.read_own", own=True)
        person = work.actor.person_id
        found = of_person(work, person, since=work.now) if person is not None else []
        items = [_registration(entry, work) for entry in found]
    return tl.answer(RegistrationList(items=items))


@bp.delete("/events/registrations/<registration_id>")
@tl.allow("events.join")
@tl.operation(answer=RegistrationAnswer, errors=(403, 404, 409))
def leave(registration_id: str) -> Response:
    """Give up one's place, or refuse an offer; who is next is offered it."""
    with tl.writing() as work:
        work.require("events.join", own=True)
        services.give_up(work, own(work, registration_id))
        shown = _registration(own(work, registration_id), work)
    return tl.answer(shown)


@bp.post("/events/registrations/<registration_id>/accept")
@tl.allow("events.join")
@tl.operation(answer=RegistrationAnswer, status=200, errors=(403, 404, 409), idempotent=True)
@tl.posting()
def accept(work: tl.Work, registration_id: str) -> tuple[RegistrationAnswer, int]:
    """Take a place that is offered."""
    work.require("events.join", own=True)
    services.accept(work, own(work, registration_id))
    return _registration(own(work, registration_id), work), 200


def _registration(entry: Entry, work: tl.Work) -> RegistrationAnswer:
    row = entry.row
    until = row.expires_at if row.state == "offered" else None
    return RegistrationAnswer(
        id=row.public_id,
        event_id=entry.view.event.public_id,
        date_id=entry.view.date.public_id,
        side=cast(Kind, entry.kind),
        seats=row.seats,
        state=entry.state_at(work.now),
        code=row.code,
        offered_until=tl.iso(until.astimezone(ZoneInfo("UTC"))) if until is not None else None,
    )
