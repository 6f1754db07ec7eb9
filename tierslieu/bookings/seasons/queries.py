"""Questions about seasons: a venue's rounds, what they offer, who asks, what becomes of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.models import Series
from tierslieu.bookings.seasons.models import (
    SeasonApplication,
    SeasonPlacement,
    SeasonRound,
    SeasonSlot,
)
from tierslieu.bookings.seasons.rules import (
    Fate,
    Placed,
    RoomFacts,
    Slot,
    Window,
    Wish,
    fates,
)
from tierslieu.bookings.series.models import SkippedDate
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.span import local_date
from tierslieu.people.models import Organisation, Person
from tierslieu.resources.queries import leaves
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.queries import opening_facts
from tierslieu.venues.rooms.queries import rooms_of
from tierslieu.venues.rules import day_hours

#: So many weeks of a season are looked at to know the usual hours of its weekdays.
LOOKED_AT = 4


def rounds_of(session: Session, venue_id: int) -> list[SeasonRound]:
    """The rounds of a venue, the newest season first."""
    question = sa.select(SeasonRound).where(SeasonRound.venue_id == venue_id)
    return list(
        session.scalars(question.order_by(SeasonRound.starts_on.desc(), SeasonRound.id.desc()))
    )


def round_at(
    session: Session, venue_id: int, public_id: str, *, locked: bool = False
) -> SeasonRound:
    """One round of a venue; raises NotFound. ``locked``: nobody else decides on it meanwhile."""
    question = sa.select(SeasonRound).where(
        SeasonRound.public_id == public_id, SeasonRound.venue_id == venue_id
    )
    if locked:
        question = question.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(question)
    if row is None:
        raise NotFound
    return row


def shown_round(session: Session, venue_id: int, today: date) -> SeasonRound | None:
    """The round everybody sees: the newest that has been opened and is not over."""
    question = (
        sa.select(SeasonRound)
        .where(
            SeasonRound.venue_id == venue_id,
            SeasonRound.state != "draft",
            SeasonRound.ends_on >= today,
        )
        .order_by(SeasonRound.starts_on.desc(), SeasonRound.id.desc())
        .limit(1)
    )
    return session.scalar(question)


def takes_applications(row: SeasonRound, today: date) -> bool:
    """Whether one may apply on a day."""
    return row.state == "open" and row.apply_from <= today <= row.apply_until


def today_at(venue: Venue, now: datetime) -> date:
    """The day it is at a venue."""
    return local_date(now, ZoneInfo(venue.zone))


def slots_of(session: Session, round_id: int) -> list[SeasonSlot]:
    """What a round offers, by weekday, hour and room."""
    question = (
        sa.select(SeasonSlot)
        .join(Room, Room.id == SeasonSlot.room_id)
        .where(SeasonSlot.round_id == round_id)
        .order_by(SeasonSlot.weekday, SeasonSlot.from_minute, Room.rank, Room.name, SeasonSlot.id)
    )
    return list(session.scalars(question))


def usual_hours(
    session: Session, row: SeasonRound, room_ids: Collection[int]
) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """The usual hours by (room, weekday): of the first weeks of the season, the longest day."""
    last = min(row.ends_on, row.starts_on + timedelta(days=7 * LOOKED_AT - 1))
    facts = opening_facts(session, dict.fromkeys(room_ids, row.venue_id), row.starts_on, last)
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for room_id, fact in facts.items():
        for offset in range((last - row.starts_on).days + 1):
            day = row.starts_on + timedelta(days=offset)
            hours = [(each.opens, each.closes) for each in day_hours(fact, day).intervals]
            known = found.setdefault((room_id, day.weekday()), [])
            if _length(hours) > _length(known):
                found[room_id, day.weekday()] = hours
    return found


def _length(hours: Sequence[tuple[int, int]]) -> int:
    return sum(closes - opens for opens, closes in hours)


@dataclass(frozen=True)
class Applied:
    """An application with who asks."""

    row: SeasonApplication
    person: str
    organisation: str

    @property
    def who(self) -> str:
        """The organisation, else the person."""
        return self.organisation or self.person


def _applied() -> sa.Select[SeasonApplication, str | None, str | None]:
    return (
        sa.select(SeasonApplication, Person.name, Organisation.name)
        .outerjoin(Person, Person.id == SeasonApplication.person_id)
        .outerjoin(Organisation, Organisation.id == SeasonApplication.organisation_id)
    )


def applications_of(session: Session, round_id: int) -> list[Applied]:
    """Everything asked of a round, what was withdrawn too, in the order of asking."""
    question = _applied().where(SeasonApplication.round_id == round_id)
    found = session.execute(question.order_by(SeasonApplication.id))
    return [Applied(row, person or "", body or "") for row, person, body in found]


def application_at(session: Session, public_id: str) -> tuple[Applied, SeasonRound, Venue]:
    """One application with its round and venue; raises NotFound."""
    question = (
        _applied()
        .add_columns(SeasonRound, Venue)
        .join(SeasonRound, SeasonRound.id == SeasonApplication.round_id)
        .join(Venue, Venue.id == SeasonRound.venue_id)
        .where(SeasonApplication.public_id == public_id)
    )
    found = session.execute(question).first()
    if found is None:
        raise NotFound
    row, person, body, round_, venue = found
    return Applied(row, person or "", body or ""), round_, venue


def mine(
    session: Session, round_id: int, person_id: int, bodies: Collection[int]
) -> list[SeasonApplication]:
    """What somebody asked of a round, for herself or for her organisations."""
    question = sa.select(SeasonApplication).where(
        SeasonApplication.round_id == round_id,
        sa.or_(
            SeasonApplication.person_id == person_id,
            SeasonApplication.organisation_id.in_(sorted(bodies)),
        ),
    )
    return list(session.scalars(question.order_by(SeasonApplication.id)))


@dataclass(frozen=True)
class Timetable:
    """A round as it stands: rooms, slots, applications, who has what, what became of each."""

    round: SeasonRound
    rooms: Mapping[int, Room]
    slots: Sequence[Slot]
    slot_ids: Mapping[int, str]
    applied: Mapping[int, Applied]
    wishes: Sequence[Wish]
    placements: Sequence[SeasonPlacement]

    @property
    def facts(self) -> dict[int, RoomFacts]:
        """The rooms as the rules know them."""
        return {
            room.id: RoomFacts(room.id, room.name, room.capacity, bool(room.step_free))
            for room in self.rooms.values()
        }

    @property
    def placed(self) -> list[Placed]:
        """Who has which slot."""
        return [
            Placed(row.application_id, row.slot_id, row.made_by == "hand", row.reason)
            for row in self.placements
            if not row.removed
        ]

    @property
    def removed(self) -> dict[tuple[int, int], str]:
        """What was taken away by hand, with the reasons."""
        return {
            (row.application_id, row.slot_id): row.reason for row in self.placements if row.removed
        }

    @property
    def fates(self) -> list[Fate]:
        """What became of each application, the highest first."""
        return fates(self.wishes, self.slots, self.facts, self.placed, self.removed)

    def fate_of(self, application_id: int) -> Fate | None:
        """What became of one; None when it was withdrawn."""
        return next((fate for fate in self.fates if fate.wish.id == application_id), None)


def timetable(session: Session, row: SeasonRound) -> Timetable:
    """A round with all that is known of it, in a few statements."""
    rooms = {room.id: room for room in rooms_of(session, row.venue_id)}
    under = leaves(session, rooms)
    rows = [slot for slot in slots_of(session, row.id) if slot.room_id in rooms]
    applied = {each.row.id: each for each in applications_of(session, row.id)}
    slots = [
        Slot(
            one.id,
            one.room_id,
            one.weekday,
            one.from_minute,
            one.until_minute,
            under.get(one.room_id, frozenset((one.room_id,))),
        )
        for one in rows
    ]
    question = (
        sa.select(SeasonPlacement)
        .join(SeasonSlot, SeasonSlot.id == SeasonPlacement.slot_id)
        .where(SeasonSlot.round_id == row.id)
        .order_by(SeasonPlacement.id)
    )
    wishes = [wish_of(each.row) for each in applied.values() if each.row.state == "asked"]
    return Timetable(
        row,
        rooms,
        slots,
        {one.id: one.public_id for one in rows},
        applied,
        wishes,
        list(session.scalars(question)),
    )


def wish_of(row: SeasonApplication) -> Wish:
    """An application as the rules judge it."""
    return Wish(
        id=row.id,
        public_id=row.public_id,
        title=row.title,
        score=row.score,
        applied_at=row.applied_at,
        times=row.times,
        size=row.size,
        rooms=tuple(row.rooms),
        windows=tuple(Window(*window) for window in row.windows),
        time_first=row.time_first,
        step_free=row.step_free,
        two_a_day=row.two_a_day,
    )


@dataclass(frozen=True)
class Booked:
    """What a placement became: how many dates, and those that could not be had."""

    placement: SeasonPlacement
    series: Series | None
    skipped: Sequence[SkippedDate]


def booked_of(session: Session, placements: Sequence[SeasonPlacement]) -> dict[int, Booked]:
    """What placements became, by their id; those not turned into bookings are left out."""
    ids = [row.series_id for row in placements if row.series_id is not None]
    series = {row.id: row for row in session.scalars(sa.select(Series).where(Series.id.in_(ids)))}
    skipped: dict[int, list[SkippedDate]] = {}
    question = sa.select(SkippedDate).where(SkippedDate.series_id.in_(ids))
    for date_ in session.scalars(question.order_by(SkippedDate.original_starts_at)):
        skipped.setdefault(date_.series_id, []).append(date_)
    return {
        row.id: Booked(row, series.get(row.series_id or 0), skipped.get(row.series_id or 0, []))
        for row in placements
        if row.booked_at is not None
    }
