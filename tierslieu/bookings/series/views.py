"""The pages of a series: all its dates, changing and giving up several, trying one again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import redirect, request, url_for
from werkzeug.datastructures import MultiDict

from tierslieu.bookings.member.own import known, version_of
from tierslieu.bookings.member.queries import dressed
from tierslieu.bookings.series import desk as _desk  # noqa: F401
from tierslieu.bookings.series.changing import (
    Plan,
    cancel_series,
    change_series,
    look_at_cancelling,
    look_at_changing,
)
from tierslieu.bookings.series.editing import (
    SeriesMoveForm,
    as_it_is,
    edit_of,
    opened,
    series_facts,
)
from tierslieu.bookings.series.forms import ScopeForm
from tierslieu.bookings.series.rules import known_scope
from tierslieu.bookings.series.services import skipped_wish, try_again
from tierslieu.bookings.series.words import date_rows
from tierslieu.bookings.views import bp
from tierslieu.bookings.waiting.services import join
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.web.limits import limit
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import SIGNED_IN, allow, current_locale, reading, writing


@bp.get("/bookings/<public_id>/series")
@allow(SIGNED_IN)
def series(public_id: str) -> str:
    """Every date of a series, what was skipped, and what can be done with several."""
    with reading() as work:
        view = known(work, public_id)
        return page("bookings/series.html", **series_facts(work, view))


@bp.post("/series/skipped/<public_id>/try")
@allow("series.edit")
@limit("60/minute")
def series_try(public_id: str) -> Any:
    """Book a date that was skipped, or say what is in the way today."""
    back = request.form.get("from", "")
    try:
        with writing() as work:
            booking = try_again(work, public_id)
    except Refusal as refusal:
        for reason in refusal.reasons:
            flash_message(reason.message, "error")
        return redirect(url_for("bookings.series", public_id=back) if back else "/me/bookings")
    flash_message(msg("This date is booked too."))
    return redirect(url_for("bookings.series", public_id=booking.public_id), 303)


@bp.post("/series/skipped/<public_id>/wait")
@allow("waiting.edit")
@limit("60/minute")
def series_wait(public_id: str) -> Any:
    """Stand in line for a date that was taken, or say why one cannot."""
    try:
        with writing() as work:
            join(work, skipped_wish(work, public_id))
    except Refusal as refusal:
        for reason in refusal.reasons:
            flash_message(reason.message, "error")
        back = request.form.get("from", "")
        return redirect(url_for("bookings.series", public_id=back) if back else "/me/bookings")
    flash_message(msg("You are on the waiting list. If the time becomes free, it is held for you."))
    return redirect(url_for("bookings.me_waiting"), 303)


@bp.get("/bookings/<public_id>/series/cancel")
@allow("bookings.cancel")
def series_cancel(public_id: str) -> str:
    """Which dates would be given up, for each scope, before it is done."""
    scope = known_scope(request.args.get("scope", "following"))
    form = ScopeForm(formdata=None, scope=scope)
    return _cancel_page(public_id, form)


def _cancel_page(public_id: str, form: ScopeForm) -> str:
    form.offer_scopes()
    with reading() as work:
        view = known(work, public_id)
        if view.booking.series_id is None:
            raise NotFound
        plan, reasons = None, form.reasons
        try:
            plan = look_at_cancelling(work, public_id, known_scope(form.scope.data or ""))
        except Refusal as refusal:
            reasons = refusal.reasons
        row = dressed(work, [view])[0]
    return page("bookings/series_cancel.html", row=row, form=form, plan=plan, rows=_rows(plan),
                why=reasons)  # fmt: skip


def _rows(plan: Plan | None) -> list[dict[str, Any]]:
    return [] if plan is None else date_rows(plan.fates, plan.about.zone, current_locale())


@bp.post("/bookings/<public_id>/series/cancel")
@allow("bookings.cancel")
def series_cancel_submit(public_id: str) -> Any:
    """Give up the dates of the scope that was shown; another scope is shown first."""
    form = ScopeForm()
    form.offer_scopes()
    if not form.validate() or "show" in request.form:
        return _cancel_page(public_id, form)
    version = version_of(request.form.get("version"))
    try:
        with writing() as work:
            scope = known_scope(form.scope.data)
            done = cancel_series(work, public_id, scope, form.reason.data or "", version)
    except Refusal as refusal:
        form.refuse(refusal)
        return _cancel_page(public_id, form), refusal.status
    flash_message(_given_up(len(done.views)))
    return redirect(url_for("bookings.series", public_id=public_id), 303)


def _given_up(n: int) -> Message:
    return nmsg(
        "%(n)s date is given up: its time is free again.",
        "%(n)s dates are given up: their times are free again.",
        n,
    )


@bp.get("/bookings/<public_id>/series/change")
@allow("bookings.change")
def series_change(public_id: str) -> str:
    """This date as a form, and which dates shall change like it."""
    with reading() as work:
        view = known(work, public_id)
        return _change_page(public_id, opened(work, view, MultiDict(as_it_is(view))), None)


def _change_page(public_id: str, form: SeriesMoveForm, plan: Plan | None) -> str:
    with reading() as work:
        row = dressed(work, [known(work, public_id)])[0]
    kept = [(k, v) for k, v in request.form.items(multi=True) if k not in ("csrf_token", "send")]
    return page("bookings/series_change.html", row=row, form=form, plan=plan, rows=_rows(plan),
                kept=kept)  # fmt: skip


@bp.post("/bookings/<public_id>/series/change")
@allow("bookings.change")
@limit("60/minute")
def series_change_submit(public_id: str) -> Any:
    """Show every date with its fate; once that was seen, change them."""
    with reading() as work:
        view = known(work, public_id)
        form = opened(work, view, request.form)
    if "edit" in request.form or not form.validate():
        return _change_page(public_id, form, None), 200 if "edit" in request.form else 422
    try:
        with reading() as work:
            edit, scope = edit_of(work, form, view), known_scope(form.scope.data)
        if "send" not in request.form:
            with reading() as work:
                plan = look_at_changing(work, public_id, edit, scope)
            return _change_page(public_id, form, plan)
        return _change(public_id, replace(edit, version=version_of(form.version.data)), scope)
    except Refusal as refusal:
        form.refuse(refusal, {"starts_at": "start", "ends_at": "end", "attendance": "n"})
        return _change_page(public_id, form, None), refusal.status


def _change(public_id: str, edit: Any, scope: Any) -> Any:
    skip = request.form.get("send") == "skip"
    with writing() as work:
        done = change_series(work, public_id, edit, scope, skip_conflicts=skip)
    said = nmsg("%(n)s date is changed.", "%(n)s dates are changed.", len(done.views))
    flash_message(said)
    return redirect(url_for("bookings.series", public_id=public_id), 303)
