"""Pages of the network: people and their roles."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from wtforms import SelectChoice

from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.people import queries
from tierslieu.people.blueprint import bp
from tierslieu.people.models import Person
from tierslieu.people.places import place_by_slug, place_names, places
from tierslieu.people.privacy.services import erase
from tierslieu.people.roles import services
from tierslieu.people.roles.forms import GrantForm
from tierslieu.people.roles.queries import found_people, grants_of_people
from tierslieu.people.roles.rules import ROLE_NAMES
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import allow, reading, writing


@bp.get("/admin/people")
@allow("network.edit")
def admin_people() -> Any:
    """Find anybody; without a question, whoever has a role."""
    text = request.args.get("text", "")[:100]
    with reading() as work:
        people = found_people(work.session, text)
        grants = grants_of_people(work.session, [person.id for person in people])
        venues = {each.venue_id for row in grants.values() for each in row if each.venue_id}
        named = place_names(work.session, venues)
    return page(
        "people/admin_people.html",
        people=people,
        grants=grants,
        venues=named,
        text=text,
        role_names=ROLE_NAMES,
    )


@bp.get("/admin/people/<public_id>")
@allow("network.edit")
def admin_person(public_id: str) -> Any:
    """One person; looking is noted in the journal."""
    with writing() as work:
        person = _person(work, public_id)
        work.audit("person.read", f"person:{public_id}", person=person.id)
    return _person_page(public_id, GrantForm(formdata=None))


def _person(work: Work, public_id: str) -> Person:
    person = queries.person_by_public_id(work.session, public_id)
    if person is None:
        raise NotFound
    return person


def _person_page(public_id: str, form: GrantForm) -> str:
    with reading() as work:
        person = _person(work, public_id)
        account = queries.account_of(work.session, person.id)
        grants = grants_of_people(work.session, [person.id])[person.id]
        seen_by = places(work.session, queries.venues_of(work.session, person.id))
        everywhere = places(work.session)
    form.venue.choices = [
        SelectChoice("", "–"),
        *(SelectChoice(place.slug, place.name) for place in everywhere),
    ]
    return page(
        "people/admin_person.html",
        person=person,
        account=account,
        grants=grants,
        seen_by=seen_by,
        venues={place.id: place for place in everywhere},
        role_names=ROLE_NAMES,
        form=form,
    )


@bp.post("/admin/people/<public_id>/grant")
@allow("network.edit")
def admin_grant(public_id: str) -> Any:
    """Give a role."""
    form = GrantForm()
    if not form.validate():
        return _person_page(public_id, form), 422
    try:
        with writing() as work:
            person = _person(work, public_id)
            role = _role(work, form.role.data, form.venue.data)
            days = {"starts_on": form.starts_on.data, "ends_on": form.ends_on.data}
            services.grant_role(work, person.id, role, **days)
    except Refusal as refusal:
        form.refuse(refusal)
        return _person_page(public_id, form), refusal.status
    flash_message(msg("Given. It counts from her next page on."))
    return redirect(url_for("people.admin_person", public_id=public_id))


def _role(work: Work, name: str, slug: str | None) -> services.Role:
    if not name.startswith("venue_"):
        return services.Role(name)
    return services.Role(name, venue=place_by_slug(work.session, slug or "").id)


@bp.post("/admin/people/<public_id>/withdraw")
@allow("network.edit")
def admin_withdraw(public_id: str) -> Any:
    """Take a role away."""
    try:
        with writing() as work:
            person = _person(work, public_id)
            role = _role(work, request.form.get("role", ""), request.form.get("venue"))
            services.withdraw_role(work, person.id, role)
    except Refusal as refusal:
        form = GrantForm(formdata=None)
        form.form_errors = []
        form.refuse(refusal)
        return _person_page(public_id, form), refusal.status
    flash_message(msg("Taken away."))
    return redirect(url_for("people.admin_person", public_id=public_id))


@bp.post("/admin/people/<public_id>/account")
@allow("network.edit")
def admin_account(public_id: str) -> Any:
    """Suspend an account, give it back, or erase the person."""
    verbs = {"suspend": services.suspend, "reinstate": services.reinstate, "erase": erase}
    verb = verbs.get(request.form.get("verb", ""))
    if verb is None:
        raise NotFound
    try:
        with writing() as work:
            verb(work, _person(work, public_id).id)
    except Refusal as refusal:
        form = GrantForm(formdata=None)
        form.form_errors = []
        form.refuse(refusal)
        return _person_page(public_id, form), refusal.status
    flash_message(msg("Done."))
    erased = request.form.get("verb") == "erase"
    return redirect(
        url_for("people.admin_people")
        if erased
        else url_for("people.admin_person", public_id=public_id)
    )
