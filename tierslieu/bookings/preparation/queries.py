"""What is to be done around the bookings of some days; who has which key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.missed.models import NoShow
from tierslieu.bookings.models import Booking
from tierslieu.bookings.preparation.models import (
    Chore,
    ChoreList,
    ChorePhoto,
    Handover,
    RoomKey,
)
from tierslieu.bookings.preparation.rules import fresh, is_late, window
from tierslieu.bookings.queries import BookingView, _views, bookings_between
from tierslieu.kernel.span import Span
from tierslieu.people.models import Person, RoleGrant
from tierslieu.resources.models import Claim

GOING = ("confirmed", "checked_in")


@dataclass(frozen=True)
class ToDo:
    """A list beside a booking: when, whose, and how far it is; ``chore`` once it was touched."""

    view: BookingView
    plan: ChoreList
    chore: Chore | None

    @property
    def span(self) -> Span:
        """When it is done: the buffer beside the booking as it stands."""
        booking = self.view.booking
        return window(
            self.view.span, self.plan.moment, booking.before_minutes, booking.after_minutes
        )

    @property
    def due_at(self) -> datetime:
        """By when it must be done."""
        return self.span.ends_at

    @property
    def points(self) -> list[dict[str, Any]]:
        """The points, as they were when somebody first touched them."""
        return list(self.chore.points) if self.chore is not None else fresh(self.plan.points)

    @property
    def done(self) -> int:
        """How many points are ticked."""
        return sum(1 for point in self.points if point["done"])

    @property
    def is_done(self) -> bool:
        return self.chore is not None and self.chore.done_at is not None

    @property
    def person_id(self) -> int | None:
        return self.chore.person_id if self.chore is not None else None


def lists_of(session: Session, venue_id: int, *, stopped: bool = False) -> list[ChoreList]:
    """The lists of a venue: those before a booking first."""
    question = sa.select(ChoreList).where(ChoreList.venue_id == venue_id)
    if not stopped:
        question = question.where(ChoreList.stopped_at.is_(None))
    order = (ChoreList.moment.desc(), ChoreList.room_id, ChoreList.id)
    return list(session.scalars(question.order_by(*order)))


def list_by_public_id(session: Session, venue_id: int, public_id: str) -> ChoreList | None:
    """One list of a venue."""
    return session.scalar(
        sa.select(ChoreList).where(ChoreList.public_id == public_id, ChoreList.venue_id == venue_id)
    )


def to_do(session: Session, venue_id: int, span: Span) -> list[ToDo]:
    """Everything to be done at a venue beside the bookings of a span, by when it is due.

    One statement where the venue has no lists.
    """
    lists = lists_of(session, venue_id)
    if not lists:
        return []
    views = bookings_between(session, venue_id, span, states=GOING)
    views = [view for view in views if view.booking.kind != "blocked"]
    touched = _touched(session, [view.booking.id for view in views])
    found = [
        ToDo(view, each, touched.get((view.booking.id, each.id)))
        for view in views
        for each in lists
        if each.room_id in (None, view.booking.room_id)
    ]
    return sorted(found, key=lambda item: (item.due_at, item.view.booking.id, item.plan.id))


def beside(session: Session, view: BookingView) -> list[ToDo]:
    """Everything to be done beside one booking."""
    lists = lists_of(session, view.venue_id)
    touched = _touched(session, [view.booking.id])
    return [
        ToDo(view, each, touched.get((view.booking.id, each.id)))
        for each in lists
        if each.room_id in (None, view.booking.room_id)
    ]


def _touched(session: Session, bookings: Collection[int]) -> dict[tuple[int, int], Chore]:
    if not bookings:
        return {}
    rows = session.scalars(sa.select(Chore).where(Chore.booking_id.in_(bookings)))
    return {(row.booking_id, row.list_id): row for row in rows}


def anything_for(session: Session, person_id: int) -> tuple[bool, bool]:
    """Whether a person was given chores, and whether she was missed: one statement for both."""
    known: dict[int, tuple[bool, bool]] = session.info.setdefault("anything_for", {})
    if person_id not in known:
        chores = sa.exists().where(Chore.person_id == person_id, Chore.done_at.is_(None))
        missed = sa.exists().where(
            NoShow.booking_id == Booking.id, Booking.booked_for_id == person_id
        )
        row = session.execute(sa.select(chores, missed)).one()
        known[person_id] = (bool(row[0]), bool(row[1]))
    return known[person_id]


def anything_at(session: Session, venue_id: int) -> tuple[bool, bool]:
    """Whether a venue has lists, and whether a key of it is out: one statement for both."""
    lists = sa.exists().where(ChoreList.venue_id == venue_id, ChoreList.stopped_at.is_(None))
    out = sa.exists().where(
        Handover.key_id == RoomKey.id, Handover.back_at.is_(None), RoomKey.venue_id == venue_id
    )
    row = session.execute(sa.select(lists, out)).one()
    return bool(row[0]), bool(row[1])


def given_to(session: Session, person_id: int, now: datetime) -> list[ToDo]:
    """What a person was given to do and has not done, the soonest first."""
    question = (
        _views()
        .add_columns(ChoreList, Chore)
        .join(Chore, Chore.booking_id == Booking.id)
        .join(ChoreList, ChoreList.id == Chore.list_id)
        .where(
            Chore.person_id == person_id,
            Chore.done_at.is_(None),
            ChoreList.stopped_at.is_(None),
            sa.or_(ChoreList.room_id.is_(None), ChoreList.room_id == Booking.room_id),
            Booking.state.in_(GOING),
            Claim.ends_at > now - timedelta(days=1),
        )
        .order_by(Claim.starts_at)
        .limit(20)
    )
    rows = session.execute(question).all()
    return [ToDo(BookingView(*row[:-2]), row[-2], row[-1]) for row in rows]


def photos_of(session: Session, chore_id: int | None) -> list[ChorePhoto]:
    """The photos of a walk round, in the order in which they were taken."""
    if chore_id is None:
        return []
    question = sa.select(ChorePhoto).where(ChorePhoto.chore_id == chore_id)
    return list(session.scalars(question.order_by(ChorePhoto.id)))


def photo_at(session: Session, venue_id: int, public_id: str) -> ChorePhoto | None:
    """A photo of a walk round at a venue."""
    question = (
        sa.select(ChorePhoto)
        .join(Chore, Chore.id == ChorePhoto.chore_id)
        .join(ChoreList, ChoreList.id == Chore.list_id)
        .where(ChorePhoto.public_id == public_id, ChoreList.venue_id == venue_id)
    )
    return session.scalar(question)


def helpers(session: Session, venue_id: int) -> list[tuple[str, str]]:
    """Who works at a venue and may be given a chore, as (public id, name)."""
    question = (
        sa.select(Person.public_id, Person.name)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.venue_id == venue_id, Person.erased_at.is_(None))
        .distinct()
        .order_by(Person.name)
    )
    return [(row[0], row[1]) for row in session.execute(question)]


# -- keys ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """A key, and in whose hands it is (None: it hangs where it should)."""

    key: RoomKey
    out: Handover | None
    holder: str

    def is_late(self, now: datetime) -> bool:
        return self.out is not None and is_late(self.out.due_at, now)


def keys_of(session: Session, venue_id: int, room_id: int | None = None) -> list[Held]:
    """The keys and codes of a venue (or of one room and the whole house), and who has them."""
    question = (
        sa.select(RoomKey, Handover, Person.name)
        .outerjoin(Handover, sa.and_(Handover.key_id == RoomKey.id, Handover.back_at.is_(None)))
        .outerjoin(Person, Person.id == Handover.holder_id)
        .where(RoomKey.venue_id == venue_id, RoomKey.retired_at.is_(None))
        .order_by(RoomKey.room_id, RoomKey.id)
    )
    if room_id is not None:
        question = question.where(sa.or_(RoomKey.room_id == room_id, RoomKey.room_id.is_(None)))
    return [
        Held(key, out, (name or out.holder_name) if out is not None else "")
        for key, out, name in session.execute(question)
    ]


def key_by_public_id(session: Session, venue_id: int, public_id: str) -> RoomKey | None:
    """One key of a venue."""
    return session.scalar(
        sa.select(RoomKey).where(RoomKey.public_id == public_id, RoomKey.venue_id == venue_id)
    )


def late_keys(session: Session, venue_id: int, now: datetime) -> list[Held]:
    """The keys of a venue that should be back."""
    return [held for held in keys_of(session, venue_id) if held.is_late(now)]


def codes_for(session: Session, view: BookingView) -> Sequence[RoomKey]:
    """The codes of a booking's room; whether they may be read now is asked apart."""
    question = sa.select(RoomKey).where(
        RoomKey.venue_id == view.venue_id,
        RoomKey.kind == "code",
        RoomKey.retired_at.is_(None),
        sa.or_(RoomKey.room_id == view.booking.room_id, RoomKey.room_id.is_(None)),
    )
    return session.scalars(question.order_by(RoomKey.id)).all()


