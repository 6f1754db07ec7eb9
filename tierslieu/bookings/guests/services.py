"""Verbs of guests: book, prove the address, get a link again, make it an account's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from tierslieu.bookings import mails
from tierslieu.bookings.availability.queries import Verdict, judge
from tierslieu.bookings.buffers.services import occupied, refuse_taken
from tierslieu.bookings.cases.queries import Party, room_case_by_id
from tierslieu.bookings.chains.services import begin
from tierslieu.bookings.guests import queries
from tierslieu.bookings.guests.links import as_guest, new_link, opened, revoke
from tierslieu.bookings.guests.mails import again, confirm_address
from tierslieu.bookings.guests.models import GuestBooking
from tierslieu.bookings.models import Booking
from tierslieu.bookings.preconditions.queries import sponsor_waits
from tierslieu.bookings.queries import BookingView, booking_view, locked_view
from tierslieu.bookings.quotas.services import lock_quotas
from tierslieu.bookings.rules import Ask, answer_deadline, first_state, move, occupies
from tierslieu.bookings.services import NewBooking, book
from tierslieu.bookings.states.services import tell, touch
from tierslieu.bookings.terms.models import TermsAcceptance
from tierslieu.kernel.errors import Forbidden, Invalid, NotFound, Reason, refuse
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import folded
from tierslieu.kernel.work import Work
from tierslieu.people.accounts.rules import clean_name
from tierslieu.people.models import Account, Person
from tierslieu.people.rules import account_email
from tierslieu.people.services import relate
from tierslieu.resources.locks.services import lock_leaves
from tierslieu.resources.rules import Taken, Taking
from tierslieu.resources.services import take

#: How long a booking is kept for an address that is not confirmed yet.
PATIENCE: Final = timedelta(hours=1)
#: So many bookings of one address may wait for it to be confirmed.
MOST_WAITING: Final = 3
#: Mails with links that one address may ask for in an hour.
MOST_AGAIN: Final = 3
#: Reasons that another time, not another person, would do away with: judged when she asked.
_ABOUT_THE_ASKER: Final = frozenset({"sign_in_needed", "managers_only", "members_only"})


def book_as_guest(work: Work, new: NewBooking, name: str, email: str) -> Booking:
    """Book without an account: held until the link that is mailed confirms the address.

    Raises what `book` raises, and Refused for a name or address that is none, or for an address
    with too many bookings that wait to be confirmed.
    """
    if not work.actor.is_anonymous:
        raise Forbidden("bookings.create")
    called, address = _details(name, email)
    if queries.waiting(work.session, address, work.now) >= MOST_WAITING:
        text = msg("Several bookings wait for this address already: confirm one of them first.")
        raise Invalid("too_many_waiting", text, "email")
    person = Person(
        name=called, name_folded=folded(called), email=address, locale=work.locale,
        created_at=work.now,
    )  # fmt: skip
    work.session.add(person)
    work.session.flush()
    until = min(work.now + PATIENCE, new.span.starts_at)
    booking = book(as_guest(work, person), replace(new, held_until=until, person_id=None))
    work.session.add(
        GuestBooking(booking_id=booking.id, person_id=person.id, email=address, asked_at=work.now)
    )
    work.session.flush()
    view = _view(work, booking.public_id)
    confirm_address(work, view, person, new_link(work, view), until)
    return booking


def _details(name: str, email: str) -> tuple[str, str]:
    reasons: list[Reason] = []
    found: list[str] = []
    for check, text in ((clean_name, name), (account_email, email)):
        try:
            found.append(check(text))
        except Invalid as invalid:
            reasons += [replace(r, field={"name": "guest_name"}.get(r.field or "", r.field))
                        for r in invalid.reasons]  # fmt: skip
    refuse(reasons)
    return found[0], found[1]


def confirm(work: Work, token: str) -> Booking:
    """The address is hers: the booking is firm, or asked for where the venue answers.

    A link pressed twice confirms once. Raises NotFound for a link that opens nothing, Refused when
    the booking has lapsed, Conflict when somebody else has the time by now.
    """
    guested, view = opened(work, token, locked=True)
    guest = work.session.get_one(GuestBooking, view.booking.id)
    if guest.confirmed_at is not None:
        return view.booking
    booking = view.booking
    state = move(booking.state, "accept", view.span, work.now)
    if isinstance(state, Reason):
        refuse([state])
    lock_quotas(work, room_case_by_id(work.session, booking.room_id, view.span))
    lock_leaves(work, [booking.room_id])
    guested = _same_person(guested, guest, booking)
    verdict = _judged(guested, view)
    guest.confirmed_at = work.now

    policy = verdict.policy
    unvouched = sponsor_waits(work.session, booking.id)
    booking.state = (
        "requested" if unvouched else first_state(policy, booking.attendance, booking.declared)
    )
    booking.answer_by = (
        answer_deadline(policy, work.now, view.span) if booking.state == "requested" else None
    )
    touch(guested, booking)
    if booking.state == "requested":
        begin(work, booking, view.venue_id, view.span.starts_at)
    _take(work, view, verdict, occupying=occupies(booking.state, policy.requests))
    relate(work, guest.person_id, view.venue_id)
    tell(guested, view, "held", "state")
    guested.audit("bookings.confirm_address", f"booking:{booking.public_id}", venue=view.venue_id,
                  person=guest.person_id, state=booking.state)  # fmt: skip
    mails.booked(guested, booking.public_id)
    work.has_jobs = True
    return booking


def _judged(work: Work, view: BookingView) -> Verdict:
    """The rules for whom she turned out to be, as they stood at the moment of asking."""
    booking = view.booking
    case = room_case_by_id(work.session, booking.room_id, view.span)
    party = Party(work.actor, booking.booked_for_id, booking.organisation_id)
    then = replace(work, now=booking.created_at)
    declared = tuple(booking.declared)
    ask = Ask(view.span, booking.attendance, purpose=booking.purpose, declared=declared,
              accepts=frozenset(each.public_id for each in case.asked.terms),
              sponsored=True)  # fmt: skip
    verdict = judge(then, "book", case, party, ask, moving=booking.id, purpose=booking.purpose)
    refuse([r for r in verdict.reasons if r.code not in _ABOUT_THE_ASKER])
    return verdict


def _take(work: Work, view: BookingView, verdict: Verdict, *, occupying: bool) -> None:
    booking = view.booking
    taking, neighbours = occupied(work, booking, view.span)
    takings = [taking, *neighbours] if occupying else [Taking(booking.id, [], None)]
    try:
        take(work, takings)
    except Taken:
        refuse_taken(work, verdict, Ask(view.span, booking.attendance), booking.id)


def _same_person(work: Work, guest: GuestBooking, booking: Booking) -> Work:
    """A guest who came before, by the same address and name, is the same guest.

    Links of one address are confirmed one after the other, or she would be two people.
    """
    work.session.execute(
        sa.select(GuestBooking.booking_id)
        .where(GuestBooking.email == guest.email)
        .order_by(GuestBooking.booking_id)
        .with_for_update()
    ).all()
    fresh = work.session.get_one(Person, guest.person_id)
    known = queries.known_guest(work.session, guest.email, fresh.name_folded)
    if known is None:
        return work
    guest.person_id = booking.booked_for_id = booking.booked_by_id = known.id
    work.session.flush()
    for column in (Mail.person_id, TermsAcceptance.person_id):
        work.session.execute(
            sa.update(column.class_)
            .where(column == fresh.id, *_not_twice(column, known.id))
            .values(person_id=known.id),
            execution_options={"synchronize_session": False},
        )
    known.locale = fresh.locale
    work.session.flush()
    _delete(work, {fresh.id})
    return as_guest(work, known)


def _not_twice(column: Any, known: int) -> tuple[Any, ...]:
    """What the earlier guest accepted already is not hers a second time."""
    if column.class_ is not TermsAcceptance:
        return ()
    hers = sa.select(TermsAcceptance.terms_id).where(TermsAcceptance.person_id == known)
    return (TermsAcceptance.terms_id.not_in(hers),)


def send_again(work: Work, email: str) -> None:
    """Mail an address links to all its bookings to come; nothing tells whether it has any."""
    try:
        address = account_email(email)
    except Invalid:
        return
    views = queries.to_come(work.session, address, work.now)
    if not views or queries.asked_again(work.session, address, work.now) >= MOST_AGAIN:
        return
    person = work.session.get_one(Person, views[0].booking.booked_for_id)
    again(work, person, [(view, new_link(work, view)) for view in views])


def stop(work: Work, token: str) -> None:
    """Her links to this booking open nothing any more."""
    guested, view = opened(work, token, locked=True)
    revoke(work, view.booking.id)
    guested.audit("bookings.revoke_links", f"booking:{view.booking.public_id}",
                  venue=view.venue_id, person=view.booking.booked_for_id)  # fmt: skip


def revoke_at_desk(work: Work, public_id: str) -> None:
    """Somebody at the desk ends the links of a guest's booking (a mail went astray)."""
    view = _view(work, public_id)
    work.require("bookings.change", venue=view.venue_id)
    revoke(work, view.booking.id)
    work.audit("bookings.revoke_links", f"booking:{public_id}", venue=view.venue_id,
               person=view.booking.booked_for_id)  # fmt: skip


