"""Posters: the week of a venue or a room, the day of all rooms; each one sheet of A4.

They hang where everybody reads them: only public titles are written out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import request, url_for

from tierslieu.bookings.desk.gate import desk_of
from tierslieu.bookings.timeline import queries
from tierslieu.bookings.timeline.queries import Known
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.span import local_date
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.places.queries import venue_by_slug
from tierslieu.venues.rooms.queries import room_by_public_id
from tierslieu.web.pages import page
from tierslieu.web.requests import PUBLIC, allow, reading

#: More lines than these on a sheet, or in a column of it, are written smaller, or very small.
ON_SHEET, IN_COLUMN = (20, 60), (5, 13)


def asked_day(work: Work, zone: str) -> date:
    """The day in the address, or today."""
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return local_date(work.now, ZoneInfo(zone))
    if not 2000 <= day.year <= 2199:
        raise NotFound
    return day


def day_poster(venue: Venue, known: Known) -> str:
    """All rooms of a day on one sheet."""
    drawn = queries.day_of(known)
    lines = [
        (row.case, [item for item in row.items if item.view is not None], row.is_open)
        for row in drawn.rows
    ]
    return page(
        "bookings/day_poster.html",
        venue=venue,
        day=known.day,
        lines=lines,
        zone=venue.zone,
        size=_size(sum(1 + len(items) for _, items, _ in lines), ON_SHEET),
        back_url=url_for("bookings.timeline", slug=venue.slug, day=known.day.isoformat()),
        before_url=_day_url(venue, known.day - timedelta(days=1)),
        after_url=_day_url(venue, known.day + timedelta(days=1)),
    )


def _day_url(venue: Venue, day: date) -> str:
    return url_for("bookings.timeline", slug=venue.slug, day=day.isoformat(), view="print")


@bp.get("/manage/<slug>/week")
@allow("timeline.read")
def timeline_week(slug: str) -> str:
    """The week of a venue as a poster for the wall, to be printed on A4."""
    with reading() as work:
        venue = desk_of(work, slug, "timeline.read")
        back = url_for("bookings.timeline", slug=slug, day=asked_day(work, venue.zone).isoformat())
        return _week_poster(work, venue, back)


@bp.get("/venues/<slug>/week")
@allow(PUBLIC)
def venue_week(slug: str) -> str:
    """The same for everybody."""
    with reading() as work:
        venue = venue_by_slug(work.session, slug)
        return _week_poster(work, venue, url_for("venues.venue", slug=slug))


@bp.get("/rooms/<public_id>/week")
@allow(PUBLIC)
def room_week(public_id: str) -> str:
    """The week of one room, to hang at its door."""
    with reading() as work:
        room = room_by_public_id(work.session, public_id)
        venue = work.session.get_one(Venue, room.venue_id)
        if not venue.published or venue.archived_at is not None:
            raise NotFound
        return _week_poster(
            work, venue, url_for("venues.room", public_id=public_id) + "#week", room
        )


def _week_poster(work: Work, venue: Venue, back_url: str, room: Room | None = None) -> str:
    day = asked_day(work, venue.zone)
    known = queries.read(work.session, venue, day, work.now, week=True)
    if room is not None:
        known = replace(known, cases=tuple(case for case in known.cases if case.id == room.id))
    week = queries.week_of(known)
    step = timedelta(days=7)
    endpoint, values = request.endpoint or "", request.view_args or {}
    return page(
        "bookings/week_poster.html",
        venue=venue,
        room=room,
        week=week,
        zone=venue.zone,
        today=local_date(work.now, known.zone),
        size=_size(max(_lines(week, n) for n in range(7)), IN_COLUMN),
        back_url=back_url,
        before_url=url_for(endpoint, **values, day=(day - step).isoformat()),
        after_url=url_for(endpoint, **values, day=(day + step).isoformat()),
        home=url_for("venues.venue", slug=venue.slug, _external=True),
    )


def _size(lines: int, limits: tuple[int, int]) -> str:
    """The class of a sheet with so many lines."""
    few, many = limits
    if lines <= few:
        return ""
    return "on-board-small" if lines <= many else "on-board-small on-board-tiny"


def _lines(week: queries.Week, day: int) -> int:
    return sum(len(cells[day].views) for _, cells in week.rows)
