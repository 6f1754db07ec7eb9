"""Verbs of registration: register, confirm, take an offer, give up, and come."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_events import rules
from tierslieu_events.models import ACTIVE, Registration, Side
from tierslieu_events.queries import DateView
from tierslieu_events.registering import line, mails
from tierslieu_events.registering.queries import Entry
from tierslieu_events.words import FALLBACKS, ROOM, say

#: Letters and digits that are not mistaken for one another when they are said aloud.
_SPOKEN = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True)
class Asked:
    """What somebody registers with; without ``person_id`` she is a guest with a name."""

    kind: str = ROOM
    seats: int = 1
    wait: bool = False
    person_id: int | None = None
    name: str = ""
    email: str = ""
    phone: str = ""
    fallback: str = "ask"
    answers: dict[str, str] = field(default_factory=dict)


def register(work: tl.Work, view: DateView, asked: Asked, *, by_desk: bool = False) -> Registration:
    """Take places on a side of a date, or stand on its waiting list where ``wait`` says so.

    A guest's are kept for an hour, until the link that she is mailed confirms her address. Raises
    Refused with every broken rule, and Conflict when all places are taken or she is on it already.
    """
    if by_desk:
        work.require("events.register", venue=view.venue.id)
    sides = line.lock(work, view.date.id)
    asked = _cleaned(view, asked, by_desk=by_desk)
    tl.refuse(_reasons(work, view, asked, by_desk=by_desk))
    side = sides[asked.kind]
    settled = line.settle(work, view, side)
    fits = settled.has_room(side.capacity, asked.seats)
    if not fits and not asked.wait:
        raise tl.Conflict(rules.full_reason(asked.kind, _elsewhere(view, sides, asked)))
    guest = asked.person_id is None and not by_desk
    row = _written(work, view, side, asked)
    if guest:
        row.state, row.holds = "pending", fits
        row.expires_at = min(work.now + rules.PATIENCE, view.date.ends_at)
    else:
        row.state, row.holds = ("registered", True) if fits else ("waiting", False)
    if row.state == "registered":
        _leave_other(work, view, row, sides)
    line.count(work, side)
    work.audit("events.registered", f"registration:{row.public_id}", venue=view.venue.id,
               person=row.person_id, state=row.state, side=side.kind, seats=row.seats)  # fmt: skip
    if guest:
        mails.confirm(work, view, row)
    else:
        _tell(work, view, row, side.kind)
    return row


def _tell(work: tl.Work, view: DateView, row: Registration, kind: str) -> None:
    if row.state == "registered":
        mails.registered(work, view, row, kind)
    else:
        mails.waits(work, view, row)


def _cleaned(view: DateView, asked: Asked, *, by_desk: bool) -> Asked:
    if asked.fallback not in FALLBACKS:
        raise tl.Invalid("invalid", say("This is not one of the possible values."), "fallback")
    answers = answers_of(view, asked.answers)
    if asked.person_id is not None:
        return Asked(asked.kind, asked.seats, asked.wait, asked.person_id,
                     fallback=asked.fallback, answers=answers)  # fmt: skip
    name = tl.clean(asked.name, field="name")[:120]
    if not name:
        raise tl.Invalid("name_missing", say("Please write a name."), "name")
    email = asked.email.strip()
    if email or not by_desk:
        email = tl.email_address(email)
    phone = tl.clean(asked.phone, field="phone")[:40]
    return Asked(asked.kind, asked.seats, asked.wait, None, name, email, phone,
                 asked.fallback, answers)  # fmt: skip


def answers_of(view: DateView, given: dict[str, str]) -> dict[str, str]:
    """The answers to what the event asks; raises Invalid for one that is needed and missing."""
    found: dict[str, str] = {}
    for question in view.event.questions:
        key = question["key"]
        said = tl.clean(given.get(key, ""), field=f"answer_{key}")[:500]
        if question.get("required") and not said:
            raise tl.Invalid("missing", say("Please fill this in."), f"answer_{key}")
        if said:
            found[key] = said
    return found


def _reasons(work: tl.Work, view: DateView, asked: Asked, *, by_desk: bool) -> list[tl.Reason]:
    wish = rules.Wish(
        asked.kind, asked.seats, asked.person_id is None,
        view.venue.id in work.actor.member_venues, by_desk,
    )  # fmt: skip
    offered = rules.Offered(
        view.event.state, view.date.state, view.date.starts_at, view.date.ends_at,
        view.open_sides, view.event.guests, view.event.most_seats, view.members_until,
    )  # fmt: skip
    return rules.registration_reasons(wish, offered, work.now)


def _elsewhere(view: DateView, sides: dict[str, Side], asked: Asked) -> list[str]:
    """Other sides on which there is still room."""
    return [
        kind for kind, side in sides.items()
        if kind != asked.kind and view.is_side_open(kind)
        and (side.capacity is None or side.taken + asked.seats <= side.capacity)
    ]  # fmt: skip


def _written(work: tl.Work, view: DateView, side: Side, asked: Asked) -> Registration:
    who = f"p:{asked.person_id}" if asked.person_id else f"e:{asked.email}" if asked.email else None
    person = tl.addressee(work.session, asked.person_id) if asked.person_id else None
    row = Registration(
        side_id=side.id, date_id=view.date.id, person_id=asked.person_id, by_id=_by(work, asked),
        name=asked.name, email=asked.email or None, phone=asked.phone or None, who=who,
        locale=person.locale if person is not None else work.locale, seats=asked.seats,
        state="waiting", holds=False, fallback=asked.fallback, answers=asked.answers,
        code="".join(secrets.choice(_SPOKEN) for _ in range(6)),
        joined_at=work.now, changed_at=work.now,
    )  # fmt: skip
    try:
        with work.savepoint():
            work.session.add(row)
    except sa.exc.IntegrityError:
        text = say("You are registered for this already.")
        raise tl.Conflict(tl.Reason("already", text, "side", kind="state")) from None
    return row


def _by(work: tl.Work, asked: Asked) -> int | None:
    return None if work.actor.person_id == asked.person_id else work.actor.person_id


def _leave_other(work: tl.Work, view: DateView, row: Registration, sides: dict[str, Side]) -> None:
    """Who has a place on one side gives up the one on the other, without another mail."""
    if row.who is None:
        return
    others = sa.select(Registration).where(
        Registration.date_id == row.date_id, Registration.who == row.who,
        Registration.id != row.id, Registration.state.in_(ACTIVE),
    )  # fmt: skip
    left = list(work.session.scalars(others))
    for other in left:
        # A place that is waited for is kept in line: remote meanwhile, in the room when it comes.
        if other.state != "waiting":
            line.end(work, other, "cancelled")
    work.session.flush()
    for side in sides.values():
        if side.id != row.side_id and any(other.side_id == side.id for other in left):
            line.settle(work, view, side)


def _locked(work: tl.Work, entry: Entry) -> tuple[Registration, dict[str, Side]]:
    sides = line.lock(work, entry.view.date.id)
    work.session.refresh(entry.row)
    return entry.row, sides


def confirm(work: tl.Work, entry: Entry) -> Registration:
    """A guest's address is hers: her places are firm, or she stands on the list.

    Pressed twice it confirms once; pressed late she has what is still to be had.
    """
    row, sides = _locked(work, entry)
    if row.state == "lapsed" and entry.view.date.starts_at > work.now and row.who:
        row.state, row.ended_at = "pending", None
    if row.state != "pending":
        return row
    side = sides[entry.kind]
    late = row.expires_at is None or row.expires_at <= work.now
    if late:
        row.holds, row.joined_at = False, work.now
    # Nothing runs out while it is being confirmed.
    row.expires_at = None
    work.session.flush()
    settled = line.settle(work, entry.view, side)
    if row.holds or settled.has_room(side.capacity, row.seats):
        row.state, row.holds = "registered", True
    else:
        row.state = "waiting"
    row.changed_at, row.revision = work.now, row.revision + 1
    line.count(work, side)
    if row.state == "registered":
        _leave_other(work, entry.view, row, sides)
    work.audit("events.confirmed", f"registration:{row.public_id}", venue=entry.view.venue.id,
               state=row.state)  # fmt: skip
    _tell(work, entry.view, row, entry.kind)
    return row


def accept(work: tl.Work, entry: Entry) -> Registration:
    """Take the place that is offered; raises Conflict when the offer ran out."""
    row, sides = _locked(work, entry)
    if row.state == "registered":
        return row
    if row.state != "offered" or row.expires_at is None or row.expires_at <= work.now:
        text = say("This offer ran out. You can stand on the waiting list again.")
        raise tl.Conflict(tl.Reason("offer_over", text, kind="state"))
    row.state, row.expires_at = "registered", None
    row.changed_at, row.revision = work.now, row.revision + 1
    line.count(work, sides[entry.kind])
    _leave_other(work, entry.view, row, sides)
    work.audit("events.accepted", f"registration:{row.public_id}", venue=entry.view.venue.id,
               person=row.person_id)  # fmt: skip
    mails.registered(work, entry.view, row, entry.kind)
    return row


def give_up(work: tl.Work, entry: Entry, *, by_desk: bool = False) -> Registration:
    """Cancel a registration, or refuse an offer: the next in line is offered what is free.

    One that is over is answered as it is. Raises Conflict once the date is over.
    """
    if by_desk:
        work.require("events.register", venue=entry.view.venue.id)
    row, sides = _locked(work, entry)
    if row.state not in ACTIVE:
        return row
    if work.now >= entry.view.date.ends_at:
        raise tl.Conflict(tl.Reason("past", say("This is over."), kind="state"))
    pending = row.state == "pending"
    line.end(work, row, "cancelled")
    line.settle(work, entry.view, sides[entry.kind])
    work.audit("events.given_up", f"registration:{row.public_id}", venue=entry.view.venue.id,
               person=row.person_id)  # fmt: skip
    if not pending:
        mails.cancelled(work, entry.view, row)
    return row


def come(work: tl.Work, entry: Entry, n: int | None = None) -> Registration:
    """Note at the door that somebody came, with so many people; 0 takes it back.

    Noted twice it stands once. Raises Refused for who has no place, or at another time.
    """
    work.require("events.check_in", venue=entry.view.venue.id)
    row, _ = _locked(work, entry)
    view = entry.view
    tl.refuse(rules.check_in_reasons(row.state, view.date.starts_at, view.date.ends_at, work.now))
    came = row.seats if n is None else max(0, min(n, row.seats))
    if came != row.came:
        row.came, row.came_at = came, _first(row, came, work.now)
        row.changed_at = work.now
        work.session.flush()
        work.audit("events.came", f"registration:{row.public_id}", venue=view.venue.id,
                   person=row.person_id, came=came)  # fmt: skip
    return row


def take_part(work: tl.Work, entry: Entry) -> Registration:
    """Note that somebody with a remote place went in: she is counted as having come, once."""
    row, _ = _locked(work, entry)
    if row.state == "registered" and not row.came:
        row.came, row.came_at, row.changed_at = row.seats, work.now, work.now
        work.session.flush()
        work.audit("events.came", f"registration:{row.public_id}", venue=entry.view.venue.id,
                   person=row.person_id, came=row.came)  # fmt: skip
    return row


def _first(row: Registration, came: int, now: datetime) -> datetime | None:
    if not came:
        return None
    return row.came_at or now
