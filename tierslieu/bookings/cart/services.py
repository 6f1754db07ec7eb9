"""Verbs of the list: add, take away, look at all lines together, send; and several at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from tierslieu.bookings.accessories.services import lock_kit
from tierslieu.bookings.cart import mails
from tierslieu.bookings.cart.models import CartLine
from tierslieu.bookings.cart.queries import Line, how_many, lines_of
from tierslieu.bookings.cart.rules import KEPT, MOST, together
from tierslieu.bookings.cases.queries import room_case
from tierslieu.bookings.quotas.services import lock_quotas
from tierslieu.bookings.services import NewBooking, book, title_of
from tierslieu.kernel.errors import Choice, Forbidden, NotFound, Reason, Refusal, Refused, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import clean
from tierslieu.kernel.work import Work


@dataclass(frozen=True)
class Outcome:
    """A wish that can be had: the booking's public id, what it is or would be, and its price."""

    public_id: str
    state: str
    cents: int


@dataclass
class Together:
    """What became of several wishes, by their place: bookings, and why the others were refused.

    ``terms``: what has to be accepted with them, each once (``accept_terms`` of the choice).
    """

    made: dict[int, Outcome] = field(default_factory=dict)
    refused: dict[int, Refusal] = field(default_factory=dict)
    terms: tuple[Choice, ...] = ()

    @property
    def cents(self) -> int:
        """What those that can be had cost together."""
        return sum(outcome.cents for outcome in self.made.values())


def book_together(work: Work, wishes: Sequence[NewBooking], *, skip: bool = False) -> Together:
    """Book several rooms and dates in one work: all, or with ``skip`` those that can be had.

    Each is judged after those before it, so quotas and rooms count them. One mail tells of all.
    Raises Refused or Conflict with all reasons of all wishes, also when none can be had.
    """
    found = _tried(work, wishes)
    if found.refused and not (skip and found.made):
        refuse(together(found.refused))
    mails.sent(work, [found.made[n].public_id for n in sorted(found.made)])
    return found


def fates(work: Work, wishes: Sequence[NewBooking]) -> Together:
    """What would become of these wishes if they were sent now; nothing is kept."""
    with work.session.begin_nested() as trial:
        found = _tried(work, wishes)
        trial.rollback()
    return found


def _tried(work: Work, wishes: Sequence[NewBooking]) -> Together:
    lock_together(work, wishes)
    found = Together()
    for n, wish in enumerate(wishes):
        try:
            with work.session.begin_nested():
                made = book(work, wish, quiet=True)
                found.made[n] = Outcome(made.public_id, made.state, made.price_cents)
        except Refusal as error:
            found.refused[n] = error
        except NotFound:
            text = msg("This room is not there any more.")
            found.refused[n] = Refused(Reason("no_such_room", text, "room_id"))
        except Forbidden as error:
            found.refused[n] = Refused(Reason("forbidden", error.message))
    return found


def lock_together(work: Work, wishes: Sequence[NewBooking]) -> None:
    """Lock all rooms and things at once, so that two who send together never wait in a circle."""
    if len(wishes) < 2 or work.site.db.is_sqlite:
        return
    rooms: set[int] = set()
    cases = []
    for wish in wishes:
        try:
            cases.append(room_case(work.session, wish.room, wish.span))
        except NotFound:
            continue
    for case in sorted(cases, key=lambda each: each.id):
        lock_quotas(work, case)
        rooms.add(case.id)
    lock_kit(work, sorted(rooms), {thing for wish in wishes for thing, _ in wish.things})


# -- the list --------------------------------------------------------------------------------------


def add(work: Work, wish: NewBooking) -> CartLine:
    """Put a wish into the actor's list; whether it can be had is said when one looks at it.

    Raises Refused when the list is full, NotFound for a room that is not there.
    """
    person_id = _whose(work)
    case = room_case(work.session, wish.room, wish.span)
    if how_many(work.session, person_id) >= MOST:
        text = msg("A list holds at most %(n)s lines: send some first.", n=MOST)
        raise Refused(Reason("list_full", text))
    line = CartLine(
        person_id=person_id,
        room_id=case.id,
        organisation_id=wish.organisation_id,
        starts_at=wish.span.starts_at,
        ends_at=wish.span.ends_at,
        title=title_of(wish.title),
        attendance=wish.attendance,
        layout=wish.layout,
        visibility=wish.visibility,
        note=clean(wish.note, lines=True, field="note")[:2000],
        purpose=clean(wish.purpose, field="purpose")[:64],
        declared=list(wish.declared),
        places=wish.places,
        place=wish.place,
        things=[{"id": thing, "quantity": n} for thing, n in wish.things if n],
        added_at=work.now,
    )
    work.session.add(line)
    work.session.flush()
    return line


def remove(work: Work, public_id: str) -> None:
    """Take a line out of the actor's list; one that is gone already is no fault."""
    _delete(work, CartLine.person_id == _whose(work), CartLine.public_id == public_id)


def look(work: Work) -> tuple[list[Line], Together]:
    """The actor's list with what would become of each line, once its terms are accepted."""
    lines = lines_of(work.session, _whose(work))
    if not lines:
        return lines, Together()
    found = fates(work, [line.wish() for line in lines])
    terms = terms_to_accept(found)
    if terms:
        ids = [str(each.values["accept_terms"]) for each in terms]
        found = fates(work, [line.wish(ids) for line in lines])
        found.terms = terms
    return lines, found


def terms_to_accept(found: Together) -> tuple[Choice, ...]:
    """What wishes were refused for, among other things: terms that were not accepted."""
    choices = [
        reason.nearest[0]
        for refusal in found.refused.values()
        for reason in refusal.reasons
        if reason.code == "terms_not_accepted"
    ]
    return tuple({each.values["accept_terms"]: each for each in choices}.values())


def send(
    work: Work, *, skip: bool = False, accepts: Collection[str] = ()
) -> tuple[list[Line], Together]:
    """Send the actor's list: all or nothing, or with ``skip`` what fits; the rest stays in it.

    ``accepts``: public ids of the terms that she accepts with it.
    Raises Refused or Conflict with all reasons; then nothing is booked.
    """
    lines = lines_of(work.session, _whose(work))
    if not lines:
        raise Refused(Reason("empty_list", msg("There is nothing in your list.")))
    found = book_together(work, [line.wish(accepts) for line in lines], skip=skip)
    gone = [lines[n].row.id for n in found.made]
    _delete(work, CartLine.id.in_(gone))
    return lines, found


def forget_old(work: Work) -> int:
    """Delete lines whose time has begun, and those that nobody touched for long. How many."""
    old = sa.or_(CartLine.starts_at <= work.now, CartLine.added_at <= work.now - KEPT)
    return _delete(work, old)


def erase(work: Work, person_ids: Collection[int]) -> None:
    """A person's list goes with her."""
    _delete(work, CartLine.person_id.in_(sorted(person_ids)))


def _delete(work: Work, *which: sa.ColumnElement[bool]) -> int:
    gone = sa.delete(CartLine).where(*which)
    found = work.session.execute(gone, execution_options={"synchronize_session": False})
    return int(getattr(found, "rowcount", 0))


def _whose(work: Work) -> int:
    if work.actor.person_id is None:
        raise NotFound
    return work.actor.person_id
