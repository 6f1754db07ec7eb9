"""The door: who comes, by list or by code, and who is registered at the desk."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

import tierslieu.toolkit as tl
from tierslieu_events import queries
from tierslieu_events.forms import CodeForm, RegisterForm
from tierslieu_events.registering import services
from tierslieu_events.registering.queries import Entry, name_of, of_date
from tierslieu_events.registering.views import asked_of, form_for
from tierslieu_events.views import bp
from tierslieu_events.words import SIDES, STATES, say

Shown = str | tuple[str, int] | Response


@bp.get("/manage/<slug>/events/dates/<date_id>")
@tl.allow("events.check_in")
def door(slug: str, date_id: str) -> str:
    """Who is registered for a date, who came, and the way to note it."""
    return _page(slug, date_id)[0]


def _page(slug: str, date_id: str, code: CodeForm | None = None, form: RegisterForm | None = None
          ) -> tuple[str, int]:  # fmt: skip
    with tl.reading() as work:
        venue = tl.desk_of(work, slug, "events.check_in")
        view = queries.date_at(work, venue, date_id)
        line = of_date(work, view.date.id)
        values: dict[str, Any] = {
            "view": view,
            "venue": venue,
            "entries": line,
            "names": {e.row.id: name_of(work, e.row) for e in line},
            "came": _came(line),
            "sides": SIDES,
            "states": STATES,
            "now": work.now,
            "code_form": code or CodeForm(),
            "form": form or form_for(view),
            "nearest": [c for r in (form.reasons if form else ()) for c in r.nearest],
            "may_register": work.actor.may("events.register", venue=venue.id),
            "written": request.form if form is not None else {},
        }
        return tl.page("events/door.html", **values, **tl.desk(venue)), 422


def _came(line: list[Entry]) -> dict[str, int]:
    found = {"room": 0, "remote": 0}
    for entry in line:
        found[entry.kind] += entry.row.came
    return found


@bp.post("/manage/<slug>/events/dates/<date_id>/code")
@tl.allow("events.check_in")
def by_code(slug: str, date_id: str) -> Shown:
    """Somebody shows or says her code."""
    form = CodeForm()
    code = (form.code.data or "").strip().upper()
    try:
        with tl.writing() as work:
            entry = _found(work, slug, date_id, code=code)
            row = services.come(work, entry)
            said = _welcome(name_of(work, row), row.came)
    except tl.Refusal as refusal:
        form.validate()
        form.refuse(refusal)
        return _page(slug, date_id, code=form)
    tl.flash_message(said)
    return redirect(f"/manage/{slug}/events/dates/{date_id}")


def _welcome(name: str, n: int) -> tl.Message:
    return say.many("%(name)s is in.", "%(name)s is in, with %(n)s people in all.", n, name=name)


def _found(work: tl.Work, slug: str, date_id: str, *, code: str = "", public_id: str = ""
           ) -> Entry:  # fmt: skip
    venue = tl.desk_of(work, slug, "events.check_in")
    view = queries.date_at(work, venue, date_id)
    for entry in of_date(work, view.date.id):
        if (code and entry.row.code == code) or entry.row.public_id == public_id:
            return entry
    if public_id:
        raise tl.NotFound
    raise tl.Invalid("unknown_code", say("Nobody is registered here with this code."), "code")


@bp.post("/manage/<slug>/events/dates/<date_id>/registrations/<registration_id>")
@tl.allow("events.check_in")
def at_door(slug: str, date_id: str, registration_id: str) -> Shown:
    """Note on the list that somebody came, take it back, or give up her place for her."""
    act, written = request.form.get("act", ""), request.form.get("n", "")
    try:
        with tl.writing() as work:
            entry = _found(work, slug, date_id, public_id=registration_id)
            if act == "give_up":
                services.give_up(work, entry, by_desk=True)
            else:
                n = int(written) if written.isascii() and written.isdigit() else None
                services.come(work, entry, n)
    except tl.Refusal as refusal:
        tl.flash_message(refusal.reasons[0].message, "error")
    return redirect(f"/manage/{slug}/events/dates/{date_id}#list")


@bp.post("/manage/<slug>/events/dates/<date_id>/register")
@tl.allow("events.register")
def register_at_desk(slug: str, date_id: str) -> Shown:
    """Register somebody who is at the desk or on the telephone."""
    with tl.reading() as work:
        venue = tl.desk_of(work, slug, "events.register")
        form = form_for(queries.date_at(work, venue, date_id))
    try:
        if form.validate():
            with tl.writing() as work:
                venue = tl.desk_of(work, slug, "events.register")
                view = queries.date_at(work, venue, date_id)
                row = services.register(work, view, asked_of(form, view, None), by_desk=True)
                state = row.state
            words = say("Registered.") if state == "registered" else say("On the waiting list.")
            tl.flash_message(words)
            return redirect(f"/manage/{slug}/events/dates/{date_id}")
    except tl.Refusal as refusal:
        form.refuse(refusal)
    return _page(slug, date_id, form=form)
