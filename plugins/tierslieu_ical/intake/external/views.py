"""Pages: the calendars elsewhere that keep rooms of a venue busy."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for

import tierslieu.toolkit as tl
from tierslieu_ical.intake.external import queries, services
from tierslieu_ical.intake.external.forms import ExternalForm
from tierslieu_ical.intake.external.models import External
from tierslieu_ical.intake.words import problem

bp = Blueprint("ical_external", __name__)
msg = tl.sentences("tierslieu_ical")


@bp.get("/manage/<slug>/calendars")
@tl.allow("rooms.edit")
def calendars(slug: str) -> str:
    """The calendars of a venue's rooms, how reading them went, and what collides."""
    form = ExternalForm(formdata=None)
    form.room.data = request.args.get("room", "")
    return _page(slug, form)


@bp.post("/manage/<slug>/calendars")
@tl.allow("rooms.edit")
@tl.limit("60/hour")
def calendar_add(slug: str) -> Any:
    """Add one."""
    form = ExternalForm()
    try:
        with tl.writing() as work:
            venue = tl.desk_of(work, slug, "rooms.edit")
            rooms = queries.rooms_of(work.session, venue.id)
            form.offer(rooms)
            if not form.validate():
                return _page(slug, form), 422
            room = next(each for each in rooms if each.public_id == form.room.data)
            services.add(work, room, form.name.data or "", form.address.data or "")
    except tl.Refusal as refusal:
        form.refuse(refusal)
        return _page(slug, form), refusal.status
    tl.flash_message(msg("It is being read; look again in a minute."))
    return redirect(url_for("ical_external.calendars", slug=slug), 303)


@bp.post("/manage/<slug>/calendars/<public_id>/read")
@tl.allow("rooms.edit")
@tl.limit("60/hour")
def calendar_read(slug: str, public_id: str) -> Any:
    """Read it now."""
    with tl.writing() as work:
        services.read_now(work, _one(work, slug, public_id))
    tl.flash_message(msg("It is being read; look again in a minute."))
    return redirect(url_for("ical_external.calendars", slug=slug), 303)


@bp.post("/manage/<slug>/calendars/<public_id>/remove")
@tl.allow("rooms.edit")
def calendar_remove(slug: str, public_id: str) -> Any:
    """Remove it, with what it takes."""
    with tl.writing() as work:
        services.remove(work, _one(work, slug, public_id))
    tl.flash_message(msg("Removed: what it kept busy is free again."))
    return redirect(url_for("ical_external.calendars", slug=slug), 303)


def _one(work: tl.Work, slug: str, public_id: str) -> External:
    venue = tl.desk_of(work, slug, "rooms.edit")
    found = queries.calendar_by_id(work.session, venue.id, public_id)
    if found is None:
        raise tl.NotFound
    return found


def _page(slug: str, form: ExternalForm) -> str:
    with tl.reading() as work:
        venue = tl.desk_of(work, slug, "rooms.edit")
        form.offer(queries.rooms_of(work.session, venue.id))
        return tl.page(
            "ical/external.html",
            **tl.desk(venue),
            venue=venue,
            form=form,
            calendars=queries.calendars_of(work.session, venue.id, work.now),
            collisions=queries.collisions(work.session, venue.id, work.now),
            problem=problem,
        )
