"""Organisations: proposed by anybody with an account, accepted by the network, run by their own."""

from __future__ import annotations

import sqlalchemy as sa

from tierslieu.kernel import mail
from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import clean
from tierslieu.kernel.work import Work
from tierslieu.people import queries
from tierslieu.people.accounts import links
from tierslieu.people.accounts.rules import clean_name, clean_phone
from tierslieu.people.models import Account, Organisation, OrganisationPerson, Person, RoleGrant
from tierslieu.people.organisations.queries import membership_of, organisation_by_public_id
from tierslieu.people.organisations.rules import clean_kind
from tierslieu.people.roles.services import Role, give
from tierslieu.people.rules import account_email


def create_organisation(
    work: Work,
    name: str,
    kind: str = "association",
    *,
    tax_code: str = "",
    email: str = "",
    phone: str = "",
) -> Organisation:
    """Take in an organisation at once (network admin, demo, import)."""
    work.require("organisations.edit")
    made = _add(work, "accepted", name, kind, tax_code, email, phone)
    work.audit("organisation.created", _subject(made), organisation=made.id)
    return made


def propose(
    work: Work,
    name: str,
    kind: str = "association",
    *,
    function: str = "",
    tax_code: str = "",
    email: str = "",
    phone: str = "",
) -> Organisation:
    """Ask the network to take in an organisation; whoever asks becomes its first admin then."""
    work.require("organisations.create")
    waiting = work.session.scalar(
        sa.select(sa.func.count(Organisation.id))
        .join(OrganisationPerson, OrganisationPerson.organisation_id == Organisation.id)
        .where(
            OrganisationPerson.person_id == work.actor.person_id, Organisation.state == "proposed"
        )
    )
    if (waiting or 0) >= 5:
        sentence = msg("You have proposed several already. Wait until they are answered.")
        raise Conflict(Reason("too_many_proposed", sentence, kind="state"))
    made = _add(work, "proposed", name, kind, tax_code, email, phone)
    work.session.add(
        OrganisationPerson(
            organisation_id=made.id,
            person_id=work.actor.person_id,
            function=clean(function, field="function")[:100],
        )
    )
    work.audit("organisation.proposed", _subject(made), organisation=made.id)
    return made


def _add(
    work: Work, state: str, name: str, kind: str, tax_code: str, email: str, phone: str
) -> Organisation:
    made = Organisation(state=state, created_at=work.now)
    _fill(made, name, kind, tax_code, email, phone)
    work.session.add(made)
    work.session.flush()
    return made


def _fill(body: Organisation, name: str, kind: str, tax_code: str, email: str, phone: str) -> None:
    body.name = clean_name(name)
    body.kind = clean_kind(kind)
    body.tax_code = clean(tax_code, field="tax_code")[:64] or None
    body.email = account_email(email) if email.strip() else None
    body.phone = clean_phone(phone)


def edit_organisation(
    work: Work,
    public_id: str,
    version: int,
    *,
    name: str,
    kind: str,
    tax_code: str = "",
    email: str = "",
    phone: str = "",
) -> Organisation:
    """Change an organisation's facts. Raises `Conflict` (``changed_meanwhile``), `Refused`."""
    body = _mine(work, public_id)
    if body.version != version:
        sentence = msg("Somebody changed this while you were looking at it.")
        raise Conflict(Reason("changed_meanwhile", sentence, kind="state"))
    _fill(body, name, kind, tax_code, email, phone)
    body.version += 1
    work.audit("organisation.changed", _subject(body), organisation=body.id)
    return body


def accept(work: Work, public_id: str) -> Organisation:
    """Take in a proposed organisation; who proposed it becomes its admin and is told."""
    body = _answer(work, public_id, "accepted")
    for person in _people(work, body.id):
        give(work, person.id, Role("organisation_admin", organisation=body.id))
        _tell(
            work,
            person,
            msg("“%(name)s” was taken in", name=body.name),
            [
                msg("You can book in its name from now on, and invite others who may."),
            ],
        )
    return body


def refuse_organisation(work: Work, public_id: str, reason: str = "") -> Organisation:
    """Turn down a proposal; who proposed it is told the reason."""
    body = _answer(work, public_id, "refused")
    said = clean(reason, lines=True, field="reason")[:1000]
    for person in _people(work, body.id):
        lines = [msg("The network did not take it in."), *([said] if said else [])]
        _tell(work, person, msg("“%(name)s” was not taken in", name=body.name), lines)
    return body


def _answer(work: Work, public_id: str, state: str) -> Organisation:
    work.require("organisations.edit")
    body = organisation_by_public_id(work.session, public_id)
    if body is None:
        raise NotFound
    if body.state != "proposed":
        sentence = msg("This was answered already.")
        raise Conflict(Reason("wrong_state", sentence, kind="state"))
    body.state = state
    body.version += 1
    work.audit(f"organisation.{state}", _subject(body), organisation=body.id)
    return body


