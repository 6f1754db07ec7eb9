"""Questions about registrations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_events.models import ACTIVE, EventDate, Registration, Side
from tierslieu_events.queries import DateView, dates_by_id

LINK = "registration"


@dataclass(frozen=True)
class Entry:
    """A registration with its date, for the pages of whoever made it."""

    row: Registration
    kind: str
    view: DateView

    @property
    def is_lapsed(self) -> bool:
        """Whether its time is over, though nothing has noted it yet."""
        ends = self.row.expires_at
        return self.row.state in ("offered", "pending") and ends is not None

    def state_at(self, now: datetime) -> str:
        """Its state at a moment: what ran out has lapsed, noted or not."""
        ends = self.row.expires_at
        over = self.row.state in ("offered", "pending") and ends is not None and ends <= now
        return "lapsed" if over else self.row.state


def entries(work: tl.Work, condition: sa.ColumnElement[bool]) -> list[Entry]:
    """Registrations with their sides and dates, by date, then in the order of joining."""
    asked = (
        sa.select(Registration, Side.kind)
        .join(Side, Side.id == Registration.side_id)
        .join(EventDate, EventDate.id == Registration.date_id)
        .where(condition)
        .order_by(EventDate.starts_at, Registration.joined_at, Registration.id)
    )
    rows = work.session.execute(asked).all()
    views = dates_by_id(work, {row[0].date_id for row in rows})
    return [Entry(row[0], row[1], views[row[0].date_id]) for row in rows]


def of_person(work: tl.Work, person_id: int, *, since: datetime | None = None) -> list[Entry]:
    """What somebody registered for, where this plugin is on."""
    condition = Registration.person_id == person_id
    if since is not None:
        condition = sa.and_(condition, EventDate.ends_at > since, Registration.state.in_(ACTIVE))
    return [e for e in entries(work, condition) if tl.is_on(work, e.view.venue.id)]


def of_date(work: tl.Work, date_id: int) -> list[Entry]:
    """Everybody of a date who did not give up, in the order of joining."""
    return entries(work, sa.and_(Registration.date_id == date_id, Registration.state.in_(ACTIVE)))


def own(work: tl.Work, public_id: str) -> Entry:
    """One's own registration; raises NotFound for everybody else's."""
    found = entries(work, Registration.public_id == public_id)
    person = work.actor.person_id
    if not found or person is None or found[0].row.person_id != person:
        raise tl.NotFound
    return _where_on(work, found[0])


def by_link(work: tl.Work, token: str) -> Entry:
    """The registration that a mailed link opens; raises NotFound."""
    found = entries(work, Registration.public_id == token.partition(".")[0][:16])
    if not found or not tl.link_opens(work, LINK, token, found[0].row.link_serial):
        raise tl.NotFound
    return _where_on(work, found[0])


def _where_on(work: tl.Work, entry: Entry) -> Entry:
    if not tl.is_on(work, entry.view.venue.id):
        raise tl.NotFound
    return entry


def address_of(work: tl.Work, row: Registration) -> str:
    """Where its page is: behind sign-in for who has an account, else behind a signed link."""
    if row.person_id is not None:
        return f"/events/registrations/{row.public_id}"
    return f"/events/r/{tl.signed_link(work, LINK, row.public_id, row.link_serial)}"


def mine_of(work: tl.Work, date_ids: Collection[int]) -> dict[int, list[Entry]]:
    """The reader's own registrations for some dates, by date."""
    person = work.actor.person_id
    if person is None or not date_ids:
        return {}
    found: dict[int, list[Entry]] = {}
    condition = sa.and_(
        Registration.person_id == person,
        Registration.date_id.in_(date_ids),
        Registration.state.in_(ACTIVE),
    )
    for entry in entries(work, condition):
        found.setdefault(entry.row.date_id, []).append(entry)
    return found


def name_of(work: tl.Work, row: Registration) -> str:
    """Who registered, by name; "" when that was forgotten."""
    if row.person_id is not None:
        person = work.session.get(tl.Person, row.person_id)
        return "" if person is None or person.erased_at is not None else person.name
    return row.name
