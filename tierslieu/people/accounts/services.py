"""Opening an account, confirming it, and getting back in. Nothing asked tells who has one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa

from tierslieu.kernel.errors import Conflict, Invalid, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import folded
from tierslieu.kernel.work import Work
from tierslieu.people import queries
from tierslieu.people.accounts import links, mails
from tierslieu.people.accounts.passwords import hash_password, matches
from tierslieu.people.accounts.rules import clean_name, same_password_reasons
from tierslieu.people.acting import as_owner
from tierslieu.people.models import Account, Person
from tierslieu.people.roles.services import Role, give
from tierslieu.people.rules import account_email, password_reasons
from tierslieu.people.sessions.services import end_sessions

SEND_RESET = "people.send_reset"


@dataclass(frozen=True)
class Registration:
    """What was written in the form, checked; the password only as its hash."""

    name: str
    email: str
    password_hash: str = field(repr=False)


def prepare(name: str, email: str, password: str, again: str) -> Registration:
    """Check a registration and hash its password, before any lock is held.

    Raises `Refused` with every reason; the answer does not depend on who has an account.
    """
    reasons: list[Reason] = []
    clean: list[str] = []
    for check, text in ((clean_name, name), (account_email, email)):
        try:
            clean.append(check(text))
        except Invalid as invalid:
            reasons.extend(invalid.reasons)
    reasons.extend(password_reasons(password, known=(name, email, email.split("@")[0])))
    reasons.extend(same_password_reasons(password, again))
    refuse(reasons)
    return Registration(clean[0], clean[1], hash_password(password))


def register(work: Work, registration: Registration) -> None:
    """Open an account to be confirmed by mail.

    When the address has one already, the mail says so and nothing else differs.
    """
    account = queries.account_by_email(work.session, registration.email)
    if account is None:
        account = _opened(work, registration)
    if account is None:
        return
    if account.confirmed_at is not None:
        mails.already_registered(work, account)
        return
    url = links.open_link(
        work,
        account.id,
        "confirm",
        name=registration.name,
        password_hash=registration.password_hash,
    )
    mails.confirm(work, account, url)


def _opened(work: Work, registration: Registration) -> Account | None:
    """The new account; None when the same address came at the same moment by another door."""
    try:
        with work.savepoint():
            account = _add(work, registration.name, registration.email, work.locale)
            account.password_hash = registration.password_hash
    except sa.exc.IntegrityError:
        return None
    work.audit("account.registered", _subject(account), person=account.person_id)
    return account


def _add(work: Work, name: str, email: str, locale: str) -> Account:
    person = Person(
        name=name,
        name_folded=folded(name),
        email=email,
        locale=locale,
        created_at=work.now,
    )
    account = Account(person=person, email=email, created_at=work.now)
    work.session.add(account)
    work.session.flush()
    return account


def confirm(work: Work, token: str) -> Account:
    """The address is hers: from now on she can sign in.

    Raises `Invalid` (``link_over``) for a link that is used, old or unknown.
    """
    payload = dict(links.link(work, token, "confirm").payload)
    used = links.use_link(work, token, "confirm")
    account = work.session.get_one(Account, used.account_id)
    if account.confirmed_at is None:
        account.confirmed_at = work.now
        if payload:
            # Whoever registered last and reads the mail chose this name and password.
            account.password_hash = payload["password_hash"]
            account.person.name = payload["name"]
            account.person.name_folded = folded(payload["name"])
        as_owner(work, account).audit(
            "account.confirmed", _subject(account), person=account.person_id
        )
    return account


def send_confirmation(work: Work, account: Account) -> None:
    """Mail the link again to somebody who gave the right password before confirming."""
    mails.confirm(work, account, links.open_link(work, account.id, "confirm"))


def create_account(
    work: Work,
    email: str,
    name: str,
    password: str | None = None,
    roles: Iterable[Role] = (),
    locale: str | None = None,
) -> Account:
    """A confirmed account made by the house itself (command line, demo), with its roles.

    Without a password a link to choose one is mailed. Password rules are not asked here.
    Raises `Conflict` (``email_taken``) and `Invalid`; needs the right to do anything.
    """
    work.require("network.edit")
    address = account_email(email)
    if queries.account_by_email(work.session, address) is not None:
        sentence = msg("There is already an account with this address.")
        raise Conflict(Reason("email_taken", sentence, "email", kind="conflict"))
    account = _add(work, clean_name(name), address, locale or work.locale)
    account.confirmed_at = work.now
    if password is not None:
        account.password_hash = hash_password(password)
    else:
        work.later(SEND_RESET, account=account.id, about_person=account.person_id)
    for role in roles:
        give(work, account.person_id, role)
    work.audit("account.created", _subject(account), person=account.person_id)
    return account


def ask_reset(work: Work, email: str) -> None:
    """Mail a link to choose a new password, when the address has an account.

    The same row is written either way, so neither answer nor time tells which it was.
    """
    try:
        account = queries.account_by_email(work.session, account_email(email))
    except Invalid:
        account = None
    work.later(
        SEND_RESET,
        account=account.id if account else 0,
        about_person=account.person_id if account else None,
    )


def send_reset(work: Work, account: int) -> None:
    """The job behind `ask_reset`: make the link and mail it; nothing for no account."""
    found = work.session.get(Account, account)
    if found is not None:
        mails.reset(work, found, links.open_link(work, found.id, "reset"))


def reset(work: Work, token: str, password: str, again: str) -> Account:
    """Choose a new password by the mailed link; every session ends.

    The link came by mail, so it confirms the address too. Raises `Refused`.
    """
    account = work.session.get_one(Account, links.link(work, token, "reset").account_id)
    _accept_password(account, password, again)
    links.use_link(work, token, "reset")
    account.confirmed_at = account.confirmed_at or work.now
    _set_password(work, account, password)
    end_sessions(work, account.id)
    as_owner(work, account).audit(
        "account.password_reset", _subject(account), person=account.person_id
    )
    return account


def change_password(
    work: Work, current: str, password: str, again: str, keep: str | None = None
) -> None:
    """Change one's own password; every session but ``keep`` (a token's hash) ends.

    Raises `Refused` when the present one is wrong or the new one not acceptable.
    """
    account = own_account(work)
    require_password(account, current, "current")
    _accept_password(account, password, again)
    _set_password(work, account, password)
    end_sessions(work, account.id, keep=keep)
    work.audit("account.password_changed", _subject(account), person=account.person_id)


def _accept_password(account: Account, password: str, again: str) -> None:
    known = (account.email, account.email.split("@")[0], account.person.name)
    refuse([*password_reasons(password, known=known), *same_password_reasons(password, again)])


def _set_password(work: Work, account: Account, password: str) -> None:
    account.password_hash = hash_password(password)
    links.close_links(work, account.id, "reset")
    mails.password_changed(work, account)


def change_email(work: Work, password: str, email: str) -> None:
    """Ask to sign in with another address: the new one gets a link, the old one is told.

    When somebody else has it, only the mail to it says so. Raises `Refused` for a wrong password.
    """
    account = own_account(work)
    require_password(account, password, "password")
    address = account_email(email)
    if address == account.email:
        raise Invalid("email_same", msg("This is your address already."), "email")
    taken = queries.account_by_email(work.session, address)
    if taken is not None:
        mails.already_registered(work, taken)
    else:
        mails.new_email(
            work, account, address, links.open_link(work, account.id, "email", email=address)
        )
    mails.email_asked(work, account)
    work.audit("account.email_asked", _subject(account), person=account.person_id)


def confirm_email(work: Work, token: str) -> Account:
    """The new address is hers: it replaces the old one, and both are told.

    Raises `Invalid` (``link_over``) and `Conflict` (``email_taken``).
    """
    address = str(links.link(work, token, "email").payload["email"])
    used = links.use_link(work, token, "email")
    account = work.session.get_one(Account, used.account_id)
    old = account.email
    if queries.account_by_email(work.session, address) is not None:
        sentence = msg("This address has been taken meanwhile.")
        raise Conflict(Reason("email_taken", sentence, kind="conflict"))
    account.email = account.person.email = address
    links.close_links(work, account.id, "reset")
    mails.email_changed(work, account, old)
    as_owner(work, account).audit(
        "account.email_changed", _subject(account), person=account.person_id
    )
    return account


def own_account(work: Work) -> Account:
    """The account of whoever acts; a service or an anonymous actor has none."""
    work.require("accounts.own", own=True)
    return work.session.get_one(Account, work.actor.account_id)


def require_password(account: Account, password: str, field_name: str) -> None:
    """Raise `Invalid` (``password_wrong``) unless this is the account's password."""
    if not matches(password, account.password_hash):
        raise Invalid("password_wrong", msg("This is not your password."), field_name)


def _subject(account: Account) -> str:
    return f"person:{account.person.public_id}"
