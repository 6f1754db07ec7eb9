"""The pages on which a manager keeps the things of a venue."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import redirect, url_for

from tierslieu.bookings.accessories import services
from tierslieu.bookings.accessories.managing import ThingForm, thing_form
from tierslieu.bookings.accessories.models import Accessory
from tierslieu.bookings.accessories.queries import accessories_of, rules_of
from tierslieu.bookings.desk.gate import desk_of
from tierslieu.bookings.member.own import version_of
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue
from tierslieu.venues.queries import network
from tierslieu.venues.rooms.queries import rooms_of
from tierslieu.web.forms import texts_rows
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, reading, writing


@bp.get("/manage/<slug>/things")
@allow("rooms.edit")
def things(slug: str) -> str:
    """All things of a venue."""
    with reading() as work:
        venue = desk_of(work, slug, "rooms.edit")
        rows = accessories_of(work.session, venue.id)
        values = {"venue": venue, "rows": rows, "currency": network(work.session).currency}
        return page("bookings/things.html", **values, **desk(venue))


@bp.get("/manage/<slug>/things/new")
@allow("rooms.edit")
def thing_new(slug: str) -> str:
    """A form for a new thing."""
    with reading() as work:
        venue = desk_of(work, slug, "rooms.edit")
        return _page(work, venue, None, _form(work, venue, None, sent=False))


@bp.post("/manage/<slug>/things/new")
@allow("rooms.edit")
def thing_new_submit(slug: str) -> Any:
    """Add a thing."""
    return _save(slug, None)


@bp.get("/manage/<slug>/things/<public_id>")
@allow("rooms.edit")
def thing(slug: str, public_id: str) -> str:
    """One thing, and what each room says of it."""
    with reading() as work:
        venue = desk_of(work, slug, "rooms.edit")
        row = _thing(work, venue, public_id)
        return _page(work, venue, row, _form(work, venue, row, sent=False))


@bp.post("/manage/<slug>/things/<public_id>")
@allow("rooms.edit")
def thing_submit(slug: str, public_id: str) -> Any:
    """Save a thing; what is booked stays."""
    return _save(slug, public_id)


def _save(slug: str, public_id: str | None) -> Any:
    with reading() as work:
        venue = desk_of(work, slug, "rooms.edit")
        row = _thing(work, venue, public_id) if public_id else None
        form = _form(work, venue, row, sent=True)
        if not form.validate():
            return _page(work, venue, row, form), 422
    try:
        with writing() as work:
            _put(work, venue, row, form)
    except Refusal as refusal:
        form.refuse(refusal, {"version": "", "name_it": "name_it"})
        with reading() as work:
            return _page(work, venue, row, form), refusal.status
    flash_message(msg("Saved. Bookings that were made stay as they are."))
    return redirect(url_for("bookings.things", slug=slug), 303)


def _put(work: Work, venue: Venue, row: Accessory | None, form: ThingForm) -> None:
    seen = version_of(form.version.data) or 0
    saved = services.put_accessory(work, venue.id, form.said(), row.id if row else None, seen)
    for rule in form.rules():
        services.put_room_rule(work, saved, rule)


def _thing(work: Work, venue: Venue, public_id: str) -> Accessory:
    question = sa.select(Accessory).where(
        Accessory.public_id == public_id, Accessory.venue_id == venue.id
    )
    found = work.session.scalar(question)
    if found is None:
        raise NotFound
    return found


def _form(work: Work, venue: Venue, row: Accessory | None, *, sent: bool) -> ThingForm:
    rules = rules_of(work.session, row.id) if row else {}
    return thing_form(rooms_of(work.session, venue.id), row, rules, sent=sent)


def _page(work: Work, venue: Venue, row: Accessory | None, form: ThingForm) -> str:
    values = {"venue": venue, "row": row, "form": form, "name_rows": texts_rows(form, "name")}
    return page("bookings/thing.html", **values, **desk(venue))
