"""Reminding, asking again, and freeing what nobody needs any more."""

from __future__ import annotations

from itertools import groupby

import sqlalchemy as sa

from tierslieu.bookings.accessories.services import ThingsTaken
from tierslieu.bookings.attendance.queries import arrivals, check_in_path
from tierslieu.bookings.attendance.services import arrival_for, policy_in_force
from tierslieu.bookings.buffers.services import occupied
from tierslieu.bookings.models import Booking, Series
from tierslieu.bookings.queries import BookingView, booking_view, locked_view
from tierslieu.bookings.reminders import queries, told
from tierslieu.bookings.reminders.models import Reconfirmation, ReminderStop
from tierslieu.bookings.reminders.rules import answer_by, asks_again, wants_reminder
from tierslieu.bookings.rules import move
from tierslieu.bookings.states.services import found, settle, tell, touch
from tierslieu.kernel.errors import Conflict, NotFound, Reason
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person
from tierslieu.resources.locks.services import lock_leaves
from tierslieu.resources.rules import Taken
from tierslieu.resources.services import take
from tierslieu.venues.models import Room

FREED = msg("Nobody answered whether it is still needed.")
GIVEN_UP = msg("It is not needed any more.")


def remind(work: Work, limit: int = 400) -> int:
    """Remind of what begins within a day: one mail to each person. How many mails."""
    views = queries.to_remind(work.session, work.now, limit)
    known = arrivals(work.session, [view.booking.id for view in views])
    mails = 0
    for person_id, hers in groupby(views, key=lambda view: view.booking.booked_for_id):
        told_of = []
        for view in hers:
            row = known.get(view.booking.id) or arrival_for(work, view.booking.id)
            row.reminded_at = work.now
            if wants_reminder(view.booking.created_at, view.claim.starts_at):
                path = check_in_path(work, view.booking.public_id, row.link_serial)
                told_of.append((view, path))
        person = work.session.get(Person, person_id)
        if person is not None and told_of:
            told.reminder(work, person, told_of)
            mails += 1
    return mails


def stop_reminders(work: Work, person_id: int, *, stop: bool = True) -> None:
    """Remind a person of nothing any more, or again."""
    row = work.session.get(ReminderStop, person_id)
    if stop and row is None:
        work.session.add(ReminderStop(person_id=person_id, stopped_at=work.now))
    elif not stop and row is not None:
        work.session.delete(row)
    work.audit("reminders.stop" if stop else "reminders.start", f"person:{person_id}",
               person=person_id)  # fmt: skip


def quiet(work: Work, public_id: str, *, stop: bool) -> None:
    """Remind of one booking no more, or again."""
    view = found(work, public_id, "bookings.change")
    arrival_for(work, view.booking.id).quiet = stop
    work.audit("bookings.quiet" if stop else "bookings.loud", f"booking:{public_id}",
               venue=view.venue_id, person=view.booking.booked_for_id)  # fmt: skip


def ask_again(work: Work) -> int:
    """Ask whoever holds a series for long whether it is still needed. How many were asked."""
    asked = 0
    deadline = answer_by(work.now)
    for due in queries.ahead(work.session, work.now, deadline):
        row = work.session.get_one(Booking, due.next_id)
        view = booking_view(work.session, row.public_id)
        if view is None:
            continue
        policy = policy_in_force(work, view)
        if policy is None or not asks_again(policy.reconfirm_weeks, due.known, work.now):
            continue
        question = Reconfirmation(
            series_id=due.series_id, asked_at=work.now, answer_by=deadline, answer="waiting",
            released=[],
        )  # fmt: skip
        work.session.add(question)
        work.session.flush()
        told.still_needed(work, view, question)
        work.audit("series.ask_again", f"reconfirmation:{question.public_id}",
                   venue=view.venue_id, person=row.booked_for_id)  # fmt: skip
        asked += 1
    return asked


