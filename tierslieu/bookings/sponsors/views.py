"""The page on which a member vouches, and the same at the desk."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for

from tierslieu.bookings.desk.gate import booking_at, desk_of
from tierslieu.bookings.sponsors import services
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.people.models import Person
from tierslieu.web.limits import limit
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import PUBLIC, allow, reading, writing


@bp.get("/sponsor/<token>")
@allow(PUBLIC)
def sponsor(token: str) -> Any:
    """Who asks to be vouched for, and for what."""
    with reading() as work:
        sponsorship, view = services.opened(work, token)
        person = work.session.get(Person, view.booking.booked_for_id or 0)
        name = person.name if person else ""
    shown = page("bookings/sponsor.html", token=token, view=view, name=name, row=sponsorship)
    return Response(shown, mimetype="text/html", headers={"Referrer-Policy": "no-referrer"})


@bp.post("/sponsor/<token>")
@allow(PUBLIC)
@limit("60/hour")
def sponsor_submit(token: str) -> Any:
    """Yes or no."""
    yes = request.form.get("answer") == "yes"
    if not yes and request.form.get("answer") != "no":
        raise NotFound
    try:
        with writing() as work:
            services.answer(work, token, yes=yes)
        flash_message(msg("Thank you: you vouch for it.") if yes else msg("Noted: you do not."))
    except Refusal as refusal:
        flash_message(refusal.reasons[0].message, "error")
    return redirect(url_for("bookings.sponsor", token=token), 303)


@bp.post("/manage/<slug>/bookings/<public_id>/sponsor")
@allow("bookings.change")
def desk_sponsor(slug: str, public_id: str) -> Any:
    """What the sponsor said at the desk."""
    try:
        with writing() as work:
            booking_at(work, desk_of(work, slug, "bookings.change"), public_id)
            services.answer_at_desk(work, public_id, yes=request.form.get("answer") == "yes")
        flash_message(msg("Noted."))
    except Refusal as refusal:
        flash_message(refusal.reasons[0].message, "error")
    return redirect(url_for("bookings.desk_booking", slug=slug, public_id=public_id), 303)
