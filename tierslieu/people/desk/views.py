"""Pages of a venue's desk: find or register somebody in ten seconds, and who works there."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.people import queries
from tierslieu.people.blueprint import bp
from tierslieu.people.desk import services
from tierslieu.people.desk.forms import PersonForm
from tierslieu.people.desk.queries import found_elsewhere, found_here
from tierslieu.people.places import Place, place_by_slug
from tierslieu.people.roles.queries import staff_of_venue
from tierslieu.people.roles.rules import ROLE_NAMES
from tierslieu.people.roles.services import Role, grant_role, withdraw_role
from tierslieu.web.limits import limit
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, reading, writing


def _place(work: Work, slug: str, permission: str = "people.find") -> Place:
    """The venue, for whoever works there; elsewhere its desk does not exist."""
    place = place_by_slug(work.session, slug)
    if not work.actor.may("people.find", venue=place.id):
        raise NotFound
    work.require(permission, venue=place.id)
    return place


@bp.get("/manage/<slug>/people")
@allow("people.find")
@limit("600/hour", methods=("GET",))
def desk_people(slug: str) -> Any:
    """Find by name, card, address or telephone; register whoever is not there."""
    text = request.args.get("text", "").strip()[:100]
    return _people_page(slug, text, PersonForm(formdata=None, name=_as_name(text)))


def _as_name(text: str) -> str:
    """What was looked for, when it reads like a name: it need not be typed twice."""
    return text if not any(char.isdigit() or char == "@" for char in text) else ""


def _people_page(slug: str, text: str, form: PersonForm) -> str:
    with reading() as work:
        place = _place(work, slug)
        return page(
            "people/desk_people.html",
            **desk(place),
            place=place,
            text=text,
            here=found_here(work.session, place.id, text),
            elsewhere=found_elsewhere(work.session, place.id, text),
            staff=staff_of_venue(work.session, place.id),
            may_grant=work.actor.may("roles.grant", venue=place.id),
            role_names=ROLE_NAMES,
            form=form,
        )


@bp.post("/manage/<slug>/people")
@allow("people.register")
def desk_people_submit(slug: str) -> Any:
    """Register somebody without an account."""
    form = PersonForm()
    if not form.validate():
        return _people_page(slug, "", form), 422
    try:
        with writing() as work:
            place = _place(work, slug, "people.register")
            person = services.register_person(
                work, place.id, form.name.data, form.email.data, form.phone.data
            )
    except Refusal as refusal:
        form.refuse(refusal)
        return _people_page(slug, "", form), refusal.status
    flash_message(msg("“%(name)s” is registered.", name=person.name))
    return redirect(url_for("people.desk_person", slug=slug, public_id=person.public_id))


@bp.post("/manage/<slug>/people/use")
@allow("people.register")
@limit("60/hour")
def desk_use_here(slug: str) -> Any:
    """Take up somebody known elsewhere; she is told."""
    text, public_id = request.form.get("text", ""), request.form.get("person", "")
    with writing() as work:
        place = _place(work, slug, "people.register")
        person = services.use_here(work, place.id, text, public_id)
    flash_message(msg("“%(name)s” can be found here now, and was told.", name=person.name))
    return redirect(url_for("people.desk_person", slug=slug, public_id=public_id))


@bp.get("/manage/<slug>/people/<public_id>")
@allow("people.read")
def desk_person(slug: str, public_id: str) -> Any:
    """One person of the venue: how to reach her; features add what she has here."""
    return _person_page(slug, public_id, None)


def _person_page(slug: str, public_id: str, form: PersonForm | None) -> str:
    with reading() as work:
        place = _place(work, slug, "people.read")
        person = queries.person_in_venue(work.session, public_id, place.id)
        if person is None:
            raise NotFound
        account = queries.account_of(work.session, person.id)
        resident = queries.is_resident(work.session, person.id, place.id)
    return page(
        "people/desk_person.html",
        **desk(place),
        place=place,
        person=person,
        has_account=account is not None,
        resident=resident,
        form=form or PersonForm(formdata=None, obj=person),
    )


@bp.post("/manage/<slug>/people/<public_id>/resident")
@allow("people.register")
def desk_resident(slug: str, public_id: str) -> Any:
    """Note whether she lives nearby: house rules may let residents book before others."""
    with writing() as work:
        place = _place(work, slug, "people.register")
        person = queries.person_in_venue(work.session, public_id, place.id)
        if person is None:
            raise NotFound
        resident = request.form.get("resident") == "1"
        services.set_resident(work, place.id, person, resident=resident)
    flash_message(msg("Saved."))
    return redirect(url_for("people.desk_person", slug=slug, public_id=public_id))


@bp.post("/manage/<slug>/people/<public_id>")
@allow("people.edit")
def desk_person_submit(slug: str, public_id: str) -> Any:
    """Correct name, telephone, address."""
    form = PersonForm()
    if not form.validate():
        return _person_page(slug, public_id, form), 422
    version = int(form.version.data) if str(form.version.data).isdigit() else 0
    facts = {"name": form.name.data, "email": form.email.data, "phone": form.phone.data}
    try:
        with writing() as work:
            place = _place(work, slug, "people.edit")
            services.edit_person(work, place.id, public_id, version, **facts)
    except Refusal as refusal:
        form.refuse(refusal)
        return _person_page(slug, public_id, form), refusal.status
    flash_message(msg("Saved."))
    return redirect(url_for("people.desk_person", slug=slug, public_id=public_id))


@bp.post("/manage/<slug>/people/<public_id>/desk")
@allow("roles.grant")
def desk_grant(slug: str, public_id: str) -> Any:
    """Let somebody work at the desk, or no longer."""
    with writing() as work:
        place = _place(work, slug, "roles.grant")
        person = queries.person_in_venue(work.session, public_id, place.id)
        if person is None:
            raise NotFound
        role = Role("venue_desk", venue=place.id)
        if request.form.get("verb") == "withdraw":
            withdraw_role(work, person.id, role)
        else:
            grant_role(work, person.id, role)
    flash_message(msg("Done."))
    return redirect(url_for("people.desk_people", slug=slug))
