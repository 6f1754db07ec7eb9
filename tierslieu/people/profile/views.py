"""My page, and what one changes about oneself."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for

from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import msg
from tierslieu.people.blueprint import bp, my_page
from tierslieu.people.desk.services import edit_profile
from tierslieu.people.models import Person
from tierslieu.people.organisations.queries import organisations_of
from tierslieu.people.profile.forms import ProfileForm
from tierslieu.web.pages import flash_message
from tierslieu.web.requests import (
    LANGUAGE_COOKIE,
    SIGNED_IN,
    allow,
    current_actor,
    reading,
    writing,
)


@bp.get("/me")
@allow(SIGNED_IN)
def me() -> Any:
    """What is next, and everything of one's own; features add their sections as panels."""
    with reading() as work:
        person = work.session.get_one(Person, work.actor.person_id)
        bodies = organisations_of(work.session, person.id, work.now.date())
    return my_page("people/me.html", person=person, organisations=bodies)


@bp.get("/me/profile")
@allow(SIGNED_IN)
def me_profile() -> Any:
    """Name, telephone, language; the ways to change address and password."""
    with reading() as work:
        person = work.session.get_one(Person, work.actor.person_id)
    form = ProfileForm(formdata=None, obj=person)
    return my_page("people/me_profile.html", form=form, person=person)


@bp.post("/me/profile")
@allow("people.edit")
def me_profile_submit() -> Any:
    """Change name, telephone and language."""
    form = ProfileForm()
    with reading() as work:
        person = work.session.get_one(Person, current_actor().person_id)
    if not form.validate():
        return my_page("people/me_profile.html", form=form, person=person), 422
    try:
        with writing() as work:
            version = int(form.version.data) if str(form.version.data).isdigit() else 0
            edit_profile(
                work,
                version,
                name=form.name.data,
                phone=form.phone.data,
                locale=form.locale.data,
            )
    except Refusal as refusal:
        form.refuse(refusal)
        return my_page("people/me_profile.html", form=form, person=person), refusal.status
    flash_message(msg("Saved."))
    response = redirect(url_for("people.me_profile"))
    response.delete_cookie(LANGUAGE_COOKIE)
    return response
