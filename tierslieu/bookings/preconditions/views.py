"""Pages of preconditions: asked for by the manager, noted at the desk, declared by oneself."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from tierslieu.bookings.desk.gate import desk_of
from tierslieu.bookings.preconditions import queries, services
from tierslieu.bookings.preconditions.forms import GrantForm, NeedForm
from tierslieu.bookings.preconditions.services import Grant, NeedValues
from tierslieu.bookings.preconditions.words import KIND_WORDS
from tierslieu.bookings.terms.places import Whose, of_network, of_venue
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person
from tierslieu.people.organisations.queries import organisation_by_public_id, organisations_of
from tierslieu.people.queries import person_in_venue
from tierslieu.venues.models import Venue
from tierslieu.web.forms import fill_texts, texts_of, texts_rows
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import SIGNED_IN, allow, reading, writing


@bp.get("/manage/<slug>/preconditions")
@allow("policies.edit")
def desk_preconditions(slug: str) -> str:
    """What one must have to book at a venue."""
    with reading() as work:
        return _page(work, of_venue(work, slug))


@bp.get("/admin/preconditions")
@allow("network.edit")
def admin_preconditions() -> str:
    """What one must have to book anywhere."""
    with reading() as work:
        return _page(work, of_network(work))


def _page(work: Work, whose: Whose, form: NeedForm | None = None) -> str:
    venue_id = whose.venue.id if whose.venue else None
    rows = queries.asked_in(work.session, venue_id)
    edited = request.values.get("need", "")
    chosen = queries.own_need(work.session, venue_id, edited) if edited else None
    if form is None:
        form = NeedForm(formdata=None, kind=chosen.kind if chosen else "training",
                        version=chosen.version if chosen else 0)  # fmt: skip
        form.may_declare.data = bool(chosen and chosen.may_declare)
        form.rooms.data = [r.public_id for r in whose.rooms if chosen and r.id in chosen.rooms]
        for name in ("label", "how"):
            fill_texts(form, name, getattr(chosen, name) if chosen else None)
    form.prepare([(room.public_id, room.name) for room in whose.rooms])
    return page(
        "bookings/preconditions.html", **whose.around(), whose=whose, venue=whose.venue,
        rows=rows, form=form, chosen=chosen, kinds=KIND_WORDS,
        room_names={room.id: room.name for room in whose.rooms},
        labels=texts_rows(form, "label"), hows=texts_rows(form, "how"),
    )  # fmt: skip


@bp.post("/manage/<slug>/preconditions")
@allow("policies.edit")
def desk_preconditions_save(slug: str) -> Any:
    """Ask for something at a venue, change it, or ask for it no longer."""
    with reading() as work:
        whose = of_venue(work, slug)
    return _saved(whose)


@bp.post("/admin/preconditions")
@allow("network.edit")
def admin_preconditions_save() -> Any:
    """The same for the whole network."""
    with reading() as work:
        whose = of_network(work)
    return _saved(whose)


def _saved(whose: Whose) -> Any:
    venue_id = whose.venue.id if whose.venue else None
    if request.form.get("verb") == "retire":
        with writing() as work:
            services.retire_need(work, venue_id, request.form.get("need", ""))
        flash_message(msg("It is no longer asked for."))
        return redirect(whose.url("preconditions"), 303)
    form = NeedForm()
    form.prepare([(room.public_id, room.name) for room in whose.rooms])
    if form.validate():
        try:
            _put(whose, venue_id, form)
            flash_message(msg("Saved. Bookings already made stay as they are."))
            return redirect(whose.url("preconditions"), 303)
        except Refusal as refusal:
            form.refuse(refusal, {"label": "label_it"})
    with reading() as work:
        return _page(work, whose, form), 422


def _put(whose: Whose, venue_id: int | None, form: NeedForm) -> None:
    chosen = {room.public_id: room.id for room in whose.rooms}
    values = NeedValues(
        form.kind.data,
        texts_of(form, "label"),
        texts_of(form, "how"),
        tuple(chosen[each] for each in form.rooms.data or () if each in chosen),
        bool(form.may_declare.data),
    )
    seen = int(form.version.data) if str(form.version.data).isdigit() else None
    with writing() as work:
        services.put_need(work, venue_id, values, request.form.get("need") or None, seen)


# -- at the desk ---------------------------------------------------------------------------------


def grant_form(work: Work, venue_id: int, person: Person) -> GrantForm | None:
    """The form on a person's page; None where nothing is asked for."""
    needs = queries.asked_at(work.session, venue_id)
    if not needs:
        return None
    form = GrantForm(formdata=None)
    bodies = organisations_of(work.session, person.id, work.now.date())
    form.prepare(needs, [(body.public_id, body.name) for body in bodies])
    return form


@bp.post("/manage/<slug>/people/<public_id>/qualifications")
@allow("people.register")
def desk_qualify(slug: str, public_id: str) -> Any:
    """Note that she has it, or owes."""
    form = GrantForm()
    back = url_for("people.desk_person", slug=slug, public_id=public_id)
    try:
        with writing() as work:
            venue, person = _of(work, slug, public_id)
            bodies = organisations_of(work.session, person.id, work.now.date())
            needs = queries.asked_at(work.session, venue.id)
            form.prepare(needs, [(body.public_id, body.name) for body in bodies])
            if not form.validate():
                flash_message(msg("Look at the days: write them like 2026-11-28."), "error")
                return redirect(back + "#qualifications", 303)
            services.grant(work, venue.id, _granted(work, form, person))
    except Refusal as refusal:
        flash_message(refusal.reasons[0].message, "error")
        return redirect(back + "#qualifications", 303)
    flash_message(msg("Noted."))
    return redirect(back, 303)


def _granted(work: Work, form: GrantForm, person: Person) -> Grant:
    body = None
    if form.whose.data:
        body = organisation_by_public_id(work.session, form.whose.data)
    return Grant(
        form.need.data,
        person.id,
        body.id if body else None,
        form.from_on.data,
        form.until_on.data,
        form.note.data or "",
    )


def _of(work: Work, slug: str, public_id: str) -> tuple[Venue, Person]:
    venue = desk_of(work, slug, "people.register")
    person = person_in_venue(work.session, public_id, venue.id)
    if person is None:
        raise NotFound
    return venue, person


@bp.post("/manage/<slug>/people/<public_id>/qualifications/revoke")
@allow("people.register")
def desk_unqualify(slug: str, public_id: str) -> Any:
    """Take back what was noted of her."""
    with writing() as work:
        venue, person = _of(work, slug, public_id)
        services.revoke(work, venue.id, request.form.get("qualification", ""), {person.id})
    flash_message(msg("Taken back."))
    return redirect(url_for("people.desk_person", slug=slug, public_id=public_id), 303)


@bp.post("/me/declare")
@allow(SIGNED_IN)
def me_declare() -> Any:
    """She says of herself that she is of age."""
    with writing() as work:
        services.declare(work, request.form.get("need", ""))
    flash_message(msg("Noted."))
    return redirect(url_for("people.me"), 303)
