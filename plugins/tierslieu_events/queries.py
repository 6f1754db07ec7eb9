"""Questions about events, their dates and sides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

import tierslieu.toolkit as tl
from tierslieu_events.models import Event, EventDate, EventPicture, Side
from tierslieu_events.words import ROOM


@dataclass(frozen=True)
class DateView:
    """A date with all that a page says of it."""

    date: EventDate
    event: Event
    venue: tl.Venue
    room: tl.Room | None
    sides: dict[str, Side] = field(default_factory=dict)

    @property
    def span(self) -> tl.Span:
        return tl.Span(self.date.starts_at, self.date.ends_at)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.venue.zone)

    @property
    def open_sides(self) -> tuple[str, ...]:
        """The ways in which one can take part."""
        return tuple(kind for kind in ("room", "remote") if self.is_side_open(kind))

    def is_side_open(self, kind: str) -> bool:
        side = self.sides.get(kind)
        return side is not None and side.is_open and not (kind == ROOM and self.lacks_room)

    @property
    def lacks_room(self) -> bool:
        """It should be in a room and has none: its booking was taken away."""
        return self.date.mode != "remote" and self.date.booking_id is None

    @property
    def members_until(self) -> datetime | None:
        """Until when members come first; aware, on the venue's clock."""
        if not self.event.members_days or self.event.published_at is None:
            return None
        until = self.event.published_at + timedelta(days=self.event.members_days)
        return until.astimezone(self.zone)

    def free(self, kind: str) -> int | None:
        """How many places are left; None: as many as come."""
        side = self.sides[kind]
        return None if side.capacity is None else max(0, side.capacity - side.taken)


def _dates() -> sa.Select[EventDate, Event, tl.Venue, tl.Room]:
    return (
        sa.select(EventDate, Event, tl.Venue, tl.Room)
        .join(Event, Event.id == EventDate.event_id)
        .join(tl.Venue, tl.Venue.id == Event.venue_id)
        .outerjoin(tl.Room, tl.Room.id == EventDate.room_id)
        .order_by(EventDate.starts_at, EventDate.id)
    )


def _views(session: Session, question: sa.Select[EventDate, Event, tl.Venue, tl.Room]
           ) -> list[DateView]:  # fmt: skip
    rows = session.execute(question).all()
    sides: dict[int, dict[str, Side]] = {}
    wanted = sa.select(Side).where(Side.date_id.in_([row[0].id for row in rows]))
    for side in session.scalars(wanted) if rows else ():
        sides.setdefault(side.date_id, {})[side.kind] = side
    return [DateView(row[0], row[1], row[2], row[3], sides.get(row[0].id, {})) for row in rows]


def _known(work: tl.Work) -> sa.ColumnElement[bool]:
    """Events that anybody may know of, at venues where this plugin is on."""
    here = tl.places(work).condition(Event.venue_id)
    return sa.and_(here, Event.state != "draft", tl.Venue.published, tl.Venue.archived_at.is_(None))


def coming(work: tl.Work, since: datetime, until: datetime, *, venue_id: int | None = None,
           category: str = "", event_ids: Collection[int] | None = None, most: int = 500
           ) -> list[DateView]:  # fmt: skip
    """Public dates that take place and overlap a time, in order."""
    asked = _dates().where(
        _known(work), Event.state == "published", EventDate.state == "planned",
        EventDate.ends_at > since, EventDate.starts_at < until,
    )  # fmt: skip
    if venue_id is not None:
        asked = asked.where(Event.venue_id == venue_id)
    if category:
        asked = asked.where(Event.category == category)
    if event_ids is not None:
        asked = asked.where(Event.id.in_(event_ids))
    return _views(work.session, asked.limit(most))


def dates_of(work: tl.Work, event: Event) -> list[DateView]:
    """All dates of an event, in order."""
    return _views(work.session, _dates().where(Event.id == event.id))


def dates_by_id(work: tl.Work, ids: Collection[int]) -> dict[int, DateView]:
    """Dates by row id."""
    if not ids:
        return {}
    return {v.date.id: v for v in _views(work.session, _dates().where(EventDate.id.in_(ids)))}


