"""What whoever manages events does: make, change, date, publish, call off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_events import rules
from tierslieu_events.models import Event, EventDate, EventPicture, Side
from tierslieu_events.queries import DateView, dates_of, dates_of_bookings, title_of
from tierslieu_events.registering import line
from tierslieu_events.words import AUDIENCES, CATEGORIES, MODES, REMOTE, ROOM, say


@dataclass(frozen=True)
class Facts:
    """What is said of an event."""

    title: tl.Texts
    description: tl.Texts = field(default_factory=tl.Texts)
    category: str = "other"
    audience: str = "everybody"
    organisation_id: int | None = None
    organiser_id: int | None = None
    price_cents: int = 0
    music_licence: bool = False
    captions: bool = False
    sign_language: bool = False
    access_note: tl.Texts = field(default_factory=tl.Texts)
    guests: bool = True
    most_seats: int = 4
    members_days: int = 0
    questions: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class NewDate:
    """One date as it is asked for; ``room`` is a public id, "" for none."""

    span: tl.Span
    mode: str = ROOM
    room: str = ""
    in_room: int | None = None
    remote: int | None = None


def make_event(work: tl.Work, venue: tl.Venue, facts: Facts) -> Event:
    """Make an event, a draft that nobody else sees; raises Refused."""
    work.require("events.edit", venue=venue.id)
    event = Event(venue_id=venue.id, created_at=work.now, changed_at=work.now)
    _write(event, facts)
    work.session.add(event)
    work.session.flush()
    work.audit("events.made", f"event:{event.public_id}", venue=venue.id,
               organisation=facts.organisation_id, person=facts.organiser_id)  # fmt: skip
    return event


def change_event(work: tl.Work, event: Event, facts: Facts, version: int | None = None) -> None:
    """Change what is said of an event; raises Refused, Conflict when somebody else was quicker."""
    work.require("events.edit", venue=event.venue_id)
    work.session.refresh(event, with_for_update=True)
    if version is not None and version != event.version:
        text = say("Somebody changed this meanwhile: look at it again.")
        raise tl.Conflict(tl.Reason("changed_meanwhile", text, kind="state"))
    before = event.title
    _write(event, facts)
    event.changed_at, event.version = work.now, event.version + 1
    work.session.flush()
    if event.title != before:
        _name_bookings(work, event)
    work.audit("events.changed", f"event:{event.public_id}", venue=event.venue_id)


def _write(event: Event, facts: Facts) -> None:
    if not facts.title:
        raise tl.Invalid("missing", say("Give it a name."), "title_it")
    if facts.category not in CATEGORIES or facts.audience not in AUDIENCES:
        raise tl.Invalid("invalid", say("This is not one of the possible values."), "category")
    for name in Facts.__dataclass_fields__:
        value = getattr(facts, name)
        setattr(event, name, list(value) if name == "questions" else value)


def _name_bookings(work: tl.Work, event: Event) -> None:
    for view in dates_of(work, event):
        _edit_booking(work, view, tl.BookingEdit(title=_label(work, event)))


def _label(work: tl.Work, event: Event) -> str:
    return title_of(work, event, tl.network(work.session).locale)[:200]


def _edit_booking(work: tl.Work, view: DateView, edit: tl.BookingEdit) -> None:
    booking = work.session.get(tl.Booking, view.date.booking_id or 0)
    if booking is not None and booking.state == "confirmed" and view.date.ends_at > work.now:
        tl.change_booking(work, booking.public_id, edit)


def add_dates(work: tl.Work, event: Event, wanted: Sequence[NewDate]) -> list[EventDate]:
    """Give an event dates, each with its room, all or none; raises Refused and Conflict."""
    work.require("events.edit", venue=event.venue_id)
    if event.state == "cancelled":
        text = say("This event was called off.")
        raise tl.Conflict(tl.Reason("wrong_state", text, kind="state"))
    made = [_add_date(work, event, each) for each in wanted]
    work.audit("events.dated", f"event:{event.public_id}", venue=event.venue_id, dates=len(made))
    return made


def _add_date(work: tl.Work, event: Event, new: NewDate) -> EventDate:
    if new.mode not in MODES:
        raise tl.Invalid("invalid", say("This is not one of the possible values."), "mode")
    tl.refuse(rules.date_reasons(new.span, new.mode, bool(new.room), work.now))
    date = EventDate(
        event_id=event.id, starts_at=new.span.starts_at, ends_at=new.span.ends_at,
        mode=new.mode, changed_at=work.now,
    )  # fmt: skip
    if new.mode != REMOTE:
        date.room_id, date.booking_id = _take_room(work, event, new)
    work.session.add(date)
    work.session.flush()
    for kind in rules.sides_of(new.mode):
        capacity = new.in_room if kind == ROOM else new.remote
        work.session.add(Side(date_id=date.id, kind=kind, capacity=capacity))
    work.session.flush()
    return date


def _take_room(work: tl.Work, event: Event, new: NewDate) -> tuple[int, int]:
    """The room by a booking of the venue's own, as every booking is made."""
    room = work.session.scalar(
        sa.select(tl.Room).where(tl.Room.public_id == new.room, tl.Room.venue_id == event.venue_id)
    )
    if room is None:
        raise tl.Invalid("invalid", say("In which room?"), "room")
    if new.in_room is not None and room.capacity is not None and new.in_room > room.capacity:
        text = say("At most %(n)s people fit in this room.", n=room.capacity)
        raise tl.Invalid("too_many", text, "in_room")
    booking = tl.book(
        work,
        tl.NewBooking(
            room=new.room, span=new.span, title=_label(work, event), attendance=new.in_room,
            visibility="public" if event.state == "published" else "private", kind="staff",
            organisation_id=event.organisation_id, firm=True,
        ),
        quiet=True,
    )  # fmt: skip
    return room.id, booking.id


