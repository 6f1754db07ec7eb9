"""Today: what is on now, who waits for an answer, what is to be told; and the acts beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, request, url_for

from tierslieu.bookings.attendance import services as attendance
from tierslieu.bookings.desk import queries
from tierslieu.bookings.desk.gate import booking_at, desk_of
from tierslieu.bookings.desk.hurts import hurts
from tierslieu.bookings.desk.order import in_turn
from tierslieu.bookings.handling.queries import to_handle
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import requests_waiting
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.languages import say
from tierslieu.kernel.mail import told
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue
from tierslieu.web.pages import back_to, desk, flash_message, page
from tierslieu.web.requests import allow, current_locale, reading, writing

#: Requests shown whole on Today; the others have their own page.
SHOWN = 5


@bp.get("/manage/<slug>")
@allow("today.read")
def today(slug: str) -> str:
    """What the desk needs at this moment."""
    with reading() as work:
        venue = desk_of(work, slug)
        waiting = in_turn(work, requests_waiting(work.session, {venue.id}, work.now))
        shown = waiting[:SHOWN]
        rooms = queries.rooms_now(work, venue)
        return page(
            "bookings/today.html",
            **desk(venue),
            venue=venue,
            now=work.now.astimezone(ZoneInfo(venue.zone)),
            open=queries.open_today(work, venue, rooms),
            rooms=rooms,
            waiting=waiting,
            requests=shown,
            hurts=hurts(work, shown),
            who=queries.who_of(work.session, shown),
            changes=queries.changes_waiting(work.session, venue.id, work.now),
            missed=queries.missed(work.session, venue, work.now),
            tellings=queries.tellings(work.session, venue.id),
            to_handle=to_handle(work.session, venue, work.now),
            may=lambda permission: work.actor.may(permission, venue=venue.id),
        )


@bp.get("/manage/<slug>/requests")
@allow("today.read")
def desk_requests(slug: str) -> str:
    """Every request that waits for an answer, the soonest first."""
    with reading() as work:
        venue = desk_of(work, slug)
        shown = in_turn(work, requests_waiting(work.session, {venue.id}, work.now, limit=40))
        return page(
            "bookings/requests.html",
            **desk(venue),
            venue=venue,
            requests=shown,
            hurts=hurts(work, shown),
            who=queries.who_of(work.session, shown),
            may=lambda permission: work.actor.may(permission, venue=venue.id),
        )


@bp.post("/manage/<slug>/told/<public_id>")
@allow("today.read")
def desk_told(slug: str, public_id: str) -> Any:
    """Tick that somebody without e-mail was told."""
    with writing() as work:
        venue = desk_of(work, slug)
        told(work, public_id, venue.id)
        work.audit("bookings.told", f"to_tell:{public_id}", venue=venue.id)
    flash_message(msg("Ticked: told."))
    return redirect(url_for("bookings.today", slug=slug) + "#tell")


#: Word of the address → what is done, what is said, and the word that takes it back.
_ATTENDING: dict[str, tuple[Callable[[Work, str], Booking], Message, str]] = {
    "check-in": (attendance.check_in, msg("Noted: they are there."), "undo-check-in"),
    "undo-check-in": (attendance.undo_check_in, msg("The check-in is taken back."), ""),
    "leave": (attendance.leave, msg("Noted: they left, the room is free from now on."), ""),
    "miss": (attendance.miss, msg("Noted: nobody came, the room is free."), "undo-miss"),
    "undo-miss": (attendance.undo_no_show, msg("Mended: they did come."), ""),
}


@bp.post("/manage/<slug>/bookings/<public_id>/attend/<verb>")
@allow("bookings.check_in")
def desk_attend(slug: str, public_id: str, verb: str) -> Any:
    """They came, they left, nobody came; and each taken back."""
    if verb not in _ATTENDING:
        raise NotFound
    act, said, undo = _ATTENDING[verb]
    back = back_to(url_for("bookings.today", slug=slug))
    try:
        with writing() as work:
            venue = desk_of(work, slug)
            title = booking_at(work, venue, public_id).claim.label
            act(work, public_id)
    except Refusal as refusal:
        flash_message(refusal.reasons[0].message, "error")
        return redirect(back)
    _say_with_undo(venue, public_id, title, said, undo)
    return redirect(back)


def _say_with_undo(venue: Venue, public_id: str, title: str, said: Message, undo: str) -> None:
    text = say(msg("%(title)s: %(said)s", title=title, said=said), current_locale())
    if not undo:
        flash(text, "ok")
        return
    url = url_for("bookings.desk_attend", slug=venue.slug, public_id=public_id, verb=undo)
    fields = {"next": request.form.get("next", "")}
    flash({"text": text, "undo_url": url, "fields": fields}, "ok")  # type: ignore[arg-type]


# The other pages of the desk hang on the same blueprint.
import tierslieu.bookings.desk.answering  # noqa: E402
import tierslieu.bookings.desk.behalf  # noqa: E402
import tierslieu.bookings.desk.record  # noqa: E402, F401
