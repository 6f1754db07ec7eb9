"""Waiting for a thing, and answering an offer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import redirect, url_for

import tierslieu.toolkit as tl
from tierslieu_lending import queries
from tierslieu_lending.forms import TimesForm
from tierslieu_lending.models import Loan
from tierslieu_lending.views import bp, mine, thing_page
from tierslieu_lending.waiting import services
from tierslieu_lending.waiting.models import Waiting

msg = tl.sentences("tierslieu_lending")


@bp.post("/lending/<public_id>/wait")
@tl.allow("lending.borrow")
@tl.limit("60/minute")
def wait(public_id: str) -> Any:
    """Stand in line for the time written in the form."""
    form = TimesForm()
    if not form.validate():
        return thing_page(public_id, form), 422
    try:
        with tl.writing() as work:
            found = queries.public_thing(work, public_id)
            venue = work.session.get_one(tl.Venue, found.venue_id)
            services.join(work, found, form.span(ZoneInfo(venue.zone)))
    except tl.Refusal as refusal:
        form.refuse(refusal)
        return thing_page(public_id, form), refusal.status
    tl.flash_message(msg("You are in line. When one becomes free it is held for you."))
    return redirect(url_for("lending.my_loans"), 303)


@bp.post("/me/loans/waiting/<public_id>/leave")
@tl.allow("lending.borrow")
def leave(public_id: str) -> Any:
    """Wait no longer."""
    with tl.writing() as work:
        entry = work.session.scalar(sa.select(Waiting).where(Waiting.public_id == public_id))
        if entry is None:
            raise tl.NotFound
        services.leave(work, entry)
    tl.flash_message(msg("You no longer wait for it."))
    return redirect(url_for("lending.my_loans"), 303)


def _answered(act: Callable[[tl.Work], Loan], back: str) -> Any:
    try:
        with tl.writing() as work:
            state = act(work).state
    except tl.Conflict as refusal:
        tl.flash_message(refusal.reasons[0].message, "error")
    else:
        yes = state == "reserved"
        tl.flash_message(msg("It is kept for you.") if yes else msg("The next in line is asked."))
    return redirect(back, 303)


@bp.post("/me/loans/<public_id>/accept")
@tl.allow("lending.borrow")
def accept(public_id: str) -> Any:
    """Take what is offered."""
    back = url_for("lending.my_loans")
    return _answered(lambda work: services.answer(work, mine(work, public_id), yes=True), back)


@bp.post("/me/loans/<public_id>/refuse")
@tl.allow("lending.borrow")
def refuse(public_id: str) -> Any:
    """Give up what is offered."""
    back = url_for("lending.my_loans")
    return _answered(lambda work: services.answer(work, mine(work, public_id), yes=False), back)


@bp.get("/lending/offers/<token>")
@tl.allow(tl.PUBLIC)
def offer(token: str) -> str:
    """The offer of a mail, answered without signing in."""
    with tl.reading() as work:
        _, view = services.entry_of(work, token)
        return tl.page("lending/offer.html", view=view, token=token, now=work.now)


@bp.post("/lending/offers/<token>/accept")
@tl.allow(tl.PUBLIC)
@tl.limit("60/minute")
def offer_accept(token: str) -> Any:
    """Take it, by the link alone."""
    back = url_for("lending.library")
    return _answered(
        lambda work: services.answer(work, services.entry_of(work, token)[1], yes=True), back
    )


@bp.post("/lending/offers/<token>/refuse")
@tl.allow(tl.PUBLIC)
@tl.limit("60/minute")
def offer_refuse(token: str) -> Any:
    """Give it up, by the link alone."""
    back = url_for("lending.library")
    return _answered(
        lambda work: services.answer(work, services.entry_of(work, token)[1], yes=False), back
    )
