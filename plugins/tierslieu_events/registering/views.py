"""Register, and what becomes of it: for who has an account, and by link for who has none."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import segno
from flask import redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response

import tierslieu.toolkit as tl
from tierslieu_events import meetings, queries, rules
from tierslieu_events.forms import RegisterForm
from tierslieu_events.models import Registration
from tierslieu_events.queries import DateView
from tierslieu_events.registering import services, switching
from tierslieu_events.registering.queries import Entry, by_link, mine_of, name_of, of_date, own
from tierslieu_events.views import bp
from tierslieu_events.words import SIDES, STATES, say

Shown = str | tuple[str, int] | Response


def form_for(view: DateView) -> RegisterForm:
    """The form of a date, with the sides that there are."""
    form = RegisterForm()
    form.side.choices = [(kind, SIDES[kind]) for kind in view.open_sides]
    if form.side.data not in view.open_sides and view.open_sides:
        form.side.data = view.open_sides[0]
    if "remote" not in view.sides:
        form.fallback.choices = [c for c in form.fallback.choices if c[0] != "remote"]
    return form


@bp.get("/events/dates/<date_id>/register")
@tl.allow(tl.PUBLIC)
def register(date_id: str) -> Shown:
    """The form with which one registers."""
    with tl.reading() as work:
        view = queries.date_for(work, date_id)
        return _form_page(work, view, form_for(view))


@bp.post("/events/dates/<date_id>/register")
@tl.allow(tl.PUBLIC)
@tl.limit("30/hour", field="email")
@tl.limit("60/minute")
def register_submit(date_id: str) -> Shown:
    """Register, or stand on the waiting list."""
    with tl.reading() as work:
        view = queries.date_for(work, date_id)
        form = form_for(view)
        if not form.validate():
            return _form_page(work, view, form), 422
    try:
        with tl.writing() as work:
            view = queries.date_for(work, date_id)
            asked = asked_of(form, view, work.actor.person_id)
            row = services.register(work, view, asked)
            address = _after(row, view)
    except tl.Refusal as refusal:
        form.refuse(refusal)
        with tl.reading() as work:
            return _form_page(work, queries.date_for(work, date_id), form), refusal.status
    return redirect(address)


def asked_of(form: RegisterForm, view: DateView, person_id: int | None) -> services.Asked:
    """What was written in the form."""
    answers = {q["key"]: request.form.get(f"answer_{q['key']}", "") for q in view.event.questions}
    return services.Asked(
        form.side.data or "", form.seats.data, bool(form.wait.data), person_id,
        form.name.data or "", form.email.data or "", form.phone.data or "",
        form.fallback.data or "ask", answers,
    )  # fmt: skip


def _after(row: Registration, view: DateView) -> str:
    if row.person_id is not None:
        if row.state == "registered":
            tl.flash_message(say("You have a place."))
        else:
            tl.flash_message(say("You are on the waiting list."))
        return f"/events/registrations/{row.public_id}"
    return f"/events/dates/{view.date.public_id}/sent"


def _form_page(work: tl.Work, view: DateView, form: RegisterForm) -> str:
    full = [kind for kind in view.open_sides if view.free(kind) == 0]
    return tl.page(
        "events/register.html", view=view, form=form, full=full, sides=SIDES,
        written=request.form, mine=mine_of(work, [view.date.id]).get(view.date.id, []),
        nearest=[choice for reason in form.reasons for choice in reason.nearest],
    )  # fmt: skip


@bp.get("/events/dates/<date_id>/sent")
@tl.allow(tl.PUBLIC)
def sent(date_id: str) -> str:
    """A mail with a link is on its way."""
    with tl.reading() as work:
        return tl.page("events/sent.html", view=queries.date_for(work, date_id))


@bp.get("/events/registrations/<registration_id>")
@tl.allow(tl.SIGNED_IN)
def registration(registration_id: str) -> str:
    """One's own registration."""
    with tl.reading() as work:
        return entry_page(work, own(work, registration_id), request.path)


@bp.post("/events/registrations/<registration_id>")
@tl.allow(tl.SIGNED_IN)
def registration_submit(registration_id: str) -> Shown:
    """Take or refuse an offer, give up."""
    return acted(lambda work: own(work, registration_id))


@bp.get("/events/r/<token>")
@tl.allow(tl.PUBLIC)
def by_mail(token: str) -> str:
    """The registration that a mailed link opens."""
    with tl.reading() as work:
        return entry_page(work, by_link(work, token), request.path)


