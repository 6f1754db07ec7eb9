"""A series at the desk: one answer for all its dates, some of them left out."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from tierslieu.bookings.desk import queries
from tierslieu.bookings.desk.gate import booking_at, desk_of
from tierslieu.bookings.series.answering import (
    approve_series,
    decline_series,
    look_at_answering,
)
from tierslieu.bookings.series.forms import AnswerForm
from tierslieu.bookings.series.words import date_rows
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, current_locale, reading, writing


@bp.get("/manage/<slug>/bookings/<public_id>/series")
@allow("bookings.approve")
def desk_series(slug: str, public_id: str) -> Any:
    """Every date of a request with what is in its way; one answer for all."""
    return _answer_page(slug, public_id, AnswerForm(formdata=None))


def _answer_page(slug: str, public_id: str, form: AnswerForm) -> Any:
    with reading() as work:
        venue = desk_of(work, slug, "bookings.approve")
        view = booking_at(work, venue, public_id)
        try:
            seen = look_at_answering(work, public_id, "all")
        except Refusal as refusal:
            flash_message(refusal.reasons[0].message, "error")
            return redirect(url_for("bookings.desk_booking", slug=slug, public_id=public_id))
        who = queries.who_of(work.session, [view])[view.booking.id]
        rows = date_rows(seen.fates, seen.about.zone, current_locale())
        dates = list(zip(seen.views, rows, strict=True))
        return page("bookings/series_answer.html", **desk(venue), venue=venue, view=view,
                    who=who, dates=dates, moved=bool(seen.changes), form=form)  # fmt: skip


@bp.post("/manage/<slug>/bookings/<public_id>/series")
@allow("bookings.approve")
def desk_series_submit(slug: str, public_id: str) -> Any:
    """Approve the ticked dates and decline the others, or decline all of them."""
    form = AnswerForm()
    if not form.validate():
        return _answer_page(slug, public_id, form)
    reason = form.reason.data or ""
    try:
        with writing() as work:
            venue = desk_of(work, slug, "bookings.approve")
            booking_at(work, venue, public_id)
            if "decline" in request.form:
                decline_series(work, public_id, "all", reason)
                said = msg("Declined; whoever asked is told.")
            else:
                done = approve_series(work, public_id, "all", but=_left_out(), reason=reason)
                said = _approved(len(done.views))
    except Refusal as refusal:
        form.refuse(refusal)
        return _answer_page(slug, public_id, form)
    flash_message(said)
    return redirect(url_for("bookings.today", slug=slug))


def _left_out() -> set[str]:
    return set(request.form.getlist("shown")) - set(request.form.getlist("date"))


def _approved(n: int) -> Message:
    return nmsg(
        "%(n)s date is approved; whoever asked is told.",
        "%(n)s dates are approved; whoever asked is told.",
        n,
    )