def take_over(work: Work) -> int:
    """What was booked as a guest with her own confirmed address becomes hers; how many.

    Offered on her page, done when she says so; the links of before open nothing any more.
    """
    work.require("accounts.own", own=True)
    account = work.session.get_one(Account, work.actor.account_id)
    found = queries.of_address(work.session, account.email, account.person_id)
    left = set()
    for guest, public_id in found:
        view = locked_view(work.session, public_id)
        if view is None:
            continue
        left.add(guest.person_id)
        guest.person_id = view.booking.booked_for_id = account.person_id
        view.booking.version += 1
        view.booking.changed_at = work.now
        revoke(work, view.booking.id)
        relate(work, account.person_id, view.venue_id)
        work.audit("bookings.take_over_guest", f"booking:{public_id}", venue=view.venue_id,
                   person=account.person_id)  # fmt: skip
    work.session.flush()
    forget(work, left - {account.person_id})
    return len(found)


def forget(work: Work, people: set[int]) -> int:
    """Delete guests of whom nothing is left: no booking, no account, no card."""
    gone = queries.left_over(work.session, people)
    _delete(work, gone)
    return len(gone)


def _delete(work: Work, people: set[int]) -> None:
    if people:
        work.session.execute(
            sa.delete(Person).where(Person.id.in_(people)),
            execution_options={"synchronize_session": False},
        )


def _view(work: Work, public_id: str) -> BookingView:
    view = booking_view(work.session, public_id)
    if view is None:
        raise NotFound
    return view
