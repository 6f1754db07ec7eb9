"""The board on which keys hang: who has which, and what codes there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, url_for

from tierslieu.bookings.desk.gate import desk_of
from tierslieu.bookings.preparation import keys as verbs
from tierslieu.bookings.preparation import queries
from tierslieu.bookings.preparation.forms import GiveForm, KeyForm
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue
from tierslieu.venues.rooms.queries import rooms_of
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, reading, writing


@bp.get("/manage/<slug>/keys")
@allow("today.read")
def keys(slug: str) -> str:
    """Every key and code, and who has it."""
    return _board(slug)


def _board(
    slug: str, form: KeyForm | None = None, giving: GiveForm | None = None, about: str = ""
) -> str:
    with reading() as work:
        venue = desk_of(work, slug)
        rooms = rooms_of(work.session, venue.id)
        shown = form or KeyForm(formdata=None)
        shown.prepare(rooms)
        return page(
            "bookings/keys.html",
            **desk(venue),
            venue=venue,
            now=work.now,
            form=shown,
            giving=giving or GiveForm(formdata=None),
            about=about,
            board=queries.keys_of(work.session, venue.id),
            rooms={room.id: room.name for room in rooms},
            may=lambda permission: work.actor.may(permission, venue=venue.id),
        )


@bp.post("/manage/<slug>/keys")
@allow("rooms.edit")
def key_submit(slug: str) -> Any:
    """Write a new key or code."""
    form = KeyForm()
    with reading() as work:
        form.prepare(rooms_of(work.session, desk_of(work, slug, "rooms.edit").id))
    if not form.validate():
        return _board(slug, form), 422
    values = verbs.KeyValues(
        form.label.data, form.kind.data, form.room.data, form.code.data or "",
        24 if form.hours.data is None else form.hours.data,
    )  # fmt: skip
    try:
        with writing() as work:
            verbs.save_key(work, desk_of(work, slug, "rooms.edit").id, values)
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _board(slug, form), refusal.status
    flash_message(msg("Saved."))
    return redirect(url_for("bookings.keys", slug=slug), 303)


@bp.post("/manage/<slug>/keys/<public_id>/give")
@allow("bookings.check_in")
def key_give(slug: str, public_id: str) -> Any:
    """Put a key into somebody's hands."""
    form = GiveForm()
    if not form.validate():
        return _board(slug, giving=form, about=public_id), 422
    reference, holder = form.reference.data or "", form.holder.data or ""
    try:
        with writing() as work:
            venue = desk_of(work, slug, "bookings.check_in")
            verbs.give(work, venue.id, public_id, reference=reference, holder=holder)
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _board(slug, giving=form, about=public_id), refusal.status
    flash_message(msg("Noted: the key is handed over."))
    return redirect(url_for("bookings.keys", slug=slug), 303)


@bp.post("/manage/<slug>/keys/<public_id>/back")
@allow("bookings.check_in")
def key_back(slug: str, public_id: str) -> Any:
    """The key is back."""

    def back(work: Work, venue: Venue) -> Message:
        verbs.take_back(work, venue.id, public_id)
        return msg("Noted: the key is back.")

    return _done(slug, "bookings.check_in", back)


@bp.post("/manage/<slug>/keys/<public_id>/retire")
@allow("rooms.edit")
def key_retire(slug: str, public_id: str) -> Any:
    """The key or code is used no more."""

    def retire(work: Work, venue: Venue) -> Message:
        verbs.retire_key(work, venue.id, public_id)
        return msg("It is used no more.")

    return _done(slug, "rooms.edit", retire)


def _done(slug: str, permission: str, act: Callable[[Work, Venue], Message]) -> Any:
    try:
        with writing() as work:
            flash_message(act(work, desk_of(work, slug, permission)))
    except NotFound:
        raise
    except Refusal as refusal:
        flash_message(refusal.reasons[0].message, "error")
    return redirect(url_for("bookings.keys", slug=slug), 303)