@bp.post("/events/r/<token>")
@tl.allow(tl.PUBLIC)
@tl.limit("60/minute")
def by_mail_submit(token: str) -> Shown:
    """Confirm an address, take or refuse an offer, give up."""
    return acted(lambda work: by_link(work, token))


@bp.get("/events/registrations/<registration_id>/join")
@tl.allow(tl.SIGNED_IN)
def join(registration_id: str) -> Shown:
    """Go in, remotely."""
    here = f"/events/registrations/{registration_id}"
    return goes_in(lambda work: own(work, registration_id), here)


@bp.get("/events/r/<token>/join")
@tl.allow(tl.PUBLIC)
@tl.limit("60/minute", methods=("GET",))
def join_by_mail(token: str) -> Shown:
    """Go in, remotely, by the link of a mail."""
    return goes_in(lambda work: by_link(work, token), f"/events/r/{token}")


def goes_in(find: Callable[[tl.Work], Entry], back: str) -> Shown:
    """Open the room elsewhere, note that she takes part, and send her there."""
    with tl.reading() as work:
        entry = find(work)
        known = meetings.providers(work, entry.view.venue.id).get(entry.view.date.provider)
        if not may_go_in(work, entry) or known is None or known.opens is None:
            return redirect(back)
        meeting = meetings.meeting_of(work, entry.view, name_of(work, entry.row))
        opens = known.opens
    try:
        address = opens(meeting)
    except meetings.NotReached:
        tl.flash_message(say("The server of the meeting does not answer. Try again."), "error")
        return redirect(back)
    with tl.writing() as work:
        services.take_part(work, find(work))
    return redirect(address)


def may_go_in(work: tl.Work, entry: Entry) -> bool:
    """Whether she has a remote place, and the way in is open."""
    date = entry.view.date
    minutes = tl.setting(work, "link_minutes", venue_id=entry.view.venue.id)
    shown = rules.link_shown(date.starts_at, date.ends_at, minutes, work.now)
    has_place = entry.row.state == "registered" and entry.kind == "remote"
    return has_place and date.state == "planned" and shown


ACTS: dict[str, Callable[[tl.Work, Entry], Registration]] = {
    "confirm": services.confirm,
    "accept": services.accept,
    "give_up": services.give_up,
    "other": switching.take_other,
}


def acted(find: Callable[[tl.Work], Entry]) -> Shown:
    """Do what the pressed button says, and show what came of it."""
    act = ACTS.get(request.form.get("act", ""))
    try:
        with tl.writing() as work:
            entry = find(work)
            if act is not None:
                act(work, entry)
    except tl.Refusal as refusal:
        with tl.reading() as work:
            page = entry_page(work, find(work), request.path, refusal.reasons)
        return page, refusal.status
    return redirect(request.path)


def entry_page(work: tl.Work, entry: Entry, here: str, reasons: tuple[tl.Reason, ...] = ()) -> str:
    """A registration with what may be done about it."""
    values: dict[str, Any] = {
        "entry": entry,
        "view": entry.view,
        "state": entry.state_at(work.now),
        "states": STATES,
        "sides": SIDES,
        "here": here,
        "why": reasons,
        "code_svg": code_svg(entry.row.code),
        "ahead": _ahead(work, entry),
        "may_go_in": may_go_in(work, entry),
        "provider": meetings.providers(work, entry.view.venue.id).get(entry.view.date.provider),
        "opens_at": entry.view.date.starts_at
        - timedelta(minutes=tl.setting(work, "link_minutes", venue_id=entry.view.venue.id)),
        "other": "remote" if entry.kind == "room" else "room",
        "over": entry.view.date.ends_at <= work.now,
    }
    return tl.page("events/registration.html", **values)


def _ahead(work: tl.Work, entry: Entry) -> int:
    """How many stand before her in line."""
    line = [e for e in of_date(work, entry.row.date_id)
            if e.row.state == "waiting" and e.row.side_id == entry.row.side_id]  # fmt: skip
    return next((n for n, e in enumerate(line) if e.row.id == entry.row.id), 0)


def code_svg(code: str) -> Markup:
    """A code to be read at the door, as a picture that stands in the page."""
    out = io.BytesIO()
    segno.make(code, error="m").save(
        out, kind="svg", border=2, light="#fff", dark="#000", xmldecl=False, omitsize=True,
        svgclass="qr",
    )  # fmt: skip
    # Drawn by us out of letters and digits alone.
    return Markup(out.getvalue().decode())  # noqa: S704
