"""A date of a series as the form that changes several, and what its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict
from wtforms import RadioField

from tierslieu.bookings.accessories.forms import offered, with_kit
from tierslieu.bookings.cases.queries import room_case_by_id
from tierslieu.bookings.changes.services import Edit
from tierslieu.bookings.member.forms import MoveForm
from tierslieu.bookings.member.moving import kit_changed, with_kit_now
from tierslieu.bookings.member.queries import dressed
from tierslieu.bookings.member.when import fields_of_span
from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.series.forms import SCOPE_WORDS
from tierslieu.bookings.series.queries import dates_of, place_of, skipped_of
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room
from tierslieu.web.forms import lazy
from tierslieu.web.requests import current_locale


class SeriesMoveForm(MoveForm):
    """Another time, room, title or number of people for several dates."""

    scope = RadioField(lazy("Which dates"), default="following")


def opened(work: Work, view: BookingView, sent: MultiDict[str, str]) -> SeriesMoveForm:
    """The form with its choices. Raises NotFound for a booking that stands alone."""
    if view.booking.series_id is None:
        raise NotFound
    offer = offered(work, view.room_public_id)
    form = with_kit(SeriesMoveForm, offer)(formdata=with_kit_now(work, view, sent, offer))
    rooms = work.session.execute(
        sa.select(Room.public_id, Room.name)
        .where(
            Room.venue_id == view.venue_id,
            sa.or_(Room.retired_at.is_(None), Room.id == view.booking.room_id),
        )
        .order_by(Room.rank, Room.name)
    )
    form.prepare([(public_id, name) for public_id, name in rooms])
    case = room_case_by_id(work.session, view.booking.room_id, view.span)
    form.offer_purposes(case.facts.purposes, view.booking.purpose)
    locale = current_locale()
    form.scope.choices = [(key, say(SCOPE_WORDS[key], locale)) for key in ("following", "all")]
    return form


def as_it_is(view: BookingView) -> dict[str, str]:
    """The date as fields."""
    booking, claim = view.booking, view.claim
    return fields_of_span(view.span, ZoneInfo(booking.zone)) | {
        "title": claim.label,
        "n": str(booking.attendance or ""),
        "room": view.room_public_id,
        "purpose": booking.purpose,
        "visibility": claim.visibility,
        "note": booking.note,
        "version": str(booking.version),
        "scope": "following",
    }


def edit_of(work: Work, form: SeriesMoveForm, view: BookingView) -> Edit:
    """Only what differs from the date that was looked at."""
    span = form.span(ZoneInfo(view.zone))
    room, title, note = form.room.data, form.title.data or "", form.note.data or ""
    seen = form.visibility.data
    return Edit(
        span=None if span == view.span else span,
        room=None if room == view.room_public_id else room,
        title=None if title == view.claim.label else title,
        attendance=None if form.n.data == view.booking.attendance else form.n.data,
        visibility=None if seen == view.claim.visibility else seen,
        note=None if note == view.booking.note else note,
        purpose=form.purpose_for(view.booking, other_room=room != view.room_public_id),
        **kit_changed(work, view, form),
    )


def series_facts(work: Work, view: BookingView) -> Mapping[str, Any]:
    """What the page of a series shows. Raises NotFound for a booking that stands alone."""
    place = place_of(work.session, view.booking)
    if place is None:
        raise NotFound
    rows = dressed(work, dates_of(work.session, place.series.id))
    skipped = skipped_of(work.session, [place.series.id]).get(place.series.id, [])
    live = [row for row in rows if row.may_cancel]
    return {
        "row": dressed(work, [view])[0],
        "rows": sorted(rows, key=lambda row: row.view.claim.starts_at),
        "place": place,
        "skipped": [
            (each, msg("%(why)s", why=each.why))
            for each in skipped
            if each.original_starts_at > work.now
        ],
        "next": live[0] if live else None,
    }