def dates_of_bookings(work: tl.Work, booking_ids: Collection[int]) -> list[DateView]:
    """The dates that have their room by these bookings."""
    return _views(work.session, _dates().where(EventDate.booking_id.in_(booking_ids)))


def event_for(work: tl.Work, public_id: str) -> tuple[Event, tl.Venue]:
    """An event that the actor may know of; raises NotFound."""
    asked = (
        sa.select(Event, tl.Venue)
        .join(tl.Venue, tl.Venue.id == Event.venue_id)
        .where(Event.public_id == public_id)
    )
    row = work.session.execute(asked).one_or_none()
    if row is None or not tl.is_on(work, row[1].id):
        raise tl.NotFound
    event, venue = row
    open_to_all = event.state != "draft" and venue.published and venue.archived_at is None
    if not open_to_all and not work.actor.may("events.edit", venue=venue.id):
        raise tl.NotFound
    return event, venue


def date_for(work: tl.Work, public_id: str) -> DateView:
    """A date of an event that the actor may know of; raises NotFound."""
    found = _views(work.session, _dates().where(EventDate.public_id == public_id))
    if not found:
        raise tl.NotFound
    event_for(work, found[0].event.public_id)
    return found[0]


def event_at(work: tl.Work, venue: tl.Venue, public_id: str) -> Event:
    """An event of this venue; raises NotFound for another one's."""
    found = work.session.scalar(
        sa.select(Event).where(Event.public_id == public_id, Event.venue_id == venue.id)
    )
    if found is None:
        raise tl.NotFound
    return found


def date_at(work: tl.Work, venue: tl.Venue, public_id: str) -> DateView:
    """A date at this venue; raises NotFound for another one's."""
    asked = _dates().where(EventDate.public_id == public_id, Event.venue_id == venue.id)
    found = _views(work.session, asked)
    if not found:
        raise tl.NotFound
    return found[0]


def events_of(work: tl.Work, venue_id: int) -> list[tuple[Event, list[DateView]]]:
    """The events of a venue with their dates, what comes next first, what is over last."""
    found = list(work.session.scalars(sa.select(Event).where(Event.venue_id == venue_id)))
    by_event: dict[int, list[DateView]] = {event.id: [] for event in found}
    for view in _views(work.session, _dates().where(Event.venue_id == venue_id)):
        by_event[view.event.id].append(view)

    def rank(event: Event) -> tuple[bool, float]:
        ahead = [v.date.starts_at for v in by_event[event.id] if v.date.ends_at > work.now]
        if ahead:
            return False, ahead[0].timestamp()
        return bool(by_event[event.id]), -event.created_at.timestamp()

    return [(event, by_event[event.id]) for event in sorted(found, key=rank)]


def rooms_of(work: tl.Work, venue_id: int) -> Sequence[tl.Room]:
    """The rooms of a venue that are in use, by name."""
    asked = sa.select(tl.Room).where(tl.Room.venue_id == venue_id, tl.Room.retired_at.is_(None))
    return work.session.scalars(asked.order_by(tl.Room.rank, tl.Room.name)).all()


def organiser_name(work: tl.Work, event: Event, venue: tl.Venue) -> str:
    """Who invites, by name."""
    if event.organisation_id is not None:
        body = work.session.get(tl.Organisation, event.organisation_id)
        if body is not None:
            return body.name
    if event.organiser_id is not None:
        person = work.session.get(tl.Person, event.organiser_id)
        if person is not None and person.erased_at is None:
            return person.name
    return venue.name


def pictures_of(work: tl.Work, event_ids: Collection[int]) -> dict[int, EventPicture]:
    """The pictures of events, without their bytes."""
    if not event_ids:
        return {}
    asked = sa.select(EventPicture).where(EventPicture.event_id.in_(event_ids))
    rows = work.session.scalars(asked.options(sa.orm.defer(EventPicture.data)))
    return {row.event_id: row for row in rows}


def title_of(work: tl.Work, event: Event, locale: str = "") -> str:
    """Its name in a language, or the nearest there is."""
    return event.title.best(locale or work.locale, tl.network(work.session).locale)[1]
