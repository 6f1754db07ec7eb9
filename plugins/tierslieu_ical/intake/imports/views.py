"""Pages: bring an old calendar, look at what would become of it, have it made."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, request, url_for

import tierslieu.toolkit as tl
from tierslieu_ical.intake.external.queries import rooms_of
from tierslieu_ical.intake.imports import queries, services
from tierslieu_ical.intake.imports.forms import BringForm
from tierslieu_ical.intake.imports.models import Import
from tierslieu_ical.intake.reading import MOST_BYTES
from tierslieu_ical.intake.words import fate_words

bp = Blueprint("ical_imports", __name__)
msg = tl.sentences("tierslieu_ical")


@bp.get("/manage/<slug>/import")
@tl.allow("rooms.edit")
def bring(slug: str) -> str:
    """The form, and what was brought of late."""
    form = BringForm(formdata=None)
    form.room.data = request.args.get("room", "")
    return _form_page(slug, form)


@bp.post("/manage/<slug>/import")
@tl.allow("rooms.edit")
@tl.limit("60/hour")
def bring_submit(slug: str) -> Any:
    """Read a file; nothing is booked yet."""
    form = BringForm()
    try:
        with tl.writing() as work:
            venue = _offered(work, slug, form)
            if not form.validate():
                return _form_page(slug, form), 422
            room = next(
                each
                for each in rooms_of(work.session, venue.id)
                if each.public_id == form.room.data
            )
            row = services.bring(work, room, _brought(work, form))
    except tl.Refusal as refusal:
        form.refuse(refusal)
        return _form_page(slug, form), refusal.status
    return redirect(url_for("ical_imports.look", slug=slug, public_id=row.public_id), 303)


@bp.get("/manage/<slug>/import/<public_id>")
@tl.allow("rooms.edit")
def look(slug: str, public_id: str) -> str:
    """Every event with its fate."""
    return _look_page(slug, public_id)


@bp.post("/manage/<slug>/import/<public_id>")
@tl.allow("rooms.edit")
def make(slug: str, public_id: str) -> Any:
    """Have the chosen events made."""
    try:
        with tl.writing() as work:
            services.make(work, _one(work, slug, public_id), request.form.getlist("chosen"))
    except tl.Refusal as refusal:
        tl.flash_message(refusal.reasons[0].message, "error")
    return redirect(url_for("ical_imports.look", slug=slug, public_id=public_id), 303)


def _one(work: tl.Work, slug: str, public_id: str) -> Import:
    venue = tl.desk_of(work, slug, "rooms.edit")
    found = queries.import_by_id(work.session, venue.id, public_id)
    if found is None:
        raise tl.NotFound
    return found


def _offered(work: tl.Work, slug: str, form: BringForm) -> tl.Venue:
    venue = tl.desk_of(work, slug, "rooms.edit")
    asked = sa.select(tl.Organisation).where(tl.Organisation.state == "accepted")
    bodies = work.session.scalars(asked.order_by(tl.Organisation.name))
    form.offer(rooms_of(work.session, venue.id), bodies)
    return venue


def _brought(work: tl.Work, form: BringForm) -> services.Brought:
    sent = form.file.data
    return services.Brought(
        name=str(sent.filename or ""),
        data=sent.read(MOST_BYTES + 1),
        until=form.until.data,
        organisation_id=queries.body_by_id(work.session, form.organisation.data or ""),
        person_id=queries.person_by_email(work.session, form.email.data or ""),
        override=form.override.data or "",
    )


def _form_page(slug: str, form: BringForm) -> str:
    with tl.reading() as work:
        venue = _offered(work, slug, form)
        brought = queries.imports_of(work.session, venue.id)
        return tl.page("ical/import.html", **tl.desk(venue), venue=venue, form=form,
                       brought=brought)  # fmt: skip


def _look_page(slug: str, public_id: str) -> str:
    with tl.reading() as work:
        row = _one(work, slug, public_id)
        venue = tl.desk_of(work, slug, "rooms.edit")
        looking = row.state == "looking"
        return tl.page(
            "ical/import_look.html",
            **tl.desk(venue),
            venue=venue,
            row=row,
            room=work.session.get_one(tl.Room, row.room_id),
            fates=queries.fates(work, row) if looking else [],
            items=queries.items(row),
            fate_words=fate_words,
        )
