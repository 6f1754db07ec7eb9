"""A date changes the way it is held: who cannot stay where she is moves by her own choice.

Who said beforehand what she wants is moved or let go, whoever did not is asked; each is told once.
Nothing is restored by itself when the old way comes back.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_events import rules
from tierslieu_events.models import ACTIVE, Registration, Side
from tierslieu_events.queries import DateView
from tierslieu_events.registering import line, mails
from tierslieu_events.registering.queries import Entry
from tierslieu_events.words import MODES, REMOTE, ROOM, say


def switch(work: tl.Work, view: DateView, mode: str, *, capacity: int | None = None) -> None:
    """Hold a date in another way: in the room (which it must have), remotely, or both.

    ``capacity``: places of a side that is new. Raises Refused.
    """
    work.require("events.edit", venue=view.venue.id)
    if mode not in MODES:
        raise tl.Invalid("invalid", say("This is not one of the possible values."), "mode")
    tl.refuse(rules.switch_reasons(mode, view.date.booking_id is not None,
                                   view.date.state, view.date.ends_at, work.now))  # fmt: skip
    if mode == view.date.mode:
        return
    sides = line.lock(work, view.date.id)
    wanted = rules.sides_of(mode)
    for kind in wanted:
        if kind not in sides:
            sides[kind] = Side(date_id=view.date.id, kind=kind, capacity=capacity, taken=0)
            work.session.add(sides[kind])
        sides[kind].is_open = True
    view.date.mode, view.date.changed_at = mode, work.now
    view.date.revision += 1
    work.session.flush()
    fresh = DateView(view.date, view.event, view.venue, view.room, sides)
    for kind in ("room", "remote"):
        if kind in sides and kind not in wanted:
            sides[kind].is_open = False
            _turn_out(work, fresh, sides, kind, _in_line(work, sides[kind]))
    for side in sides.values():
        line.settle(work, fresh, side)
    work.audit("events.switched", f"event_date:{view.date.public_id}", venue=view.venue.id,
               mode=mode)  # fmt: skip


def fewer(work: tl.Work, view: DateView, capacity: int) -> None:
    """Let fewer people into the room: who joined last moves by her own choice. Raises Refused."""
    work.require("events.edit", venue=view.venue.id)
    sides = line.lock(work, view.date.id)
    if ROOM not in sides or capacity < 0:
        raise tl.Invalid("invalid", say("Write a number."), ROOM)
    holding = [row for row in _in_line(work, sides[ROOM]) if row.holds]
    staying = rules.who_stays(capacity, [(row.id, row.seats) for row in holding])
    leaving = [row for row in holding if row.id not in staying]
    for row in leaving:
        row.holds = False
    line.count(work, sides[ROOM])
    sides[ROOM].capacity = capacity
    work.session.flush()
    fresh = DateView(view.date, view.event, view.venue, view.room, sides)
    _turn_out(work, fresh, sides, ROOM, leaving)
    for side in sides.values():
        line.settle(work, fresh, side)
    work.audit("events.fewer", f"event_date:{view.date.public_id}", venue=view.venue.id,
               capacity=capacity, touched=len(leaving))  # fmt: skip


def _in_line(work: tl.Work, side: Side) -> list[Registration]:
    """Who is on a side, places first, each in the order of joining."""
    asked = sa.select(Registration).where(
        Registration.side_id == side.id, Registration.state.in_(ACTIVE)
    )
    rows = work.session.scalars(asked.execution_options(populate_existing=True))
    return sorted(rows, key=lambda row: (not row.holds, row.joined_at, row.id))


def _turn_out(work: tl.Work, view: DateView, sides: dict[str, Side], kind: str,
              leaving: Iterable[Registration]) -> None:  # fmt: skip
    """Who cannot stay on a side: by her own choice to the other one, off, or asked."""
    other = REMOTE if kind == ROOM else ROOM
    for row in leaving:
        choice = row.fallback if kind == ROOM else "ask"
        if row.state == "pending":
            line.end(work, row, "cancelled")
        elif choice == "cancel":
            line.end(work, row, "cancelled")
            mails.cancelled_for(work, view, row)
        elif choice == "remote" and view.is_side_open(other):
            _to(work, view, row, sides, other)
        elif row.state != "asked":
            row.state, row.holds, row.expires_at = "asked", False, None
            row.changed_at, row.revision = work.now, row.revision + 1
            mails.asked(work, view, row, other if view.is_side_open(other) else "")
    for side in sides.values():
        line.count(work, side)


def _to(work: tl.Work, view: DateView, row: Registration, sides: dict[str, Side], kind: str
        ) -> None:  # fmt: skip
    """Put a registration on the other side, where she has a place or waits for one."""
    side = sides[kind]
    row.holds = False
    line.count(work, next(s for s in sides.values() if s.id == row.side_id))
    if _is_there(work, row, side):
        line.end(work, row, "cancelled")
        mails.only_there(work, view, row, kind)
        return
    settled = line.settle(work, view, side)
    fits = settled.has_room(side.capacity, row.seats)
    row.side_id, row.expires_at = side.id, None
    row.state, row.holds = ("registered", True) if fits else ("waiting", False)
    row.changed_at, row.revision = work.now, row.revision + 1
    line.count(work, side)
    mails.switched(work, view, row, kind)


def _is_there(work: tl.Work, row: Registration, side: Side) -> bool:
    if row.who is None:
        return False
    there = sa.select(Registration.id).where(
        Registration.side_id == side.id, Registration.who == row.who,
        Registration.id != row.id, Registration.state.in_(ACTIVE),
    )  # fmt: skip
    return work.session.scalar(there) is not None


def take_other(work: tl.Work, entry: Entry) -> Registration:
    """Who was asked takes part on the other side, with a place or on its waiting list."""
    sides = line.lock(work, entry.view.date.id)
    row = entry.row
    work.session.refresh(row)
    if row.state != "asked":
        return row
    other = REMOTE if entry.kind == ROOM else ROOM
    if not entry.view.is_side_open(other):
        text = say("One cannot take part like this.")
        raise tl.Conflict(tl.Reason("no_such_side", text, "side", kind="state"))
    _to(work, entry.view, row, sides, other)
    work.audit("events.chose", f"registration:{row.public_id}", venue=entry.view.venue.id,
               person=row.person_id, side=other)  # fmt: skip
    return row