def publish(work: tl.Work, event: Event) -> None:
    """Show an event to everybody and open its registration; raises Refused without a date."""
    work.require("events.edit", venue=event.venue_id)
    work.session.refresh(event, with_for_update=True)
    views = [view for view in dates_of(work, event) if view.date.state == "planned"]
    if not views:
        raise tl.Invalid("no_date", say("Give it a date first."), "day")
    if event.state != "draft":
        return
    event.state, event.published_at, event.changed_at = "published", work.now, work.now
    event.version += 1
    work.session.flush()
    for view in views:
        _edit_booking(work, view, tl.BookingEdit(visibility="public"))
    work.audit("events.published", f"event:{event.public_id}", venue=event.venue_id)


def call_off(work: tl.Work, view: DateView, reason: str) -> None:
    """Call a date off: its room is free, and who registered is told; raises Refused."""
    work.require("events.edit", venue=view.venue.id)
    said = tl.clean(reason, lines=True, field="reason")[:500]
    if not said:
        raise tl.Invalid("missing", say("Say why: whoever registered reads it."), "reason")
    line.lock(work, view.date.id)
    if view.date.state == "cancelled":
        return
    view.date.state, view.date.reason = "cancelled", said
    view.date.revision += 1
    view.date.changed_at = work.now
    work.session.flush()
    _give_back(work, view, said)
    line.everybody_out(work, view, said)
    work.audit("events.called_off", f"event_date:{view.date.public_id}", venue=view.venue.id)


def _give_back(work: tl.Work, view: DateView, reason: str) -> None:
    booking = work.session.get(tl.Booking, view.date.booking_id or 0)
    if booking is not None and booking.state in ("confirmed", "requested"):
        tl.cancel(work, booking.public_id, reason)


def call_off_event(work: tl.Work, event: Event, reason: str) -> None:
    """Call off an event with all its dates to come; a draft goes for good. Raises Refused."""
    work.require("events.edit", venue=event.venue_id)
    views = [v for v in dates_of(work, event) if v.date.state == "planned"]
    ahead = [v for v in views if v.date.starts_at > work.now]
    subject = f"event:{event.public_id}"
    for view in ahead:
        call_off(work, view, reason if event.state != "draft" else reason or "–")
    if event.state == "draft" and len(ahead) == len(views):
        work.session.delete(event)
        work.audit("events.dropped", subject, venue=event.venue_id)
    else:
        event.state, event.changed_at = "cancelled", work.now
        event.version += 1
        work.audit("events.called_off", subject, venue=event.venue_id)
    work.session.flush()


def set_capacity(work: tl.Work, view: DateView, kind: str, capacity: int | None) -> None:
    """Change how many places a side has; who waits is offered what is new. Raises Refused."""
    work.require("events.edit", venue=view.venue.id)
    side = line.lock(work, view.date.id).get(kind)
    if side is None:
        raise tl.NotFound
    if capacity is not None and capacity < side.taken:
        text = say.many("%(n)s place is taken already.", "%(n)s places are taken already.",
                        side.taken)  # fmt: skip
        raise tl.Invalid("too_few", text, kind)
    room = view.room
    if kind == ROOM and capacity is not None and room is not None:
        most = room.capacity
        if most is not None and capacity > most:
            text = say("At most %(n)s people fit in this room.", n=most)
            raise tl.Invalid("too_many", text, kind)
    side.capacity = capacity
    work.session.flush()
    line.settle(work, view, side)
    work.audit("events.capacity", f"event_date:{view.date.public_id}", venue=view.venue.id,
               side=kind, capacity=capacity)  # fmt: skip


def keep_picture(work: tl.Work, event: Event, data: bytes, alt: tl.Texts) -> None:
    """Give an event its picture, encoded anew; raises Invalid for what is none."""
    work.require("events.edit", venue=event.venue_id)
    if not alt:
        text = say("Say what is to be seen, for whoever cannot see it.")
        raise tl.Invalid("missing", text, "alt_it")
    encoded = tl.encode_picture(data)
    chosen = next(f for f in encoded.files if f.size == 960 and f.extension == "webp")
    known = work.session.get(EventPicture, event.id)
    if known is not None:
        work.session.delete(known)
        work.session.flush()
    width = min(960, encoded.width)
    height = round(encoded.height * width / encoded.width)
    work.session.add(
        EventPicture(event_id=event.id, data=chosen.data, width=width, height=height, alt=alt)
    )
    event.changed_at = work.now
    work.session.flush()
    work.audit("events.pictured", f"event:{event.public_id}", venue=event.venue_id)


def follow_bookings(work: tl.Work, changes: Sequence[tl.BookingChange]) -> None:
    """A date goes where its booking goes; without it, it has no room, and who manages is told."""
    # What was just made is no date's yet: booking, the way most used, asks nothing here.
    known = [each.booking_id for each in changes if each.what != "made"]
    for view in dates_of_bookings(work, known) if known else ():
        booking = work.session.get_one(tl.Booking, view.date.booking_id)
        claim = work.session.get_one(tl.Claim, booking.id)
        if booking.state in ("cancelled", "declined", "expired"):
            if view.date.state == "planned":
                view.date.booking_id = None
                view.date.changed_at = work.now
            continue
        moved = (view.date.starts_at, view.date.ends_at, view.date.room_id) != (
            claim.starts_at, claim.ends_at, booking.room_id,
        )  # fmt: skip
        if moved:
            view.date.starts_at, view.date.ends_at = claim.starts_at, claim.ends_at
            view.date.room_id = booking.room_id
            view.date.revision += 1
            view.date.changed_at = work.now
            work.session.flush()
            line.moved(work, view)
    work.session.flush()
