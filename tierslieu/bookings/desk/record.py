"""One booking at the desk: everything about it, and every act that is possible."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, request, url_for
from werkzeug.datastructures import MultiDict

from tierslieu.bookings import services
from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.desk import queries
from tierslieu.bookings.desk.forms import ChangeForm, ReasonForm, version_of
from tierslieu.bookings.desk.gate import booking_at, desk_of
from tierslieu.bookings.desk.hurts import hurt
from tierslieu.bookings.desk.words import KINDS, verb_words
from tierslieu.bookings.member.asking import with_choice
from tierslieu.bookings.member.when import NAMES, fields_of_span, in_fields
from tierslieu.bookings.preconditions.models import Sponsorship
from tierslieu.bookings.preemption.queries import may_take_over
from tierslieu.bookings.purposes.queries import purpose_words
from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.rules import MOVES, stored_price
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.people.queries import names
from tierslieu.venues.models import Venue
from tierslieu.venues.queries import network
from tierslieu.venues.rooms.queries import rooms_of
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, reading, writing


@bp.get("/manage/<slug>/bookings/<public_id>")
@allow("today.read")
def desk_booking(slug: str, public_id: str) -> str:
    """All facts, what was done to it, and what can be done."""
    return _record_page(slug, public_id)


def _record_page(
    slug: str,
    public_id: str,
    form: ChangeForm | None = None,
    cancelling: ReasonForm | None = None,
    refusal: Refusal | None = None,
) -> str:
    with reading() as work:
        venue = desk_of(work, slug)
        view = booking_at(work, venue, public_id)
        is_stale = refusal is not None and refusal.code == "changed_meanwhile"
        if form is None or is_stale:
            standing = _form(work, venue, MultiDict(as_it_is(view)))
        if form is not None and is_stale:
            form.version.data = str(view.booking.version)
        return page(
            "bookings/record.html",
            **desk(venue),
            **_facts(work, venue, view),
            form=form or standing,
            cancelling=cancelling or ReasonForm(formdata=None, version=view.booking.version),
            theirs=standing if is_stale else None,
        )


def _facts(work: Work, venue: Venue, view: BookingView) -> dict[str, Any]:
    booking, session = view.booking, work.session
    over = view.is_over(work.now)
    by = {booking.booked_by_id, booking.decided_by_id} - {None}
    return {
        "venue": venue,
        "view": view,
        "now": work.now,
        "who": queries.who_of(session, [view])[booking.id],
        "names": names(session, [key for key in by if key]),
        "price": stored_price(booking.price_lines, network(session).currency),
        "waiting": queries.pending_change(session, view),
        "hurt": hurt(work, view) if booking.state == "requested" and not over else None,
        "lines": queries.history(session, booking.public_id),
        "verb_words": verb_words,
        "kind": KINDS[booking.kind],
        "purpose": purpose_words(session, venue.id, booking.purpose),
        "sponsor": session.get(Sponsorship, booking.id),
        "may_take_over": may_take_over(work, view),
        "may_change": not over and booking.state in MOVES["change"],
        "may_cancel": not over and booking.state in MOVES["cancel"],
        "may": lambda permission: work.actor.may(permission, venue=venue.id),
    }


def as_it_is(view: BookingView) -> dict[str, str]:
    """A booking as fields of the form that changes it."""
    booking, claim = view.booking, view.claim
    return fields_of_span(view.span, ZoneInfo(booking.zone)) | {
        "room": view.room_public_id,
        "title": claim.label,
        "n": str(booking.attendance or ""),
        "visibility": claim.visibility,
        "note": booking.note,
        "version": str(booking.version),
    }


def _form(work: Work, venue: Venue, sent: MultiDict[str, str]) -> ChangeForm:
    form = ChangeForm(formdata=sent)
    form.prepare([(room.public_id, room.name) for room in rooms_of(work.session, venue.id)])
    return form


@bp.post("/manage/<slug>/bookings/<public_id>")
@allow("bookings.change")
def desk_booking_submit(slug: str, public_id: str) -> Any:
    """Save what was changed; what somebody else changed meanwhile is shown beside it."""
    with reading() as work:
        venue = desk_of(work, slug, "bookings.change")
        zone = ZoneInfo(booking_at(work, venue, public_id).zone)
        form = _form(work, venue, with_choice(request.form))
    if "use" in request.form:
        return _record_page(slug, public_id, form)
    if not form.validate():
        return _record_page(slug, public_id, form), 422
    try:
        with writing() as work:
            change(work, public_id, _edit(form, booking_at(work, venue, public_id)))
    except Refusal as refusal:
        form.refuse(refusal, NAMES)
        form.reasons = in_fields(form.reasons, zone)
        return _record_page(slug, public_id, form, refusal=refusal), refusal.status
    flash_message(msg("Saved; whoever booked is told."))
    return redirect(url_for("bookings.desk_booking", slug=slug, public_id=public_id))


def _edit(form: ChangeForm, view: BookingView) -> Edit:
    """What differs from what stands, so that a word can be mended without moving anything."""
    span = form.span(ZoneInfo(view.zone))
    edit = Edit(
        title=form.title.data,
        attendance=form.n.data,
        visibility=form.visibility.data,
        note=form.note.data,
        override=form.override.data or "",
        version=version_of(form),
    )
    if span != view.span:
        edit = replace(edit, span=span)
    if form.room.data != view.room_public_id:
        edit = replace(edit, room=form.room.data)
    return edit


@bp.post("/manage/<slug>/bookings/<public_id>/cancel")
@allow("bookings.cancel")
def desk_cancel(slug: str, public_id: str) -> Any:
    """Cancel, and tell why."""
    form = ReasonForm()
    if not form.validate():
        return _record_page(slug, public_id, cancelling=form), 422
    try:
        with writing() as work:
            venue = desk_of(work, slug, "bookings.cancel")
            view = booking_at(work, venue, public_id)
            services.cancel(work, public_id, form.reason.data, version_of(form))
    except Refusal as refusal:
        form.refuse(refusal)
        return _record_page(slug, public_id, cancelling=form), refusal.status
    flash_message(msg("“%(title)s” is cancelled; the time is free.", title=view.claim.label))
    return redirect(url_for("bookings.desk_booking", slug=slug, public_id=public_id))
