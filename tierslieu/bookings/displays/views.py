"""Screens and codes at the door, and the page on which they are made."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, redirect, request, url_for
from markupsafe import Markup

from tierslieu.bookings.attendance import services as attendance
from tierslieu.bookings.attendance.codes import qr
from tierslieu.bookings.attendance.queries import at_the_door
from tierslieu.bookings.attendance.showing import THERE, secret
from tierslieu.bookings.desk.gate import desk_of
from tierslieu.bookings.displays import queries
from tierslieu.bookings.displays.door import AtDoor, Shown, shown
from tierslieu.bookings.displays.forms import DisplayForm, ReferenceForm
from tierslieu.bookings.displays.models import Display
from tierslieu.bookings.displays.rules import refresh_seconds
from tierslieu.bookings.displays.services import NOTED, new_display, note_use, stop_display
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue
from tierslieu.venues.queries import network
from tierslieu.venues.rooms.queries import rooms_of
from tierslieu.web.limits import limit
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import PUBLIC, allow, current_site, reading, speak, writing

#: A screen runs no script and sends nothing.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@bp.get("/display/<token>")
@allow(PUBLIC)
def display(token: str) -> Response:
    """A door as a screen shows it: now, next, and a code; it asks again by itself."""
    with reading() as work:
        row = _known(work, token)
        speak(row.locale or network(work.session).locale)
        seen = shown(work, row)
        answer = secret(_drawn(work, row, seen, token))
        stale = row.last_used_at is None or work.now - row.last_used_at >= NOTED
    answer.headers["Content-Security-Policy"] = POLICY
    if stale:
        with writing() as work:
            note_use(work, row.id)
    return answer


def _known(work: Work, token: str) -> Display:
    row = queries.by_token(work.session, token)
    if row is None:
        raise NotFound
    return row


def _drawn(work: Work, row: Display, seen: Shown, token: str) -> str:
    zone = ZoneInfo(seen.venue.zone)
    return page(
        "bookings/display_room.html" if seen.room else "bookings/display_hall.html",
        shown=seen,
        at=seen.room,
        look="ink" if row.look == "paper" else row.look,
        now=work.now.astimezone(zone),
        zone=seen.venue.zone,
        today=work.now.astimezone(zone).date(),
        refresh=refresh_seconds(row.look, work.now, seen.changes_at),
        **_code(seen.room, token),
    )


def _code(at: AtDoor | None, token: str) -> dict[str, Any]:
    """Where the code beside the door leads, and the code."""
    path = url_for("bookings.door", token=token)
    if at is not None and at.offer == "take" and at.take is not None:
        starts, ends = (
            each.astimezone(at.case.zone) for each in (at.take.starts_at, at.take.ends_at)
        )
        path = url_for("bookings.book", room=at.case.public_id, date=f"{starts:%Y-%m-%d}",
                       start=f"{starts:%H:%M}", end=f"{ends:%H:%M}")  # fmt: skip
    elif at is not None and at.offer == "look":
        path = url_for("venues.room", public_id=at.case.public_id)
    return {"leads": path, "code": Markup(qr(_base() + path))}  # noqa: S704 - drawn by us


def _base() -> str:
    return current_site().config.base_url.rstrip("/")


@bp.get("/door/<token>")
@allow(PUBLIC)
def door(token: str) -> Response:
    """What the phone opens that read the code: one's own bookings here, or the reference."""
    return _door(token, ReferenceForm(formdata=None))


def _door(token: str, form: ReferenceForm, status: int = 200) -> Response:
    with reading() as work:
        row = _known(work, token)
        seen = shown(work, row)
        body = page(
            "bookings/door.html",
            token=token,
            form=form,
            shown=seen,
            at=seen.room,
            mine=at_the_door(work, row.venue_id, row.room_id),
            now=work.now,
            zone=seen.venue.zone,
            leads=_code(seen.room, token)["leads"],
        )
    return secret(body, status)


@bp.post("/door/<token>")
@allow(PUBLIC)
@limit("20/minute")
def door_submit(token: str) -> Any:
    """I am here: one of one's own bookings, or whoever knows the reference."""
    form = ReferenceForm()
    mine = request.form.get("booking", "")
    if not mine and not form.validate():
        return _door(token, form, 422)
    try:
        with writing() as work:
            row = _known(work, token)
            if mine:
                attendance.check_in(work, mine)
            else:
                written = form.reference.data
                attendance.check_in_by_reference(work, row.venue_id, written, room_id=row.room_id)
    except NotFound:
        raise
    except Refusal as refusal:
        form.validate()
        form.reference.errors = []
        form.refuse(refusal)
        return _door(token, form, refusal.status)
    flash_message(THERE)
    return redirect(url_for("bookings.door", token=token), 303)


@bp.get("/manage/<slug>/displays")
@allow("rooms.edit")
def displays(slug: str) -> str:
    """The screens and codes of a venue."""
    return _list(slug, DisplayForm(formdata=None))


def _list(slug: str, form: DisplayForm) -> str:
    with reading() as work:
        venue = desk_of(work, slug, "rooms.edit")
        rooms = rooms_of(work.session, venue.id)
        form.prepare(rooms)
        return page(
            "bookings/displays.html",
            **desk(venue),
            venue=venue,
            form=form,
            displays=queries.displays_of(work.session, venue.id),
            names={room.id: room.name for room in rooms_of(work.session, venue.id, retired=True)},
        )


@bp.post("/manage/<slug>/displays")
@allow("rooms.edit")
@limit("60/hour")
def display_new(slug: str) -> Any:
    """Make an address and show it, this once."""
    form = DisplayForm()
    with reading() as work:
        form.prepare(rooms_of(work.session, desk_of(work, slug, "rooms.edit").id))
    if not form.validate():
        return _list(slug, form), 422
    with writing() as work:
        venue = desk_of(work, slug, "rooms.edit")
        row, token = new_display(
            work, venue.id, room=form.room.data, name=form.name.data or "",
            look=form.look.data, locale=form.locale.data,
        )  # fmt: skip
    room = dict(form.room.choices)[form.room.data] if form.room.data else ""
    return _made(venue, row, token, room)


def _made(venue: Venue, row: Display, token: str, room: str) -> Response:
    where = "bookings.door" if row.look == "paper" else "bookings.display"
    address = _base() + url_for(where, token=token)
    code = Markup(qr(address))  # noqa: S704 - drawn by us, the address is only dots in it
    shown_ = page("bookings/display_made.html", **desk(venue), venue=venue, row=row, room=room,
                  address=address, code=code)  # fmt: skip
    return secret(shown_)


@bp.post("/manage/<slug>/displays/<public_id>/stop")
@allow("rooms.edit")
def display_stop(slug: str, public_id: str) -> Any:
    """Stop an address."""
    with writing() as work:
        stop_display(work, desk_of(work, slug, "rooms.edit").id, public_id)
    flash_message(msg("This address no longer opens anything."))
    return redirect(url_for("bookings.displays", slug=slug), 303)
