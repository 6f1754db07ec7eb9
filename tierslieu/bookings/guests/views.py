"""Booking without an account, and what the link in the mail opens."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for
from werkzeug.datastructures import MultiDict

from tierslieu.bookings.attendance.services import check_in
from tierslieu.bookings.changes.services import change
from tierslieu.bookings.desk.gate import booking_at, desk_of
from tierslieu.bookings.guests import services
from tierslieu.bookings.guests.forms import AgainForm
from tierslieu.bookings.guests.links import opened
from tierslieu.bookings.member.asking import once, other_room, refused, wish, with_choice
from tierslieu.bookings.member.forms import CancelForm
from tierslieu.bookings.member.moving import Moving, as_it_is, edit_of, moving_page, prepared
from tierslieu.bookings.member.own import against, version_of
from tierslieu.bookings.member.queries import dressed
from tierslieu.bookings.member.views import book_page, guest_form
from tierslieu.bookings.member.when import NAMES
from tierslieu.bookings.rules import stored_price
from tierslieu.bookings.services import cancel as cancel_booking
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.work import Work
from tierslieu.venues.queries import network
from tierslieu.web.idempotency import keep, replayed
from tierslieu.web.limits import limit
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import (
    PUBLIC,
    SIGNED_IN,
    allow,
    current_actor,
    reading,
    writing,
)


@bp.post("/book/<room>/guest")
@allow(PUBLIC)
@limit("40/hour")
def book_guest(room: str) -> Any:
    """Book with a name and an address; the mail says the rest."""
    if not current_actor().is_anonymous:
        return redirect(url_for("bookings.book", room=room), 303)
    with reading() as work:
        room = other_room(request.form) or room
        form, asked = guest_form(work, room, with_choice(request.form))
    if "use" in request.form:
        return book_page(form, asked)
    if not form.validate():
        return book_page(form, asked), 422
    try:
        _book_once(room, form)
    except Refusal as refusal:
        form.refuse(refusal, NAMES)
        return book_page(form, refused(asked, refusal)), refusal.status
    return redirect(url_for("bookings.guest_sent"), 303)


def _book_once(room: str, form: Any) -> None:
    """The same form sent twice books once."""
    with writing() as work:
        key = once(form, request.form.to_dict())
        if replayed(work, key) is None:
            wanted = wish(work, room, form)
            services.book_as_guest(work, wanted, form.guest_name.data, form.email.data)
            keep(work, key, {"url": ""}, 303, secret=False)


@bp.get("/guests/sent")
@allow(PUBLIC)
def guest_sent() -> str:
    """Look into your mails."""
    return page("bookings/guest_sent.html", again=request.args.get("again") == "1")


@bp.get("/guests/link")
@allow(PUBLIC)
def guest_again() -> str:
    """The form to get one's links again."""
    return page("bookings/guest_again.html", form=AgainForm(formdata=None))


@bp.post("/guests/link")
@allow(PUBLIC)
@limit("20/hour")
@limit("5/hour", field="email")
def guest_again_submit() -> Any:
    """Mail the links, when there are any; the answer is the same."""
    form = AgainForm()
    if not form.validate():
        return page("bookings/guest_again.html", form=form), 422
    with writing() as work:
        services.send_again(work, form.email.data or "")
    return redirect(url_for("bookings.guest_sent", again=1), 303)


@bp.get("/g/<token>")
@allow(PUBLIC)
def guest_booking(token: str) -> Any:
    """One's booking: to be confirmed by a press, then all that can be done with it."""
    try:
        with reading() as work:
            return _booking_page(work, token)
    except NotFound:
        return _private(page("bookings/guest_over.html")), 404


def _booking_page(work: Work, token: str, why: Refusal | None = None) -> Response:
    guested, view = opened(work, token)
    row = dressed(guested, [view])[0]
    price = stored_price(view.booking.price_lines, network(work.session).currency)
    held = view.booking.state == "held" and (
        view.claim.expires_at is None or view.claim.expires_at > work.now
    )
    return _private(
        page("bookings/guest_booking.html", row=row, price=price, token=token, held=held,
             why=why.reasons if why else ())
    )  # fmt: skip


def _private(text: str) -> Response:
    """The address is a secret: no page that is linked from here may learn it."""
    return Response(text, mimetype="text/html", headers={"Referrer-Policy": "no-referrer"})


@bp.post("/g/<token>/confirm")
@allow(PUBLIC)
@limit("60/hour")
def guest_confirm(token: str) -> Any:
    """The address is hers; pressed twice it is confirmed once."""
    return _act(token, services.confirm, msg("Confirmed. Keep the mail: its link opens this page."))


@bp.post("/g/<token>/check-in")
@allow(PUBLIC)
@limit("60/hour")
def guest_check_in(token: str) -> Any:
    """She is there."""

    def arrive(work: Work, secret: str) -> None:
        guested, view = opened(work, secret, locked=True)
        check_in(guested, view.booking.public_id)

    return _act(token, arrive, msg("Good: you are checked in."))


