"""Events at the desk of a venue: make them, date them, publish them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import redirect, request
from werkzeug.wrappers import Response

import tierslieu.toolkit as tl
from tierslieu_events import meetings, queries, services, showing
from tierslieu_events.forms import CapacityForm, DateForm, EventForm, PictureForm, ReasonForm
from tierslieu_events.models import Event
from tierslieu_events.registering import switching
from tierslieu_events.services import Facts
from tierslieu_events.views import bp
from tierslieu_events.words import say

Shown = str | tuple[str, int] | Response


@bp.get("/manage/<slug>/events")
@tl.allow("events.check_in")
def desk(slug: str) -> str:
    """The events of a venue, for its desk."""
    with tl.reading() as work:
        venue = tl.desk_of(work, slug, "events.check_in")
        return tl.page(
            "events/desk.html",
            events=queries.events_of(work, venue.id),
            venue=venue,
            now=work.now,
            may_edit=work.actor.may("events.edit", venue=venue.id),
            **tl.desk(venue),
        )


@bp.get("/manage/<slug>/events/new")
@tl.allow("events.edit")
def new(slug: str) -> str:
    """The form of a new event."""
    with tl.reading() as work:
        venue = tl.desk_of(work, slug, "events.edit")
        return _edit_page(work, venue, None, _form(work))


@bp.post("/manage/<slug>/events/new")
@tl.allow("events.edit")
def new_submit(slug: str) -> Shown:
    """Make it: a draft, which gets its dates next."""
    return _saved(slug, None, lambda work, venue, facts: services.make_event(work, venue, facts))


@bp.get("/manage/<slug>/events/<event_id>/edit")
@tl.allow("events.edit")
def edit(slug: str, event_id: str) -> str:
    """Change what is said of an event."""
    with tl.reading() as work:
        venue = tl.desk_of(work, slug, "events.edit")
        event = queries.event_at(work, venue, event_id)
        form = _form(work)
        form.fill(event, _organiser_email(work, event))
        form.organisation.data = _organisation_public(work, event)
        return _edit_page(work, venue, event, form)


@bp.post("/manage/<slug>/events/<event_id>/edit")
@tl.allow("events.edit")
def edit_submit(slug: str, event_id: str) -> Shown:
    """Save it."""

    def save(work: tl.Work, venue: tl.Venue, facts: Facts) -> Event:
        event = queries.event_at(work, venue, event_id)
        version = request.form.get("version", "")
        services.change_event(work, event, facts, int(version) if version.isdecimal() else None)
        return event

    return _saved(slug, event_id, save)


def _saved(
    slug: str, event_id: str | None, save: Callable[[tl.Work, tl.Venue, Facts], Event]
) -> Shown:
    with tl.reading() as work:
        venue = tl.desk_of(work, slug, "events.edit")
        form = _form(work)
    valid = form.validate()
    try:
        if valid:
            with tl.writing() as work:
                venue = tl.desk_of(work, slug, "events.edit")
                facts = form.facts(_organisation(work, form), _organiser(work, form))
                public_id = save(work, venue, facts).public_id
            return redirect(f"/manage/{slug}/events/{public_id}")
    except tl.Refusal as refusal:
        form.refuse(refusal)
    with tl.reading() as work:
        venue = tl.desk_of(work, slug, "events.edit")
        event = queries.event_at(work, venue, event_id) if event_id else None
        return _edit_page(work, venue, event, form), 422


def _form(work: tl.Work) -> EventForm:
    form = EventForm()
    asked = sa.select(tl.Organisation).where(tl.Organisation.state == "active")
    bodies = work.session.scalars(asked.order_by(tl.Organisation.name))
    form.organisation.choices = [("", tl.Lazy(say("The venue itself")))]
    form.organisation.choices += [(body.public_id, body.name) for body in bodies]
    return form


def _edit_page(work: tl.Work, venue: tl.Venue, event: Event | None, form: EventForm) -> str:
    rows = {name: tl.texts_rows(form, name) for name in ("title", "description", "access_note")}
    return tl.page(
        "events/edit.html", form=form, event=event, venue=venue, rows=rows, **tl.desk(venue)
    )


def _organisation(work: tl.Work, form: EventForm) -> int | None:
    if not form.organisation.data:
        return None
    return work.session.scalar(
        sa.select(tl.Organisation.id).where(tl.Organisation.public_id == form.organisation.data)
    )


def _organisation_public(work: tl.Work, event: Event) -> str:
    body = work.session.get(tl.Organisation, event.organisation_id or 0)
    return body.public_id if body is not None else ""


def _organiser(work: tl.Work, form: EventForm) -> int | None:
    written = (form.organiser_email.data or "").strip()
    if not written:
        return None
    address = tl.email_address(written, "organiser_email")
    found = work.session.scalar(
        sa.select(tl.Account.person_id).where(
            tl.Account.email == address, tl.Account.confirmed_at.is_not(None)
        )
    )
    if found is None:
        text = say("Nobody has an account with this address.")
        raise tl.Invalid("unknown", text, "organiser_email")
    return found


def _organiser_email(work: tl.Work, event: Event) -> str:
    if event.organiser_id is None:
        return ""
    asked = sa.select(tl.Account.email).where(tl.Account.person_id == event.organiser_id)
    return work.session.scalar(asked) or ""


@bp.get("/manage/<slug>/events/<event_id>")
@tl.allow("events.edit")
def manage(slug: str, event_id: str) -> str:
    """An event with its dates, and what is still to be done."""
    return _manage_page(slug, event_id)[0]


def _manage_page(slug: str, event_id: str, **forms: Any) -> tuple[str, int]:
    with tl.reading() as work:
        venue = tl.desk_of(work, slug, "events.edit")
        event = queries.event_at(work, venue, event_id)
        date_form = forms.get("date") or _date_form(work, venue)
        photo = forms.get("photo") or PictureForm()
        page = tl.page(
            "events/manage.html", event=event, venue=venue, now=work.now,
            dates=queries.dates_of(work, event), date_form=date_form, photo_form=photo,
            alt_rows=tl.texts_rows(photo, "alt"), reason_form=forms.get("reason") or ReasonForm(),
            picture=queries.pictures_of(work, [event.id]).get(event.id),
            nearest=[c for r in date_form.reasons for c in r.nearest],
            organiser=queries.organiser_name(work, event, venue), may_edit=True,
            providers=meetings.providers(work, venue.id),
            **showing.words(event), **tl.desk(venue),
        )  # fmt: skip
    return page, 422


def _date_form(work: tl.Work, venue: tl.Venue) -> DateForm:
    form = DateForm()
    form.room.choices = [("", tl.Lazy(say("No room: remote alone")))]
    form.room.choices += [(r.public_id, r.name) for r in queries.rooms_of(work, venue.id)]
    return form


@bp.post("/manage/<slug>/events/<event_id>/dates")
@tl.allow("events.edit")
def add_date(slug: str, event_id: str) -> Shown:
    """Give it a date, or one in each of some weeks."""
    with tl.reading() as work:
        venue = tl.desk_of(work, slug, "events.edit")
        form = _date_form(work, venue)
    try:
        if form.validate():
            with tl.writing() as work:
                venue = tl.desk_of(work, slug, "events.edit")
                event = queries.event_at(work, venue, event_id)
                services.add_dates(work, event, form.wanted(ZoneInfo(venue.zone)))
            return redirect(f"/manage/{slug}/events/{event_id}")
    except tl.Refusal as refusal:
        form.refuse(refusal, {"starts_at": "start", "ends_at": "end", "attendance": "in_room"})
    return _manage_page(slug, event_id, date=form)


def _done(slug: str, event_id: str, act: Callable[[tl.Work, Event], None], kind: str = "reason",
          form: tl.Form | None = None) -> Shown:  # fmt: skip
    """Do something with an event and come back to it; a refusal is shown there."""
    shown = form or ReasonForm()
    try:
        with tl.writing() as work:
            venue = tl.desk_of(work, slug, "events.edit")
            act(work, queries.event_at(work, venue, event_id))
    except tl.Refusal as refusal:
        shown.validate()
        shown.refuse(refusal)
        return _manage_page(slug, event_id, **{kind: shown})
    return redirect(f"/manage/{slug}/events/{event_id}")


@bp.post("/manage/<slug>/events/<event_id>/publish")
@tl.allow("events.edit")
def publish(slug: str, event_id: str) -> Shown:
    """Show it to everybody."""
    return _done(slug, event_id, services.publish)


@bp.post("/manage/<slug>/events/<event_id>/call-off")
@tl.allow("events.edit")
def call_off(slug: str, event_id: str) -> Shown:
    """Call all of it off; a draft goes for good."""
    form = ReasonForm()
    answer = _done(
        slug, event_id,
        lambda work, event: services.call_off_event(work, event, form.reason.data or ""),
        form=form,
    )  # fmt: skip
    return redirect(f"/manage/{slug}/events") if isinstance(answer, Response) else answer


@bp.post("/manage/<slug>/events/<event_id>/picture")
@tl.allow("events.edit")
def picture_submit(slug: str, event_id: str) -> Shown:
    """Give it a picture."""
    form = PictureForm()
    sent = request.files.get("photo")
    data = sent.read() if sent is not None else b""
    return _done(
        slug, event_id,
        lambda work, event: services.keep_picture(work, event, data, tl.texts_of(form, "alt")),
        "photo", form,
    )  # fmt: skip


@bp.post("/manage/<slug>/events/<event_id>/dates/<date_id>/call-off")
@tl.allow("events.edit")
def call_off_date(slug: str, event_id: str, date_id: str) -> Shown:
    """Call one date off."""
    form = ReasonForm()

    def act(work: tl.Work, event: Event) -> None:
        venue = work.session.get_one(tl.Venue, event.venue_id)
        view = queries.date_at(work, venue, date_id)
        services.call_off(work, view, form.reason.data or "")

    return _done(slug, event_id, act, form=form)


@bp.post("/manage/<slug>/events/<event_id>/dates/<date_id>/places")
@tl.allow("events.edit")
def places(slug: str, event_id: str, date_id: str) -> Shown:
    """Change how many places a date has."""
    form = CapacityForm()

    def act(work: tl.Work, event: Event) -> None:
        if not form.validate():
            raise tl.Invalid("invalid", say("Write a number."), "room")
        venue = work.session.get_one(tl.Venue, event.venue_id)
        view = queries.date_at(work, venue, date_id)
        for kind in view.sides:
            if view.sides[kind].is_open:
                services.set_capacity(work, view, kind, form[kind].data)

    return _done(slug, event_id, act)


@bp.post("/manage/<slug>/events/<event_id>/dates/<date_id>/mode")
@tl.allow("events.edit")
def switch(slug: str, event_id: str, date_id: str) -> Shown:
    """Hold a date in another way, or let fewer people into its room."""
    written = request.form

    def act(work: tl.Work, event: Event) -> None:
        venue = work.session.get_one(tl.Venue, event.venue_id)
        view = queries.date_at(work, venue, date_id)
        if mode := written.get("mode", ""):
            switching.switch(work, view, mode)
        if fewer := written.get("fewer", "").strip():
            if not (fewer.isascii() and fewer.isdigit() and len(fewer) < 7):
                raise tl.Invalid("invalid", say("Write a number."), "fewer")
            switching.fewer(work, queries.date_at(work, venue, date_id), int(fewer))

    return _done(slug, event_id, act)


@bp.post("/manage/<slug>/events/<event_id>/dates/<date_id>/meeting")
@tl.allow("events.edit")
def meeting(slug: str, event_id: str, date_id: str) -> Shown:
    """How the remote side of a date meets, and where its recording is."""
    written = request.form

    def act(work: tl.Work, event: Event) -> None:
        venue = work.session.get_one(tl.Venue, event.venue_id)
        view = queries.date_at(work, venue, date_id)
        meetings.choose(work, view, written.get("provider", ""), written.get("said", ""),
                        written.get("recording", ""))  # fmt: skip

    return _done(slug, event_id, act)