def close_organisation(work: Work, public_id: str) -> Organisation:
    """Nobody acts for it any more; its bookings stay with it."""
    work.require("organisations.edit")
    body = organisation_by_public_id(work.session, public_id)
    if body is None:
        raise NotFound
    body.state = "closed"
    body.version += 1
    grants = sa.delete(RoleGrant).where(RoleGrant.organisation_id == body.id)
    work.session.execute(grants)
    work.audit("organisation.closed", _subject(body), organisation=body.id)
    return body


def add_person(
    work: Work, organisation_id: int, person_id: int, function: str = "", may_act: bool = True
) -> OrganisationPerson:
    """Put a person in an organisation, or change her function there (network admin, demo)."""
    work.require("organisations.edit")
    return _place(work, organisation_id, person_id, function, may_act)


def _place(
    work: Work, organisation_id: int, person_id: int, function: str, may_act: bool
) -> OrganisationPerson:
    place = membership_of(work.session, organisation_id, person_id)
    if place is None:
        place = OrganisationPerson(organisation_id=organisation_id, person_id=person_id)
        work.session.add(place)
    place.function = clean(function, field="function")[:100]
    place.may_act = may_act
    work.session.flush()
    body = work.session.get_one(Organisation, organisation_id)
    work.audit("organisation.person_added", _subject(body), organisation=body.id, person=person_id)
    return place


def invite(work: Work, public_id: str, email: str, function: str = "") -> None:
    """Invite whoever has an account with this address; nothing tells whether anybody has.

    She becomes part of it when she presses the link in the mail.
    """
    body = _mine(work, public_id)
    account = queries.account_by_email(work.session, account_email(email))
    if account is None or account.confirmed_at is None:
        return
    said = clean(function, field="function")[:100]
    link = links.open_link(work, account.id, "join", organisation=body.id, function=said)
    mail.post(
        work,
        account.person,
        msg("An invitation to “%(name)s”", name=body.name),
        [
            msg("You are invited to act for this organisation: to book in its name."),
            msg("Its admins will see your name, address and telephone."),
        ],
        link=link,
        to=account.email,
        about=_subject(body),
    )
    work.audit(
        "organisation.invited", _subject(body), organisation=body.id, person=account.person_id
    )


def invitation(work: Work, token: str) -> Organisation:
    """To which organisation a link of one's own invites. Raises `Invalid`, `NotFound`."""
    found = links.link(work, token, "join")
    if found.account_id != work.actor.account_id:
        raise NotFound
    return work.session.get_one(Organisation, int(found.payload["organisation"]))


def join(work: Work, token: str) -> Organisation:
    """Take up an invitation made to oneself."""
    body = invitation(work, token)
    function = str(links.link(work, token, "join").payload["function"])
    links.use_link(work, token, "join")
    if body.state != "accepted":
        raise NotFound
    account = work.session.get_one(Account, work.actor.account_id)
    _place(work, body.id, account.person_id, function, may_act=True)
    return body


def remove_person(work: Work, public_id: str, person_public_id: str) -> None:
    """Take somebody (or oneself) out; bookings made in its name stay with it."""
    body = organisation_by_public_id(work.session, public_id)
    person = work.session.scalars(
        sa.select(Person).where(Person.public_id == person_public_id)
    ).first()
    place = membership_of(work.session, body.id, person.id) if body and person else None
    if body is None or person is None or place is None:
        raise NotFound
    if person.id != work.actor.person_id:
        _mine(work, public_id)
    work.session.execute(
        sa.delete(RoleGrant).where(
            RoleGrant.organisation_id == body.id, RoleGrant.person_id == person.id
        )
    )
    work.session.delete(place)
    work.audit(
        "organisation.person_removed", _subject(body), organisation=body.id, person=person.id
    )


def _mine(work: Work, public_id: str) -> Organisation:
    """An accepted organisation that the actor may edit; the same 404 as one that is not there."""
    body = organisation_by_public_id(work.session, public_id)
    if body is None or not work.actor.may("organisations.edit", organisation=body.id):
        raise NotFound
    if body.state != "accepted":
        raise Invalid("wrong_state", msg("This organisation is not active."))
    return body


def _people(work: Work, organisation_id: int) -> list[Person]:
    question = (
        sa.select(Person)
        .join(OrganisationPerson, OrganisationPerson.person_id == Person.id)
        .where(OrganisationPerson.organisation_id == organisation_id)
    )
    return list(work.session.scalars(question))


def _tell(work: Work, person: Person, subject: object, lines: list[object]) -> None:
    mail.post(work, person, subject, lines, link="/me/organisations")  # type: ignore[arg-type]


def _subject(body: Organisation) -> str:
    return f"organisation:{body.public_id}"
