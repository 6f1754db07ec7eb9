"""Verbs: make a password for a programme, stop it, note that it was used."""

from __future__ import annotations

import secrets
from datetime import timedelta

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_ical.caldav import queries
from tierslieu_ical.caldav.models import AppPassword

msg = tl.sentences("tierslieu_ical")

#: Passwords that one person may have at the same time.
MOST = 20
#: Without letters that are mistaken for another on a small keyboard: 5 groups are 99 bits.
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
NOTED = timedelta(hours=1)
#: Stopped passwords are forgotten after this long.
STOPPED_KEPT = timedelta(days=90)


def plain(secret: str) -> str:
    """A password as it is typed, without what is there for the eye."""
    return secret.replace("-", "").replace(" ", "").casefold()


def new_password(work: tl.Work, name: str) -> tuple[AppPassword, str]:
    """Make a password for the actor's programme; it is returned once and kept as a hash."""
    work.require("feeds.own", own=True)
    person_id = _whose(work)
    if len(queries.passwords_of(work.session, person_id)) >= MOST:
        raise tl.Invalid("too_many", msg("You have too many passwords. Stop one first."), "name")
    groups = ["".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(5)]
    row = AppPassword(
        person_id=person_id,
        name=tl.clean(name, field="name")[:80],
        secret_hash=tl.hash_token("".join(groups)),
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    work.audit("feeds.password_new", f"app_password:{row.public_id}", person=person_id)
    return row, "-".join(groups)


def stop_password(work: tl.Work, public_id: str) -> None:
    """Stop one of the actor's passwords, at once and for ever. Raises NotFound."""
    work.require("feeds.own", own=True)
    person_id = _whose(work)
    row = queries.password_of(work.session, person_id, public_id)
    if row is None:
        raise tl.NotFound
    row.revoked_at = work.now
    work.audit("feeds.password_stop", f"app_password:{public_id}", person=person_id)


def is_to_be_noted(whose: queries.Whose, work: tl.Work) -> bool:
    """Whether its use is to be written down: once an hour at most."""
    return whose.last_used_at is None or whose.last_used_at <= work.now - NOTED


def note_use(site: tl.Site, password_id: int) -> None:
    """Write down that a password was used, after its question was answered."""
    with site.writing() as work:
        row = sa.update(AppPassword).where(AppPassword.id == password_id)
        work.session.execute(row.values(last_used_at=work.now))


def forget_old(work: tl.Work) -> None:
    """Forget passwords that were stopped long ago."""
    old = AppPassword.revoked_at < work.now - STOPPED_KEPT
    work.session.execute(sa.delete(AppPassword).where(old))


def forget(work: tl.Work, person_id: int) -> None:
    """Delete a person's passwords."""
    work.session.execute(sa.delete(AppPassword).where(AppPassword.person_id == person_id))


def _whose(work: tl.Work) -> int:
    if work.actor.person_id is None:
        raise tl.NotFound
    return work.actor.person_id
