"""Questions: whose password this is, and what her collection holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

import tierslieu.toolkit as tl
from tierslieu_ical import services
from tierslieu_ical.caldav.models import AppPassword
from tierslieu_ical.caldav.rules import Object, objects_of
from tierslieu_ical.feeds.queries import Reader
from tierslieu_ical.feeds.rules import Choices
from tierslieu_ical.feeds.showing import of_person, text_of
from tierslieu_ical.intake.reading import MOST_DAYS, occurrences, read
from tierslieu_ical.intake.repeats import Budget

FIRST, LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2199, 12, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Whose:
    """Whose password it is, and when it was last noted as used."""

    password_id: int
    person_id: int
    key: str
    name: str
    email: str
    locale: str
    last_used_at: datetime | None


@dataclass(frozen=True)
class Collection:
    """What a person's feed tells now, as objects; ``tag`` changes with any of them."""

    title: str
    tag: str
    objects: dict[str, Object]


def whose(session: Session, user: str, secret: str) -> Whose | None:
    """Whose password this is; None when it is nobody's, another's, or was stopped."""
    asked = (
        sa.select(AppPassword.id, tl.Person.id, tl.Person.public_id, tl.Person.name,
                  tl.Account.email, tl.Person.locale, AppPassword.last_used_at)
        .join(tl.Person, tl.Person.id == AppPassword.person_id)
        .join(tl.Account, tl.Account.person_id == tl.Person.id)
        .where(
            AppPassword.secret_hash == tl.hash_token(secret),
            AppPassword.revoked_at.is_(None),
            tl.Person.erased_at.is_(None),
            tl.Account.suspended_at.is_(None),
        )
    )  # fmt: skip
    row = session.execute(asked).first()
    if row is None or row[4].casefold() != user.strip().casefold():
        return None
    return Whose(*row)


def passwords_of(session: Session, person_id: int) -> list[AppPassword]:
    """A person's passwords that work, the newest first; for herself."""
    asked = sa.select(AppPassword).where(
        AppPassword.person_id == person_id, AppPassword.revoked_at.is_(None)
    )
    return list(session.scalars(asked.order_by(AppPassword.id.desc())))


def password_of(session: Session, person_id: int, public_id: str) -> AppPassword | None:
    """One of a person's own passwords that works."""
    asked = sa.select(AppPassword).where(
        AppPassword.public_id == public_id,
        AppPassword.person_id == person_id,
        AppPassword.revoked_at.is_(None),
    )
    return session.scalars(asked).first()


def collection(work: tl.Work, reader: Whose) -> Collection:
    """What her feed tells, object by object."""
    hers = Reader(0, reader.person_id, reader.name, reader.locale)
    shown = of_person(work, hers, Choices())
    told = text_of(work, shown, services.recipe(work), lambda _tag: False)
    title = tl.say(shown.name, reader.locale)
    return Collection(title, told.tag, objects_of(told.body))


def touching(
    objects: Iterable[Object], window: tuple[datetime | None, datetime | None]
) -> list[Object]:
    """The objects of which a date touches a stretch of time; an end that is not said is open."""
    start, end = window[0] or FIRST, window[1] or LAST
    if not FIRST <= start < end <= LAST:
        return list(objects)
    span, budget = tl.Span(start, end), Budget(MOST_DAYS)
    found = []
    for each in objects:
        events = read(each.text.encode(), ZoneInfo("UTC")).events
        shown = [replace(event, cancelled=False) for event in events]
        if occurrences(shown, span, budget)[0]:
            found.append(each)
    return found


def account_email(session: Session, person_id: int) -> str:
    """The address with which she signs in."""
    asked = sa.select(tl.Account.email).where(tl.Account.person_id == person_id)
    return session.scalar(asked) or ""
