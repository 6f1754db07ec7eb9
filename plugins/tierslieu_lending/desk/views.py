"""The desk: what goes out, what comes back, what is late; lending to somebody who stands there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, request, url_for

import tierslieu.toolkit as tl
from tierslieu_lending import queries, services, words
from tierslieu_lending.forms import BackForm, DeskLoanForm, OutForm

bp = Blueprint("lending_desk", __name__, template_folder="../templates")
msg = tl.sentences("tierslieu_lending")


@bp.get("/manage/<slug>/lending")
@tl.allow("lending.desk")
def desk(slug: str) -> str:
    """Everything that is out or promised; what is late first."""
    with tl.reading() as work:
        venue = tl.desk_of(work, slug, "lending.desk")
        rows = queries.loans_at(work, venue.id)
        return tl.page(
            "lending/desk.html", **tl.desk(venue), venue=venue, now=work.now,
            late=sorted((row for row in rows if row.is_late), key=lambda row: row.loan.due_at),
            out=sorted(
                (row for row in rows if row.loan.state == "out" and not row.is_late),
                key=lambda row: row.loan.due_at,
            ),
            coming=[row for row in rows if row.loan.state == "reserved"],
            may_edit=work.actor.may("lending.edit", venue=venue.id), **words.EVERYTHING,
        )  # fmt: skip


def _loan_at(work: tl.Work, slug: str, public_id: str) -> queries.LoanView:
    venue = tl.desk_of(work, slug, "lending.desk")
    view = queries.loan_by_id(work, public_id)
    if view.venue.id != venue.id:
        raise tl.NotFound
    return view


@bp.get("/manage/<slug>/lending/loans/<public_id>")
@tl.allow("lending.desk")
def loan(slug: str, public_id: str) -> str:
    """One loan: hand it over, take it back, or see what was noted."""
    return _page(slug, public_id, None)


def _page(slug: str, public_id: str, form: OutForm | BackForm | None) -> str:
    with tl.reading() as work:
        view = _loan_at(work, slug, public_id)
        if form is None and view.loan.state == "reserved":
            form = OutForm(formdata=None, condition=view.item.condition)
            form.deposit.data = tl.amount_of(view.loan.deposit_asked_cents or None)
        elif form is None and view.loan.state == "out":
            form = BackForm(formdata=None, condition=view.item.condition)
        return tl.page(
            "lending/loan.html", **tl.desk(view.venue), venue=view.venue, view=view, form=form,
            now=work.now, **words.EVERYTHING,
        )  # fmt: skip


@bp.post("/manage/<slug>/lending/loans/<public_id>/out")
@tl.allow("lending.desk")
def hand_out(slug: str, public_id: str) -> Any:
    """It goes over the desk."""
    form = OutForm()
    if not form.validate():
        return _page(slug, public_id, form), 422
    try:
        with tl.writing() as work:
            services.hand_out(work, _loan_at(work, slug, public_id), form.said())
    except tl.Refusal as refusal:
        form.refuse(refusal)
        return _page(slug, public_id, form), refusal.status
    tl.flash_message(msg("Handed over."))
    return redirect(url_for("lending_desk.desk", slug=slug), 303)


@bp.post("/manage/<slug>/lending/loans/<public_id>/back")
@tl.allow("lending.desk")
def take_back(slug: str, public_id: str) -> Any:
    """It is back."""
    form = BackForm()
    if not form.validate():
        return _page(slug, public_id, form), 422
    try:
        with tl.writing() as work:
            services.take_back(work, _loan_at(work, slug, public_id), form.said())
    except tl.Refusal as refusal:
        form.refuse(refusal)
        return _page(slug, public_id, form), refusal.status
    tl.flash_message(msg("Taken back."))
    return redirect(url_for("lending_desk.loan", slug=slug, public_id=public_id), 303)


@bp.post("/manage/<slug>/lending/loans/<public_id>/cancel")
@tl.allow("lending.desk")
def cancel(slug: str, public_id: str) -> Any:
    """It is not kept any more; she is told."""
    try:
        with tl.writing() as work:
            services.cancel(work, _loan_at(work, slug, public_id))
    except tl.Conflict as refusal:
        tl.flash_message(refusal.reasons[0].message, "error")
    else:
        tl.flash_message(msg("Cancelled, and she is told."))
    return redirect(url_for("lending_desk.desk", slug=slug), 303)


@bp.get("/manage/<slug>/lending/new")
@tl.allow("lending.desk")
def lend(slug: str) -> str:
    """Lend something to ``?person=``, who stands at the desk."""
    return _lend_page(slug, None)


@bp.post("/manage/<slug>/lending/new")
@tl.allow("lending.desk")
def lend_submit(slug: str) -> Any:
    """Keep it for her; the next page hands it over."""
    with tl.reading() as work:
        venue = tl.desk_of(work, slug, "lending.desk")
        form = DeskLoanForm()
        form.offer(_things(work, venue.id))
    if not form.validate():
        return _lend_page(slug, form), 422
    try:
        with tl.writing() as work:
            person = queries.person_by_id(work.session, request.args.get("person", ""))
            thing = queries.thing_by_id(work.session, form.thing.data, venue.id)
            span = form.span(ZoneInfo(venue.zone))
            made = services.reserve(work, thing, span, person_id=person.id)
    except tl.Refusal as refusal:
        form.refuse(refusal)
        return _lend_page(slug, form), refusal.status
    return redirect(url_for("lending_desk.loan", slug=slug, public_id=made.public_id), 303)


def _things(work: tl.Work, venue_id: int) -> list[Any]:
    return [thing for thing, items in queries.stock(work.session, venue_id) if thing.offered]


def _lend_page(slug: str, form: DeskLoanForm | None) -> str:
    with tl.reading() as work:
        venue = tl.desk_of(work, slug, "lending.desk")
        asked = request.args.get("person", "")
        person = queries.person_by_id(work.session, asked) if asked else None
        if form is None:
            zone = ZoneInfo(venue.zone)
            form = DeskLoanForm(formdata=None)
            form.offer(_things(work, venue.id))
            local = work.now.astimezone(zone)
            later = local.date() + timedelta(days=7)
            form.starts_at.data, form.ends_at.data = f"{local:%Y-%m-%dT%H:%M}", f"{later}T18:00"
        return tl.page("lending/lend.html", **tl.desk(venue), venue=venue, person=person, form=form)