@bp.post("/g/<token>/stop")
@allow(PUBLIC)
@limit("60/hour")
def guest_stop(token: str) -> Any:
    """The links of this booking open nothing any more."""
    try:
        with writing() as work:
            services.stop(work, token)
    except NotFound:
        return _private(page("bookings/guest_over.html")), 404
    flash_message(msg("The links to this booking open nothing any more."))
    return redirect(url_for("bookings.guest_again"), 303)


def _act(token: str, act: Any, said: Message) -> Any:
    """Do one thing by a link, and show the booking, or why not."""
    try:
        with writing() as work:
            act(work, token)
    except NotFound:
        return _private(page("bookings/guest_over.html")), 404
    except Refusal as refusal:
        with reading() as work:
            return _booking_page(work, token, refusal), refusal.status
    flash_message(said)
    return redirect(url_for("bookings.guest_booking", token=token), 303)


@bp.get("/g/<token>/cancel")
@allow(PUBLIC)
def guest_cancel(token: str) -> Any:
    """What giving it up means, before it is done."""
    with reading() as work:
        return _cancel_page(work, token)


def _cancel_page(work: Work, token: str, form: CancelForm | None = None) -> Response:
    guested, view = opened(work, token)
    why = list(form.reasons) if form else against(guested, view)
    form = form or CancelForm(formdata=None, version=view.booking.version)
    form.version.data = str(view.booking.version)
    form.version.raw_data = [form.version.data]
    urls = _urls(token, "bookings.guest_cancel_submit")
    row = dressed(guested, [view])[0]
    return _private(page("bookings/cancel.html", row=row, why=why, form=form, urls=urls))


def _urls(token: str, submit: str) -> dict[str, str]:
    """Where the pages of moving and cancelling lead, when a link opened them."""
    return {
        "submit": url_for(submit, token=token),
        "back": url_for("bookings.guest_booking", token=token),
        "check": url_for("bookings.guest_check", token=token),
    }


@bp.post("/g/<token>/cancel")
@allow(PUBLIC)
@limit("60/hour")
def guest_cancel_submit(token: str) -> Any:
    """Give it up: the time is free again at once."""
    form = CancelForm()
    try:
        with writing() as work:
            guested, view = opened(work, token, locked=True)
            sent = version_of(form.version.data)
            cancel_booking(guested, view.booking.public_id, form.reason.data or "", sent)
            work.has_jobs = True
    except Refusal as refusal:
        form.validate()
        form.refuse(refusal)
        with reading() as work:
            return _cancel_page(work, token, form), refusal.status
    flash_message(msg("Cancelled: the time is free again."))
    return redirect(url_for("bookings.guest_booking", token=token), 303)


@bp.get("/g/<token>/move")
@allow(PUBLIC)
def guest_move(token: str) -> Any:
    """The booking as a form."""
    with reading() as work:
        guested, view = opened(work, token)
        moving = prepared(guested, view, MultiDict(as_it_is(view) | request.args.to_dict()))
    return _move_page(token, moving)


def _move_page(token: str, moving: Moving, *, changed: bool = False) -> Response:
    urls = _urls(token, "bookings.guest_move_submit")
    return _private(moving_page(moving, changed=changed, urls=urls))


@bp.post("/g/<token>/move")
@allow(PUBLIC)
@limit("60/hour")
def guest_move_submit(token: str) -> Any:
    """Change it, or show what is in the way with everything that was written."""
    with reading() as work:
        guested, view = opened(work, token)
        moving = prepared(guested, view, with_choice(request.form))
    if "use" in request.form:
        return _move_page(token, moving)
    if not moving.form.validate():
        return _move_page(token, moving), 422
    try:
        _moved(token, moving)
    except Refusal as refusal:
        moving = moving.refused(refusal)
        changed = refusal.code == "changed_meanwhile"
        return _move_page(token, moving, changed=changed), refusal.status
    flash_message(msg("Changed."))
    return redirect(url_for("bookings.guest_booking", token=token), 303)


def _moved(token: str, moving: Moving) -> None:
    with writing() as work:
        guested, view = opened(work, token, locked=True)
        change(guested, view.booking.public_id, edit_of(guested, view, moving.form))
        work.has_jobs = True


@bp.post("/g/<token>/check")
@allow(PUBLIC)
@limit("240/minute")
def guest_check(token: str) -> Any:
    """What would be answered now, while one writes."""
    with reading() as work:
        guested, view = opened(work, token)
        moving = prepared(guested, view, request.form)
    return _private(page("bookings/_check.html", asked=moving.asked))


@bp.post("/me/guest-bookings")
@allow(SIGNED_IN)
def me_take_over() -> Any:
    """What was booked with her address before she had an account becomes hers."""
    with writing() as work:
        count = services.take_over(work)
    if count:
        flash_message(msg("They are yours now: you find them below."))
    return redirect(url_for("people.me"), 303)


@bp.post("/manage/<slug>/bookings/<public_id>/links")
@allow("bookings.change")
def desk_end_links(slug: str, public_id: str) -> Any:
    """End the links of a guest's booking: a mail went to somebody else."""
    with writing() as work:
        venue = desk_of(work, slug, "bookings.change")
        booking_at(work, venue, public_id)
        services.revoke_at_desk(work, public_id)
    flash_message(msg("The links to this booking open nothing any more."))
    return redirect(url_for("bookings.desk_booking", slug=slug, public_id=public_id))
