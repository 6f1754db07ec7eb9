"""Booking a room: one page, checked as it is written, sent once."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from werkzeug.datastructures import MultiDict

from tierslieu.bookings.accessories.forms import kept, offered, with_kit
from tierslieu.bookings.cart.services import add as add_to_list
from tierslieu.bookings.guests.forms import GuestBookForm
from tierslieu.bookings.houserules import words
from tierslieu.bookings.member import moving as _moving  # noqa: F401
from tierslieu.bookings.member import own as _own  # noqa: F401
from tierslieu.bookings.member.asking import (
    ME,
    Asked,
    choices,
    filled,
    look,
    once,
    other_room,
    refused,
    to_accept,
    wish,
    with_choice,
)
from tierslieu.bookings.member.forms import VISIBILITIES, BookForm
from tierslieu.bookings.member.when import NAMES
from tierslieu.bookings.rules.demands import terms_words
from tierslieu.bookings.series import asking as series
from tierslieu.bookings.series.forms import NAMES as SERIES_NAMES
from tierslieu.bookings.services import book as book_room
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.web.idempotency import keep, replayed
from tierslieu.web.limits import limit
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import PUBLIC, allow, current_actor, current_locale, reading, writing


@bp.get("/book/<room>")
@allow(PUBLIC)
def book(room: str) -> str:
    """The page on which a room is booked, filled in as far as the address says."""
    with reading() as work:
        form, asked = _opened(work, room, filled(work, room, request.args))
    return book_page(form, asked)


@bp.post("/book/<room>")
@allow(PUBLIC)
@limit("60/minute")
def book_submit(room: str) -> Any:
    """Book, or show what is in the way with everything that was written."""
    room = other_room(request.form) or room
    with reading() as work:
        form, asked = _opened(work, room, with_choice(request.form))
    if "use" in request.form or "edit" in request.form:
        return book_page(form, asked)
    if current_actor().is_anonymous:
        written: dict[str, Any] = form.kept() | kept(form)
        back = url_for("bookings.book", room=room, **written)
        return redirect(url_for("people.sign_in", next=back), 303)
    if not form.validate():
        return book_page(form, asked), 422
    try:
        if form.repeats and "list" not in request.form:
            return series.asked_again(room, form)
        target = _listed(room, form) if "list" in request.form else _book_once(room, form)
        return redirect(target, 303)
    except Refusal as refusal:
        form.refuse(series.in_form(refusal), NAMES | SERIES_NAMES)
        return book_page(form, refused(asked, refusal)), refusal.status


@bp.post("/book/<room>/check")
@allow(PUBLIC)
@limit("240/minute")
def book_check(room: str) -> str:
    """What would be answered now: a piece of the page, asked for while one writes."""
    with reading() as work:
        _, asked = _opened(work, room, request.form)
    return page("bookings/_check.html", asked=asked)


def guest_form(work: Work, room: str, sent: MultiDict[str, str]) -> tuple[BookForm, Asked]:
    """The form for somebody without an account; NotFound where she may not book."""
    form, asked = _opened(work, room, sent)
    if not isinstance(form, GuestBookForm):
        raise NotFound
    return form, asked


def _opened(work: Work, room: str, sent: MultiDict[str, str]) -> tuple[BookForm, Asked]:
    offer = offered(work, room)
    form = with_kit(BookForm, offer)(formdata=sent)
    asked = look(work, room, form, offer)
    if work.actor.is_anonymous and asked.policy.who_may_book == "anyone":
        form = with_kit(GuestBookForm, offer)(formdata=sent)
    locale = current_locale()
    layouts, parties = choices(work, asked.seen)
    me = say(msg("I, %(name)s", name=work.actor.name), locale)
    form.prepare(
        [(key, say(label, locale)) for key, label in layouts],
        [(ME, me)]
        + [(key, say(msg("For “%(name)s”", name=name), locale)) for key, name in parties],
        asked.purposes,
        asked.facts,
        [(each.public_id, say(terms_words(each), locale)) for each in to_accept(work, asked)],
    )
    return form, asked


def _listed(room: str, form: BookForm) -> str:
    """Keep the wish in one's list instead of sending it; the list says what would become of it."""
    with writing() as work:
        add_to_list(work, wish(work, room, form))
    flash_message(msg("It is in your list. Nothing is booked until you send it."))
    return url_for("bookings.cart")


def _book_once(room: str, form: BookForm) -> str:
    """Where the new booking is; the same form sent twice leads to the same one."""
    with writing() as work:
        key = once(form, request.form.to_dict())
        before = replayed(work, key)
        if before is not None:
            return str(before[0]["url"])
        booking = book_room(work, wish(work, room, form))
        target = url_for("bookings.booking", public_id=booking.public_id)
        keep(work, key, {"url": target}, 303, secret=False)
        confirmed = booking.state != "requested"
    if confirmed:
        flash_message(msg("Booked. Here is your reference, and a code for the door."))
    else:
        flash_message(msg("Asked for. You will hear as soon as the venue answers."))
    return target


def book_page(form: BookForm, asked: Asked) -> str:
    """The form with what is known of the room and of the wish."""
    notes = {key: note for key, _, note in VISIBILITIES}
    return page(
        "bookings/book.html",
        form=form,
        asked=asked,
        room=asked.seen.case,
        notes=notes,
        answer=words.answer(asked.policy),
        ending=words.ending(asked.policy),
        guest=isinstance(form, GuestBookForm),
    )
