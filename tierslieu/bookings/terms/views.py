"""Terms to be read by everybody, and written by whoever runs a place."""

from __future__ import annotations

from typing import Any

from flask import redirect, request

from tierslieu.bookings.terms import queries, services
from tierslieu.bookings.terms.forms import PublishForm, TermsForm
from tierslieu.bookings.terms.models import KINDS
from tierslieu.bookings.terms.places import Whose, of_network, of_venue
from tierslieu.bookings.terms.words import KIND_WORDS
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import local_date
from tierslieu.kernel.work import Work
from tierslieu.web.forms import fill_texts, texts_of, texts_rows
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import PUBLIC, allow, reading, writing


@bp.get("/terms/<public_id>")
@allow(PUBLIC)
def terms(public_id: str) -> str:
    """One version of some terms, to be read."""
    with reading() as work:
        found, whose = queries.readable(work, public_id)
    return page("bookings/terms.html", terms=found, whose=whose, kind=KIND_WORDS[found.kind])


@bp.get("/manage/<slug>/terms")
@allow("policies.edit")
def desk_terms(slug: str) -> str:
    """The terms of a venue or of one of its rooms."""
    with reading() as work:
        return _list_page(work, of_venue(work, slug))


@bp.get("/admin/terms")
@allow("network.edit")
def admin_terms() -> str:
    """The terms of the whole network."""
    with reading() as work:
        return _list_page(work, of_network(work))


def _list_page(work: Work, whose: Whose) -> str:
    today = local_date(work.now, whose.zone)
    rows = queries.kept(work.session, whose.scope, today)
    return page(
        "bookings/terms_list.html", **whose.around(), whose=whose, venue=whose.venue, rows=rows,
        today=today,
    )  # fmt: skip


@bp.get("/manage/<slug>/terms/<kind>")
@allow("policies.edit")
def desk_terms_edit(slug: str, kind: str) -> str:
    """The draft of a kind, or a new one beginning with what is in force."""
    with reading() as work:
        return _edit_page(work, of_venue(work, slug), kind)


@bp.get("/admin/terms/<kind>")
@allow("network.edit")
def admin_terms_edit(kind: str) -> str:
    """The network's draft of a kind."""
    with reading() as work:
        return _edit_page(work, of_network(work), kind)


def _edit_page(
    work: Work, whose: Whose, kind: str, form: Any = None, publishing: Any = None
) -> str:
    if kind not in KINDS:
        raise NotFound
    today = local_date(work.now, whose.zone)
    versions = queries.versions_of(work.session, whose.scope, kind)
    draft = next((each for each in versions if each.published_at is None), None)
    if form is None:
        form = TermsForm(formdata=None, version=draft.version if draft else 0)
        begin = draft or (versions[0] if versions else None)
        for name in ("title", "text"):
            fill_texts(form, name, getattr(begin, name) if begin else None)
    return page(
        "bookings/terms_edit.html", **whose.around(), whose=whose, venue=whose.venue, kind=kind,
        name=KIND_WORDS[kind], form=form, draft=draft, versions=versions,
        titles=texts_rows(form, "title"), texts=texts_rows(form, "text"),
        publishing=publishing or PublishForm(formdata=None, valid_from=today), today=today,
    )  # fmt: skip


@bp.post("/manage/<slug>/terms/<kind>")
@allow("policies.edit")
def desk_terms_save(slug: str, kind: str) -> Any:
    """Keep the draft, publish it, or take a version back."""
    with reading() as work:
        whose = of_venue(work, slug)
    return _done(whose, kind)


@bp.post("/admin/terms/<kind>")
@allow("network.edit")
def admin_terms_save(kind: str) -> Any:
    """Keep, publish or take back the network's."""
    with reading() as work:
        whose = of_network(work)
    return _done(whose, kind)


def _done(whose: Whose, kind: str) -> Any:
    if kind not in KINDS:
        raise NotFound
    act = {"publish": _publish, "withdraw": _withdraw}.get(request.form.get("verb", ""), _save)
    return act(whose, kind)


def _save(whose: Whose, kind: str) -> Any:
    form = TermsForm()
    if form.validate():
        try:
            with writing() as work:
                seen = int(form.version.data) if str(form.version.data).isdigit() else 0
                services.write(
                    work, whose.scope, kind, texts_of(form, "title"), texts_of(form, "text"), seen
                )
            flash_message(msg("The draft is kept. Nobody is asked for it yet."))
            return redirect(whose.url("terms_edit", kind=kind), 303)
        except Refusal as refusal:
            form.refuse(refusal, {"title": "title_it", "text": "text_it"})
    with reading() as work:
        return _edit_page(work, whose, kind, form), 422


def _publish(whose: Whose, kind: str) -> Any:
    form = PublishForm()
    if form.validate():
        try:
            with writing() as work:
                services.publish(work, request.form.get("terms", ""), form.valid_from.data)
            flash_message(msg("Published. It is asked for with the next booking from that day on."))
            return redirect(whose.url("terms"), 303)
        except Refusal as refusal:
            form.refuse(refusal)
    with reading() as work:
        return _edit_page(work, whose, kind, publishing=form), 422


def _withdraw(whose: Whose, kind: str) -> Any:
    with writing() as work:
        services.withdraw(work, request.form.get("terms", ""))
    flash_message(msg("It is no longer asked for."))
    return redirect(whose.url("terms"), 303)