def answer(work: Work, question: Reconfirmation, *, keep: bool) -> int:
    """The answer of whoever holds the series, or of the desk for her; how many dates were freed.

    Raises Conflict when it was answered already.
    """
    if question.answer != "waiting":
        text = msg("This was answered already.")
        raise Conflict(Reason("wrong_state", text, kind="state"))
    question.answered_at, question.answered_by_id = work.now, work.actor.person_id
    question.answer = "kept" if keep else "given_up"
    work.audit(f"series.{question.answer}", f"reconfirmation:{question.public_id}",
               venue=_venue(work, question))  # fmt: skip
    return 0 if keep else len(_free(work, question, GIVEN_UP))


def answer_for(work: Work, venue_id: int, public_id: str, *, keep: bool) -> int:
    """The desk answers for whoever was asked by voice."""
    work.require("bookings.change", venue=venue_id)
    question = queries.by_public_id(work.session, public_id)
    if question is None or _venue(work, question) != venue_id:
        raise NotFound
    return answer(work, question, keep=keep)


def release_unanswered(work: Work) -> int:
    """Free the dates of series of which nobody said that they are still needed. How many series.

    Whoever has no e-mail was not asked by us: her answer is the desk's to ask for.
    """
    released = 0
    for question in queries.unanswered(work.session, work.now):
        views = queries.future_dates(work.session, question.series_id, work.now)
        if views and not _has_mail(work, views[0]):
            continue
        question.answer, question.answered_at = "released", work.now
        freed = _free(work, question, FREED)
        if freed:
            told.released(work, freed[0], question, len(freed))
            released += 1
    return released


def put_back(work: Work, venue_id: int, public_id: str) -> tuple[int, int]:
    """Confirm again what was freed, where the time is still free: how many, and how many not."""
    work.require("bookings.change", venue=venue_id)
    question = queries.by_public_id(work.session, public_id)
    if question is None or _venue(work, question) != venue_id:
        raise NotFound
    if question.answer not in ("released", "given_up"):
        raise Conflict(Reason("wrong_state", msg("Nothing was freed here."), kind="state"))
    lock_leaves(work, _rooms(work, question))
    back = [view for each in question.released if (view := _again(work, str(each))) is not None]
    question.answer = "put_back"
    work.audit("series.put_back", f"reconfirmation:{public_id}", venue=venue_id, dates=len(back))
    if back:
        told.put_back(work, back[0], len(back))
    return len(back), len(question.released) - len(back)


def _rooms(work: Work, question: Reconfirmation) -> list[int]:
    wanted = sa.select(Booking.room_id).where(Booking.public_id.in_(question.released)).distinct()
    return list(work.session.scalars(wanted))


def _again(work: Work, public_id: str) -> BookingView | None:
    """One freed date, confirmed again; None when it is over, taken, or was changed meanwhile."""
    view = locked_view(work.session, public_id)
    if view is None or isinstance(
        move(view.booking.state, "put_back", view.span, work.now), Reason
    ):
        return None
    try:
        taking, others = occupied(work, view.booking, view.span)
        take(work, [taking, *others])
    except (Taken, ThingsTaken):
        return None
    before, view.booking.state = view.booking.state, "confirmed"
    view.booking.reason = ""
    touch(work, view.booking)
    tell(work, view, before, "state")
    return view


def _free(work: Work, question: Reconfirmation, reason: Message) -> list[BookingView]:
    """Free every date ahead; what has begun is never touched."""
    views = queries.future_dates(work.session, question.series_id, work.now)
    lock_leaves(work, sorted({view.booking.room_id for view in views}))
    text = say(reason, work.site.config.locale)
    for view in views:
        settle(work, view, "cancelled", text, verb="bookings.release")
    question.released = [view.booking.public_id for view in views]
    work.session.flush()
    return views


def _has_mail(work: Work, view: BookingView) -> bool:
    person = work.session.get(Person, view.booking.booked_for_id or 0)
    return person is not None and bool(person.email)


def _venue(work: Work, question: Reconfirmation) -> int | None:
    return work.session.scalar(
        sa.select(Room.venue_id)
        .join(Series, Series.room_id == Room.id)
        .where(Series.id == question.series_id)
    )
