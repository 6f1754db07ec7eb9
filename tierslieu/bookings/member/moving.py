"""Another time or room for a booking, by the same rules as booking it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import redirect, request, url_for
from werkzeug.datastructures import MultiDict

from tierslieu.bookings.accessories.forms import (
    Offer,
    as_fields,
    free_at,
    offered,
    wanted_of,
    with_kit,
)
from tierslieu.bookings.accessories.queries import wishes
from tierslieu.bookings.availability.queries import judge
from tierslieu.bookings.cases.queries import Party, booking_day, room_case
from tierslieu.bookings.changes.services import Edit, change, kit_asked
from tierslieu.bookings.member.asking import Asked, refused, with_choice
from tierslieu.bookings.member.cases import seen_by
from tierslieu.bookings.member.forms import VISIBILITIES, MoveForm
from tierslieu.bookings.member.own import known, version_of
from tierslieu.bookings.member.queries import Mine, dressed
from tierslieu.bookings.member.when import NAMES, fields_of_span, in_fields
from tierslieu.bookings.places.queries import places_of
from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.rules import Ask
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room
from tierslieu.web.limits import limit
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import allow, reading, writing


@dataclass(frozen=True)
class Moving:
    """A booking, the form with which it is changed, and what the rules say of it."""

    row: Mine
    form: MoveForm
    asked: Asked

    def refused(self, refusal: Refusal) -> Moving:
        """The same with what the verb said of it."""
        self.form.refuse(refusal, NAMES)
        return replace(self, asked=refused(self.asked, refusal))


@bp.get("/bookings/<public_id>/move")
@allow("bookings.change")
def move(public_id: str) -> Any:
    """The booking as a form."""
    with reading() as work:
        view = known(work, public_id)
        moving = prepared(work, view, MultiDict(as_it_is(view) | request.args.to_dict()))
    return moving_page(moving)


@bp.post("/bookings/<public_id>/move")
@allow("bookings.change")
@limit("60/minute")
def move_submit(public_id: str) -> Any:
    """Change it, or show what is in the way with everything that was written."""
    with reading() as work:
        view = known(work, public_id)
        moving = prepared(work, view, with_choice(request.form))
    form = moving.form
    if "use" in request.form:
        return moving_page(moving)
    if not form.validate():
        return moving_page(moving), 422
    try:
        with writing() as work:
            change(work, public_id, edit_of(work, view, form))
    except Refusal as refusal:
        stale = refusal.code == "changed_meanwhile"
        return moving_page(moving.refused(refusal), changed=stale), refusal.status
    flash_message(msg("Changed."))
    return redirect(url_for("bookings.booking", public_id=public_id), 303)


@bp.post("/bookings/<public_id>/check")
@allow("bookings.change")
@limit("240/minute")
def move_check(public_id: str) -> str:
    """What would be answered now, while one writes."""
    with reading() as work:
        moving = prepared(work, known(work, public_id), request.form)
    return page("bookings/_check.html", asked=moving.asked)


def as_it_is(view: BookingView) -> dict[str, str]:
    booking, claim = view.booking, view.claim
    return fields_of_span(view.span, ZoneInfo(booking.zone)) | {
        "title": claim.label,
        "n": str(booking.attendance or ""),
        "room": view.room_public_id,
        "purpose": booking.purpose,
        "visibility": claim.visibility,
        "note": booking.note,
        "version": str(booking.version),
    }


def prepared(work: Work, view: BookingView, sent: MultiDict[str, str]) -> Moving:
    offer = offered(work, view.room_public_id)
    form = with_kit(MoveForm, offer)(formdata=with_kit_now(work, view, sent, offer))
    rooms = work.session.execute(
        sa.select(Room.public_id, Room.name)
        .where(
            Room.venue_id == view.venue_id,
            sa.or_(Room.retired_at.is_(None), Room.id == view.booking.room_id),
        )
        .order_by(Room.rank, Room.name)
    )
    form.prepare([(public_id, name) for public_id, name in rooms])
    asked = _look(work, view, form)
    if asked.span is not None:
        free = free_at(work, offer, asked.span, view.booking.id)
        asked = replace(asked, free_kit=free)
    return Moving(dressed(work, [view])[0], form, asked)


def with_kit_now(
    work: Work, view: BookingView, sent: MultiDict[str, str], offer: Offer
) -> MultiDict[str, str]:
    """What was sent, with the places and things that the booking has where nothing was said."""
    if not offer:
        return sent
    names = [
        place.name for place in places_of(work.session, [view.booking.id]).get(view.booking.id, ())
    ]
    now = as_fields(view.booking.places, names, dict(wishes(work.session, view.booking)))
    return MultiDict(now | ({} if sent is None else sent.to_dict()))


def _look(work: Work, view: BookingView, form: MoveForm) -> Asked:
    """What the rules say of the form as it stands; nothing where only words change."""
    known_rooms = {key for key, _ in form.room.choices}
    room = form.room.data if form.room.data in known_rooms else view.room_public_id
    case = room_case(work.session, room, view.span)
    try:
        span = form.span(case.zone)
    except Refusal as refusal:
        seen = seen_by(work, [case])[0]
        return Asked(seen, None, seen.policy, in_fields(refusal.reasons, case.zone))
    if span is not None:
        case = room_case(work.session, room, span)
    booking = view.booking
    party = Party(work.actor, booking.booked_for_id, booking.organisation_id)
    seen = seen_by(work, [case])[0]
    form.offer_purposes(case.facts.purposes, booking.purpose)
    purpose = form.purpose_for(booking, other_room=room != view.room_public_id)
    kit = kit_changed(work, view, form)
    other = kit or purpose not in (None, booking.purpose)
    if span is None or (_same(view, span, room, form.n.data) and not other):
        return Asked(seen, span, seen.policy)
    wanted = kit_asked(work, booking, Edit(**kit), case)
    ask = Ask(
        span,
        form.n.data,
        moving_from=view.span,
        by_clerk=party.is_clerk,
        purpose=(booking.purpose or None) if purpose is None else purpose,
        declared=tuple(booking.declared),
        places=wanted.places,
        place=kit.get("place", ""),
        things=wanted.things,
    )
    verdict = judge(work, "move", case, party, ask, moving=booking.id, taken=True)
    reasons = in_fields(verdict.reasons, case.zone, booking_day(case, span))
    cost = verdict.price(span, seen.currency)
    return Asked(seen, span, verdict.policy, reasons, cost, verdict, 0, form.n.data, ask.declared)


def _same(view: BookingView, span: Span, room: str, people: int | None) -> bool:
    return span == view.span and room == view.room_public_id and people == view.booking.attendance


def edit_of(work: Work, view: BookingView, form: MoveForm) -> Edit:
    """Only what differs from the booking."""
    room = form.room.data or view.room_public_id
    span = form.span(room_case(work.session, room, view.span).zone)
    title, note = form.title.data or "", form.note.data or ""
    return Edit(
        span=None if span == view.span else span,
        room=None if room == view.room_public_id else room,
        title=None if title == view.claim.label else title,
        attendance=form.n.data,
        visibility=None if form.visibility.data == view.claim.visibility else form.visibility.data,
        note=None if note == view.booking.note else note,
        purpose=form.purpose_for(view.booking, other_room=room != view.room_public_id),
        version=version_of(form.version.data),
        **kit_changed(work, view, form),
    )


def kit_changed(work: Work, view: BookingView, form: MoveForm) -> dict[str, Any]:
    """What the form says of places and things that differs from what the booking has."""
    booking, wanted = view.booking, wanted_of(form)
    found: dict[str, Any] = {}
    if "places" in form._fields:
        names = [one.name for one in places_of(work.session, [booking.id]).get(booking.id, ())]
        if wanted.places != booking.places:
            found["places"] = wanted.places or 0
        if wanted.place and wanted.place not in names:
            found["place"] = wanted.place
    if any(name.startswith("thing-") for name in form._fields):
        now = wishes(work.session, booking)
        if sorted(wanted.things) != sorted(now):
            found["things"] = wanted.things
    return found


def moving_page(
    moving: Moving, *, changed: bool = False, urls: Mapping[str, str] | None = None
) -> str:
    """The form with what the rules say; ``urls``: where it leads when a link opened it."""
    form, row = moving.form, moving.row
    if changed:
        form.version.data = str(row.view.booking.version)
        form.version.raw_data = [form.version.data]
    notes = {key: note for key, _, note in VISIBILITIES}
    return page(
        "bookings/move.html",
        row=row,
        form=form,
        asked=moving.asked,
        room=moving.asked.seen.case,
        notes=notes,
        changed=changed,
        urls=urls,
    )
