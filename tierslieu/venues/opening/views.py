"""The manager's pages of opening: weeks, single days, closures."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span, local_date
from tierslieu.venues.blueprint import bp
from tierslieu.venues.managing import managed
from tierslieu.venues.models import OpeningPeriod, Room, Venue
from tierslieu.venues.opening import services
from tierslieu.venues.opening.forms import ClosureForm, ExceptionForm, WeekForm
from tierslieu.venues.opening.queries import (
    Touched,
    closures_of,
    exceptions_of,
    touched,
    weeks_of,
    whole_days,
)
from tierslieu.venues.queries import holidays_between
from tierslieu.venues.rooms.queries import room_by_public_id, rooms_of
from tierslieu.venues.rules import intervals_from, weekly_from
from tierslieu.web.forms import texts_of, texts_rows
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, reading, writing

#: Public holidays are shown this many days ahead on the page of hours.
HOLIDAYS_AHEAD = 120


@bp.get("/manage/<slug>/settings/hours")
@allow("hours.edit")
def hours(slug: str) -> str:
    """Hours of a venue or (``?room=``) of a room: weeks and single days."""
    venue = managed(slug, "hours.edit")
    return _hours_page(venue, _room_asked(venue), None)


@bp.get("/manage/<slug>/settings/hours/week")
@allow("hours.edit")
def edit_week(slug: str) -> str:
    """The editor of one week: a new one, or ``?week=`` an old one."""
    venue = managed(slug, "hours.edit")
    room = _room_asked(venue)
    period = _week_asked(venue, room)
    return _week_page(venue, room, period, WeekForm(period, formdata=None))


@bp.post("/manage/<slug>/settings/hours/week")
@allow("hours.edit")
def edit_week_submit(slug: str) -> Response | tuple[str, int]:
    """Save a week, or draw the editor with another row."""
    venue = managed(slug, "hours.edit")
    room = _room_asked(venue)
    period = _week_asked(venue, room)
    form = WeekForm(period)
    if form.reshape():
        return _week_page(venue, room, period, form), 200
    weekly = form.weekly()
    if not form.validate_on_submit() or weekly is None:
        return _week_page(venue, room, period, form), 422
    try:
        with writing() as work:
            services.put_week(work, venue.id, weekly, **_week_values(form, room, period))
    except services.Touches as found:
        return _week_page(venue, room, period, form, found.touched), found.status
    except Refusal as refusal:
        form.refuse(refusal)
        return _week_page(venue, room, period, form), refusal.status
    flash_message(msg("Saved. Bookings that were made stay as they are."))
    return redirect(_hours_url(venue, room))


def _week_values(form: WeekForm, room: Room | None, period: OpeningPeriod | None) -> dict[str, Any]:
    return {
        "room_id": room.id if room else None,
        "name": form.name.data or "",
        "valid_from": form.valid_from.data,
        "valid_until": form.valid_until.data,
        "priority": form.priority.data or 0,
        "period_id": period.id if period else None,
        "known": request.form.get("known", ""),
    }


@bp.post("/manage/<slug>/settings/hours/week/remove")
@allow("hours.edit")
def remove_week_submit(slug: str) -> Response:
    """Take a week away."""
    venue = managed(slug, "hours.edit")
    room = _room_asked(venue)
    period = _week_asked(venue, room)
    if period is None:
        raise NotFound
    with writing() as work:
        services.remove_week(work, venue.id, period.id)
    flash_message(msg("Saved. Bookings that were made stay as they are."))
    return redirect(_hours_url(venue, room))


@bp.post("/manage/<slug>/settings/hours/day")
@allow("hours.edit")
def exception_submit(slug: str) -> Response | tuple[str, int]:
    """Write one day unlike the others."""
    venue = managed(slug, "hours.edit")
    room = _room_asked(venue)
    form = ExceptionForm()
    intervals = form.intervals()
    if not form.validate_on_submit() or intervals is None:
        return _hours_page(venue, room, form), 422
    try:
        with writing() as work:
            services.put_exception(
                work,
                venue.id,
                form.day.data,
                intervals,
                room_id=room.id if room else None,
                note=texts_of(form, "note"),
                known=request.form.get("known", ""),
            )
    except services.Touches as found:
        return _hours_page(venue, room, form, found.touched), found.status
    flash_message(msg("Saved. Bookings that were made stay as they are."))
    return redirect(_hours_url(venue, room))


@bp.post("/manage/<slug>/settings/hours/day/remove")
@allow("hours.edit")
def remove_exception_submit(slug: str) -> Response:
    """Make a day like the others again."""
    venue = managed(slug, "hours.edit")
    with writing() as work:
        services.remove_exception(work, venue.id, _number(request.form.get("day")))
    flash_message(msg("That day is like the others again."))
    return redirect(_hours_url(venue, _room_asked(venue)))


@bp.get("/manage/<slug>/settings/closures")
@allow("closures.edit")
def closures(slug: str) -> str:
    """Closures to come, and a form for another."""
    venue = managed(slug, "closures.edit")
    return _closures_page(venue, ClosureForm(_rooms(venue), formdata=None))


@bp.post("/manage/<slug>/settings/closures")
@allow("closures.edit")
def closures_submit(slug: str) -> Response | tuple[str, int]:
    """Close; who is touched is shown before it is done."""
    venue = managed(slug, "closures.edit")
    form = ClosureForm(_rooms(venue))
    if not form.validate_on_submit():
        return _closures_page(venue, form), 422
    try:
        span = form.span(ZoneInfo(venue.zone))
        with writing() as work:
            room_id = next((r.id for r in _rooms(venue) if r.public_id == form.room.data), None)
            hurt = touched(work.session, venue.id, room_id, span, work.now)
            if request.form.get("known") != services.fingerprint(hurt):
                return _closures_page(venue, form, span, hurt, room_id), 200
            services.close(work, venue.id, span, form.why, room_id=room_id)
    except Refusal as refusal:
        form.refuse(refusal, {"starts_at": "first", "ends_at": "last"})
        return _closures_page(venue, form), refusal.status
    flash_message(msg("Closed. What was booked inside stays and waits for you to handle it."))
    return redirect(url_for("venues.closures", slug=slug))


@bp.post("/manage/<slug>/settings/closures/<public_id>/end")
@allow("closures.edit")
def reopen_submit(slug: str, public_id: str) -> Response:
    """Take a closure away, or end it now."""
    venue = managed(slug, "closures.edit")
    with writing() as work:
        services.reopen(work, venue.id, public_id)
    flash_message(msg("It is open again. Nothing was booked again by itself."))
    return redirect(url_for("bookings.handled_page", slug=slug, key=f"closure-{public_id}"))


def _hours_page(
    venue: Venue,
    room: Room | None,
    form: ExceptionForm | None,
    hurt: list[Touched] | None = None,
) -> str:
    with reading() as work:
        today = local_date(work.now, ZoneInfo(venue.zone))
        last = today.fromordinal(today.toordinal() + HOLIDAYS_AHEAD)
        room_id = room.id if room else None
        form = form or ExceptionForm(formdata=None)
        return page(
            "venues/hours.html",
            venue=venue,
            room=room,
            rooms=rooms_of(work.session, venue.id),
            weeks=[
                {"row": row, "days": weekly_from(row.weekly)}
                for row in weeks_of(work.session, venue.id, room_id)
            ],
            exceptions=[
                {"row": row, "intervals": intervals_from(row.intervals)}
                for row in exceptions_of(work.session, venue.id, today, room_id)
            ],
            holidays=holidays_between(work.session, today, last),
            form=form,
            note_rows=texts_rows(form, "note"),
            hurt=hurt,
            known=services.fingerprint(hurt or []),
            **desk(venue),
        )


def _week_page(
    venue: Venue,
    room: Room | None,
    period: OpeningPeriod | None,
    form: WeekForm,
    hurt: list[Touched] | None = None,
) -> str:
    return page(
        "venues/edit_week.html",
        venue=venue,
        room=room,
        week=period,
        form=form,
        hurt=hurt,
        known=services.fingerprint(hurt or []),
        **desk(venue),
    )


def _closures_page(
    venue: Venue,
    form: ClosureForm,
    span: Span | None = None,
    hurt: list[Touched] | None = None,
    room_id: int | None = None,
) -> str:
    with reading() as work:
        rows = []
        names = {room.id: room.name for room in rooms_of(work.session, venue.id, retired=True)}
        for row in closures_of(work.session, venue.id, work.now):
            when = Span(row.starts_at, row.ends_at)
            inside = touched(work.session, venue.id, row.room_id, when, work.now)
            days = whole_days(when, ZoneInfo(venue.zone))
            room = names.get(row.room_id or 0)
            rows.append({"row": row, "room": room, "inside": inside, "days": days})
        return page(
            "venues/closures.html",
            venue=venue,
            form=form,
            reason_rows=texts_rows(form, "reason"),
            span=span,
            hurt=hurt,
            room_id=room_id,
            known=services.fingerprint(hurt or []),
            closures=rows,
            now=work.now,
            **desk(venue),
        )


def _rooms(venue: Venue) -> list[Room]:
    with reading() as work:
        return rooms_of(work.session, venue.id)


def _room_asked(venue: Venue) -> Room | None:
    asked = request.args.get("room", "")
    if not asked:
        return None
    with reading() as work:
        room = room_by_public_id(work.session, asked, hidden=True)
    if room.venue_id != venue.id:
        raise NotFound
    return room


def _week_asked(venue: Venue, room: Room | None) -> OpeningPeriod | None:
    asked = request.args.get("week", "")
    if not asked:
        return None
    with reading() as work:
        period = work.session.get(OpeningPeriod, _number(asked))
    if period is None or period.venue_id != venue.id:
        raise NotFound
    if period.room_id != (room.id if room else None):
        raise NotFound
    return period


def _number(text: str | None) -> int:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 9:
        raise NotFound
    return int(text)


def _hours_url(venue: Venue, room: Room | None) -> str:
    return url_for("venues.hours", slug=venue.slug, room=room.public_id if room else None)
