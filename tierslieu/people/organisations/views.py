"""Pages about organisations: one's own, an invitation, and the network's list."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.people.accounts.forms import SureForm
from tierslieu.people.blueprint import bp, my_page
from tierslieu.people.organisations import queries, services
from tierslieu.people.organisations.forms import InviteForm, OrganisationForm, ProposeForm
from tierslieu.people.organisations.rules import KINDS
from tierslieu.web.limits import limit
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import SIGNED_IN, allow, reading, writing

STATES = {
    "proposed": msg("Waiting for the network’s answer"),
    "accepted": msg("Active"),
    "refused": msg("Not taken in"),
    "closed": msg("Closed"),
}


@bp.get("/me/organisations")
@allow(SIGNED_IN)
def me_organisations() -> Any:
    """Organisations one is in, and the form to propose another."""
    return _own_page(ProposeForm(formdata=None))


def _own_page(form: ProposeForm) -> str:
    with reading() as work:
        rows = queries.belonged_to(work.session, work.actor.person_id or 0)
    return my_page("people/me_organisations.html", rows=rows, form=form, states=STATES, kinds=KINDS)


@bp.post("/me/organisations")
@allow("organisations.create")
@limit("10/hour")
def me_organisations_submit() -> Any:
    """Propose an organisation to the network."""
    form = ProposeForm()
    if not form.validate():
        return _own_page(form), 422
    try:
        with writing() as work:
            services.propose(work, **_facts(form), function=form.function.data)
    except Refusal as refusal:
        form.refuse(refusal)
        return _own_page(form), refusal.status
    flash_message(msg("Sent. You get a mail when the network has answered."))
    return redirect(url_for("people.me_organisations"))


def _invite() -> InviteForm:
    """The empty form; its names must not meet those of the other form on the page."""
    return InviteForm(formdata=None, prefix="invite")


def _facts(form: OrganisationForm) -> dict[str, str]:
    names = ("name", "kind", "tax_code", "email", "phone")
    return {name: form[name].data or "" for name in names}


@bp.get("/me/organisations/<public_id>")
@allow("organisations.edit")
def me_organisation(public_id: str) -> Any:
    """One organisation as its admins see it."""
    return _body_page(public_id, None, _invite())


def _body_page(public_id: str, form: OrganisationForm | None, invite: InviteForm) -> str:
    with reading() as work:
        body = queries.organisation_by_public_id(work.session, public_id)
        if body is None or not work.actor.may("organisations.edit", organisation=body.id):
            raise NotFound
        people = queries.people_in(work.session, body.id)
    shown = form or OrganisationForm(formdata=None, obj=body)
    return my_page(
        "people/me_organisation.html", body=body, people=people, form=shown, invite=invite
    )


@bp.post("/me/organisations/<public_id>")
@allow("organisations.edit")
def me_organisation_submit(public_id: str) -> Any:
    """Change an organisation's facts."""
    form = OrganisationForm()
    if not form.validate():
        return _body_page(public_id, form, _invite()), 422
    version = int(form.version.data) if str(form.version.data).isdigit() else 0
    try:
        with writing() as work:
            services.edit_organisation(work, public_id, version, **_facts(form))
    except Refusal as refusal:
        form.refuse(refusal)
        return _body_page(public_id, form, _invite()), refusal.status
    flash_message(msg("Saved."))
    return redirect(url_for("people.me_organisation", public_id=public_id))


@bp.post("/me/organisations/<public_id>/invite")
@allow("organisations.edit")
@limit("20/hour")
def me_organisation_invite(public_id: str) -> Any:
    """Invite whoever has an account with an address."""
    form = InviteForm(prefix="invite")
    try:
        if not form.validate():
            return _body_page(public_id, None, form), 422
        with writing() as work:
            services.invite(work, public_id, form.email.data, form.function.data)
    except Refusal as refusal:
        form.refuse(refusal)
        return _body_page(public_id, None, form), refusal.status
    flash_message(msg("If somebody has an account with this address, an invitation is on its way."))
    return redirect(url_for("people.me_organisation", public_id=public_id))


@bp.post("/me/organisations/<public_id>/remove")
@allow(SIGNED_IN)
def me_organisation_remove(public_id: str) -> Any:
    """Take somebody out, or leave."""
    with writing() as work:
        services.remove_person(work, public_id, request.form.get("person", ""))
    flash_message(msg("Done. Bookings made in its name stay with it."))
    return redirect(url_for("people.me_organisations"))


@bp.get("/me/organisations/join/<token>")
@allow(SIGNED_IN)
def me_organisation_join(token: str) -> Any:
    """What an invitation is about, and the press that takes it up."""
    try:
        with reading() as work:
            body = services.invitation(work, token)
    except Refusal as refusal:
        return page("people/link_over.html", purpose="join"), refusal.status
    return my_page("people/join.html", body=body, form=SureForm())


@bp.post("/me/organisations/join/<token>")
@allow(SIGNED_IN)
def me_organisation_join_submit(token: str) -> Any:
    """Take up an invitation."""
    try:
        with writing() as work:
            body = services.join(work, token)
    except Refusal as refusal:
        return page("people/link_over.html", purpose="join"), refusal.status
    flash_message(msg("You can book in the name of “%(name)s” now.", name=body.name))
    return redirect(url_for("people.me_organisations"))


@bp.get("/admin/organisations")
@allow("network.edit")
def admin_organisations() -> Any:
    """Every organisation; those that wait for an answer first."""
    state, text = request.args.get("state", ""), request.args.get("text", "")
    with reading() as work:
        waiting = queries.organisations(work.session, state="proposed")
        rows = queries.organisations(work.session, state=state or None, text=text[:100])
    return page(
        "people/admin_organisations.html",
        waiting=waiting,
        rows=rows,
        asked={"state": state, "text": text},
        states=STATES,
        kinds=KINDS,
    )


@bp.post("/admin/organisations/<public_id>/answer")
@allow("network.edit")
def admin_organisation_answer(public_id: str) -> Any:
    """Take in, turn down, or close an organisation."""
    verb = request.form.get("verb", "")
    with writing() as work:
        if verb == "accept":
            services.accept(work, public_id)
        elif verb == "refuse":
            services.refuse_organisation(work, public_id, request.form.get("reason", ""))
        elif verb == "close":
            services.close_organisation(work, public_id)
        else:
            raise NotFound
    flash_message(msg("Done."))
    return redirect(url_for("people.admin_organisations"))