@dataclass(frozen=True)
class Trouble:
    """Why a room may not be ready: keys that are late, or people who are still in it."""

    keys: bool
    people: bool

    def __bool__(self) -> bool:
        return self.keys or self.people


def trouble_before(session: Session, view: BookingView, now: datetime) -> Trouble:
    """What may make a booking's room ready late; asked in the hours before it begins only."""
    soon = view.span.starts_at - timedelta(hours=6) <= now < view.span.starts_at
    if not soon:
        return Trouble(False, False)
    keys = any(held.is_late(now) for held in keys_of(session, view.venue_id, view.booking.room_id))
    return Trouble(keys, _still_in(session, view, now))


def _still_in(session: Session, view: BookingView, now: datetime) -> bool:
    """Whether a list that clears the room after the booking before is open past its time."""
    after = [
        each
        for each in lists_of(session, view.venue_id)
        if each.moment == "after" and each.room_id in (None, view.booking.room_id)
    ]
    if not after:
        return False
    before = bookings_between(
        session,
        view.venue_id,
        Span(now - timedelta(hours=12), now),
        states=("checked_in",),
        room_ids=[view.booking.room_id],
    )
    ended = [each for each in before if each.span.ends_at < now and not each.booking.left_at]
    todo = [item for each in ended for item in beside(session, each) if item.plan in after]
    return any(not item.is_done and item.due_at < now for item in todo)


def handovers_of(session: Session, person_id: int) -> Iterable[Any]:
    """Every key a person held, for her export."""
    question = (
        sa.select(RoomKey.label, Handover.given_at, Handover.back_at, Handover.due_at)
        .join(RoomKey, RoomKey.id == Handover.key_id)
        .where(Handover.holder_id == person_id)
        .order_by(Handover.given_at.desc())
    )
    return session.execute(question).all()


def chores_of(session: Session, person_id: int) -> Iterable[Any]:
    """Every chore a person was given or did, for her export."""
    question = (
        sa.select(ChoreList.title, Claim.starts_at, Chore.done_at, Chore.note)
        .join(ChoreList, ChoreList.id == Chore.list_id)
        .join(Booking, Booking.id == Chore.booking_id)
        .join(Claim, Claim.id == Booking.id)
        .where(sa.or_(Chore.person_id == person_id, Chore.done_by_id == person_id))
        .order_by(Claim.starts_at.desc())
    )
    return session.execute(question).all()
