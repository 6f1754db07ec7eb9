"""Pages of the waiting list: join, one's own places, the offer of a mail, a venue's lists."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from flask import redirect, request, url_for

from tierslieu.bookings.desk.gate import desk_of
from tierslieu.bookings.member.asking import refused, wish
from tierslieu.bookings.member.views import _opened, book_page
from tierslieu.bookings.member.when import NAMES
from tierslieu.bookings.models import Booking
from tierslieu.bookings.views import bp
from tierslieu.bookings.waiting import services
from tierslieu.bookings.waiting.forms import OrderForm
from tierslieu.bookings.waiting.queries import WaitingView, mine, names_of, of_venue, waiting_view
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.work import Work
from tierslieu.web import nav
from tierslieu.web.limits import limit
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import (
    PUBLIC,
    SIGNED_IN,
    allow,
    current_actor,
    reading,
    writing,
)


@bp.post("/book/<room>/wait")
@allow(PUBLIC)
@limit("60/minute")
def wait(room: str) -> Any:
    """Stand in line for the time written in the booking form."""
    with reading() as work:
        form, asked = _opened(work, room, request.form)
    if current_actor().is_anonymous:
        written: dict[str, Any] = form.kept()
        back = url_for("bookings.book", room=room, **written)
        return redirect(url_for("people.sign_in", next=back), 303)
    if not form.validate():
        return book_page(form, asked), 422
    try:
        with writing() as work:
            services.join(work, wish(work, room, form))
    except Refusal as refusal:
        form.refuse(refusal, NAMES)
        return book_page(form, refused(asked, refusal)), refusal.status
    flash_message(msg("You are on the waiting list. If the time becomes free, it is held for you."))
    return redirect(url_for("bookings.me_waiting"), 303)


@bp.get("/me/waiting")
@allow(SIGNED_IN)
def me_waiting() -> str:
    """What one waits for, with one's place, and what is offered now."""
    with reading() as work:
        rows = mine(work.session, work.actor.person_id or 0, work.actor.organisations, work.now)
    return page("bookings/waiting_mine.html", rows=rows, nav_me=nav.entries("me"))


@bp.post("/waiting/<public_id>/leave")
@allow("waiting.edit")
def leave_waiting(public_id: str) -> Any:
    """Leave the line."""
    with writing() as work:
        services.leave(work, public_id)
    flash_message(msg("You no longer wait for it."))
    return redirect(url_for("bookings.me_waiting"), 303)


_TAKEN = {
    "confirmed": msg("It is yours: your booking is confirmed."),
    "requested": msg("It is kept for you; the venue still has to approve it."),
}
_GIVEN_UP = msg("You gave it up; the next in line is asked.")


def _answered(act: Callable[[Work], Booking], back: str) -> Any:
    """Take an offer or give it up, and say what came of it."""
    try:
        with writing() as work:
            state = act(work).state
    except Refusal as refusal:
        flash_message(refusal.reasons[0].message, "error")
    else:
        flash_message(_TAKEN.get(state, _GIVEN_UP))
    return redirect(back, 303)


@bp.post("/bookings/<public_id>/accept")
@allow("bookings.change")
def accept_offer(public_id: str) -> Any:
    """Take up what is offered."""
    back = url_for("bookings.booking", public_id=public_id)
    return _answered(lambda work: services.accept(work, public_id), back)


@bp.post("/bookings/<public_id>/refuse")
@allow("bookings.change")
def refuse_offer(public_id: str) -> Any:
    """Give up what is offered."""
    back = url_for("bookings.booking", public_id=public_id)
    return _answered(lambda work: services.refuse_offer(work, public_id), back)


@bp.get("/offers/<token>")
@allow(PUBLIC)
def offer(token: str) -> str:
    """The offer of a mail: what, when, until when; answered without signing in."""
    with reading() as work:
        view, entry = services.offer_of(work, token)
        over = entry.offered_until is not None and entry.offered_until <= work.now
        return page(
            "bookings/offer.html", view=view, entry=entry, token=token, over=over, now=work.now
        )


@bp.post("/offers/<token>/accept")
@allow(PUBLIC)
@limit("60/minute")
def offer_accept(token: str) -> Any:
    """Take it, by the link alone."""
    back = url_for("bookings.offer", token=token)
    return _answered(lambda work: services.accept_by_link(work, token), back)


@bp.post("/offers/<token>/refuse")
@allow(PUBLIC)
@limit("60/minute")
def offer_refuse(token: str) -> Any:
    """Give it up, by the link alone."""
    back = url_for("bookings.offer", token=token)
    return _answered(lambda work: services.refuse_by_link(work, token), back)


# -- at the desk ---------------------------------------------------------------------------------


def _lists(views: list[WaitingView]) -> list[list[WaitingView]]:
    """The lines of a venue: by room, those whose times touch each other together."""
    found: list[list[WaitingView]] = []
    for _, row in groupby(
        sorted(views, key=lambda v: (v.room_name, v.entry.room_id)), lambda v: v.entry.room_id
    ):
        until = None
        for view in row:
            if until is None or view.entry.starts_at >= until:
                found.append([])
            found[-1].append(view)
            until = max(until or view.entry.ends_at, view.entry.ends_at)
    for line in found:
        line.sort(key=lambda v: (v.entry.rank, v.entry.id))
    return sorted(found, key=lambda line: line[0].entry.starts_at)


@bp.get("/manage/<slug>/waiting")
@allow("today.read")
def desk_waiting(slug: str) -> str:
    """Everybody who waits at a venue, each line in its order."""
    return _desk_page(slug, None)


def _desk_page(slug: str, form: OrderForm | None) -> str:
    with reading() as work:
        venue = desk_of(work, slug)
        views = of_venue(work.session, venue.id, work.now)
        return page(
            "bookings/waiting_desk.html",
            **desk(venue),
            venue=venue,
            lines=_lists(views),
            names=names_of(work.session, views),
            form=form,
            blank=OrderForm(formdata=None),
            may=lambda permission: work.actor.may(permission, venue=venue.id),
        )


def _entry_at(work: Work, slug: str, public_id: str, permission: str) -> None:
    """Raise NotFound for another venue's entry."""
    venue = desk_of(work, slug, permission)
    view = waiting_view(work.session, public_id)
    if view is None or view.venue_id != venue.id:
        raise NotFound


@bp.post("/manage/<slug>/waiting/<public_id>/order")
@allow("waiting.order")
def desk_waiting_order(slug: str, public_id: str) -> Any:
    """Put somebody at another place, with the reason."""
    form = OrderForm()
    form.entry.data = public_id
    with reading() as work:
        _entry_at(work, slug, public_id, "waiting.order")
    if not form.validate():
        return _desk_page(slug, form), 422
    try:
        with writing() as work:
            services.put_at(work, public_id, form.place.data, form.reason.data)
    except Refusal as refusal:
        form.refuse(refusal)
        return _desk_page(slug, form), refusal.status
    flash_message(msg("The order is changed."))
    return redirect(url_for("bookings.desk_waiting", slug=slug), 303)


@bp.post("/manage/<slug>/waiting/<public_id>/leave")
@allow("waiting.edit")
def desk_waiting_leave(slug: str, public_id: str) -> Any:
    """Take somebody off the list, because she asked."""
    said: Message = msg("Taken off the waiting list.")
    with writing() as work:
        _entry_at(work, slug, public_id, "waiting.edit")
        services.leave(work, public_id)
    flash_message(said)
    return redirect(url_for("bookings.desk_waiting", slug=slug), 303)
