"""What people are told about their bookings: one mail per act, written in the same transaction.

People without an e-mail get an entry "to be told" on the venue's Today instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from tierslieu import hookspecs
from tierslieu.bookings.attendance.queries import check_in_path
from tierslieu.bookings.guests.links import path_for
from tierslieu.bookings.queries import BookingView, booking_view
from tierslieu.kernel.languages import clock_words
from tierslieu.kernel.mail import absolute, post
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import LocalSpan
from tierslieu.kernel.work import Work
from tierslieu.people.queries import addressee

ANSWERS = {
    "confirmed": msg("Your booking is confirmed"),
    "declined": msg("Your request was declined"),
    "expired": msg("Your request expired without an answer"),
}


def booked(work: Work, public_id: str) -> None:
    """Received, or confirmed at once."""
    view = booking_view(work.session, public_id)
    if view is None:
        return
    if view.booking.state == "requested":
        lines = [msg("We will write to you as soon as it is answered.")]
        _post(work, view, msg("Your request has arrived"), lines)
        asked(work, public_id)
    else:
        _post(work, view, msg("Your booking is confirmed"), _door(work, view))


def asked(work: Work, public_id: str) -> None:
    """Somebody waits for an answer: those who answer find it on Today."""
    work.later(
        "bookings.tell_approvers", key=f"bookings.tell_approvers:{public_id}", booking=public_id
    )


def answered(work: Work, public_id: str) -> None:
    """Approved, declined (with the reason) or expired."""
    view = booking_view(work.session, public_id)
    if view is not None:
        subject = ANSWERS.get(view.booking.state, msg("Your booking has changed"))
        lines = _door(work, view) if view.booking.state == "confirmed" else []
        _post(work, view, subject, [*because(view.booking.reason), *lines])


def changed(work: Work, public_id: str) -> None:
    """Moved or changed by somebody else, or a waiting change approved."""
    view = booking_view(work.session, public_id)
    if view is not None:
        _post(work, view, msg("Your booking has changed"), [])


def change_declined(work: Work, public_id: str, reason: str) -> None:
    """The change was refused: the old booking stands."""
    view = booking_view(work.session, public_id)
    if view is not None:
        lines = [msg("The change was declined; your booking stands as it was."), *because(reason)]
        _post(work, view, msg("Your booking stays as it was"), lines)


def cancelled(work: Work, public_id: str, *, by_staff: bool) -> None:
    """Cancelled, by oneself or by staff with a reason."""
    view = booking_view(work.session, public_id)
    if view is not None:
        subject = (
            msg("Your booking was cancelled by the venue")
            if by_staff
            else msg("You cancelled your booking")
        )
        _post(work, view, subject, because(view.booking.reason))


def offered(work: Work, public_id: str, link: str) -> None:
    """From the waiting list: held until then, answered by the link without signing in."""
    view = booking_view(work.session, public_id)
    if view is None or view.booking.answer_by is None:
        return
    until = view.booking.answer_by.astimezone(ZoneInfo(view.zone))
    lines = [
        msg("You waited for this time, and it became free."),
        msg("It is held for you until %(until)s; then the next in line is asked.", until=until),
        msg("Take it or give it up here; you need not sign in:"),
    ]
    _post(work, view, msg("The room you wait for is free"), lines, link=link)


def preempted(work: Work, public_id: str, reason: str, instead: Sequence[Message]) -> None:
    """Taken over by somebody who may: why, and what is free instead."""
    view = booking_view(work.session, public_id)
    if view is not None:
        lines = [
            *because(reason),
            msg("You pay nothing for it. We are sorry."),
            *([msg("Free instead, at this moment:"), *instead] if instead else []),
        ]
        _post(work, view, msg("The time you had booked is needed by somebody else"), lines)


def missed(work: Work, public_id: str) -> None:
    """Nobody came; gentle, and says how to mend it."""
    view = booking_view(work.session, public_id)
    if view is not None:
        lines = [
            msg("Nobody was seen in the room, so it was given free again."),
            msg("If you were there, tell the venue and it will be mended."),
        ]
        _post(work, view, msg("We missed you"), lines)


@contextmanager
def together(
    work: Work, subject: Message, first: Sequence[Message], more: Mapping[str, Sequence[Message]]
) -> Iterator[list[Told]]:
    """What is told inside is told in one mail to each person, however many bookings it is about.

    ``first`` is said once, at the beginning, and not again; ``more``, by public id of a booking,
    after its own words. Whatever else is to be told about a booking may be added to the list.
    """
    told: list[Told] = []
    work.session.info[_TOGETHER] = told
    try:
        yield told
    finally:
        del work.session.info[_TOGETHER]
    by_person: dict[int, list[Told]] = {}
    for view, said, lines in told:
        if view.booking.booked_for_id is not None:
            by_person.setdefault(view.booking.booked_for_id, []).append((view, said, lines))
    for person_id, entries in by_person.items():
        view = entries[0][0]
        lines = [*first]
        for each, said, own in entries:
            own = [line for line in own if line not in first]
            lines += [said, *_about(each), *own, *more.get(each.booking.public_id, ())]
        link = _where(work, view)
        if len(entries) > 1 and link.startswith("/bookings/"):
            link = "/me/bookings"
        post(
            work,
            addressee(work.session, person_id),
            subject,
            lines,
            link=link,
            zone=view.zone,
            venue_id=view.venue_id,
            about=f"booking:{view.booking.public_id}",
            **_for_calendars(work, [each for each, _, _ in entries]),
        )


Told = tuple[BookingView, Message, Sequence[Message]]
_TOGETHER = "bookings_told_together"


def missing(work: Work, view: BookingView, until: datetime, link: str) -> None:
    """It has begun and nobody was seen: one press says that they are there."""
    lines = [
        msg("It has begun, and nobody has said that they are there."),
        msg(
            "If you are there, open this: %(link)s. Otherwise the room is free again at %(time)s.",
            link=absolute(work.site.config, link),
            time=clock_words(until.astimezone(ZoneInfo(view.zone))),
        ),
    ]
    _post(work, view, msg("Are you there?"), lines)


def _door(work: Work, view: BookingView) -> list[Message]:
    """How to say at the door that one is there."""
    link = absolute(work.site.config, check_in_path(work, view.booking.public_id))
    return [msg("When you are there, open this to say so: %(link)s", link=link)]


def because(reason: str) -> list[Message]:
    """The reason as a line, where there is one."""
    return [msg("The reason: %(reason)s", reason=reason)] if reason else []


def _about(view: BookingView, *, when: bool = True) -> list[Message]:
    """Which booking it is."""
    room, venue = view.room_name, view.venue_name
    where = msg("%(room)s, %(venue)s", room=room, venue=venue)
    if when:
        at = LocalSpan(view.span, ZoneInfo(view.zone))
        where = msg("%(when)s, %(room)s, %(venue)s", when=at, room=room, venue=venue)
    return [
        msg("%(title)s", title=view.claim.label),
        where,
        msg("Reference: %(reference)s", reference=view.booking.reference),
    ]


def _post(
    work: Work, view: BookingView, subject: Message, more: list[Message], link: str = ""
) -> None:
    post_about(work, view, subject, more, link=link)


def post_about(
    work: Work,
    view: BookingView,
    subject: Message,
    more: list[Message],
    *,
    when: bool = True,
    link: str = "",
) -> None:
    """A mail about a booking to the person it is for; ``when=False``: ``more`` says the dates."""
    booking = view.booking
    whose = booking.booked_for_id
    person = None if whose is None else addressee(work.session, whose)
    if person is None:
        return
    together_: list[Told] | None = work.session.info.get(_TOGETHER)
    if together_ is not None and not link:
        together_.append((view, subject, more))
        return
    lines = [*_about(view, when=when), *more]
    post(
        work,
        person,
        subject,
        lines,
        link=link or _where(work, view),
        zone=booking.zone,
        venue_id=view.venue_id,
        about=f"booking:{booking.public_id}",
        **_for_calendars(work, [view]),
    )


def _for_calendars(work: Work, views: Sequence[BookingView]) -> dict[str, str]:
    """What goes beside the words; calendars read of one booking, or one series, in a mail."""
    if len({view.booking.uid for view in views}) != 1:
        return {}
    booking_id, venue_id = views[0].booking.id, views[0].venue_id
    spec = hookspecs.mail_calendars
    for part in work.hooks.gather(spec, work=work, booking_id=booking_id, venue_id=venue_id):
        return {"calendar": part.text, "calendar_method": part.method}
    return {}


def _where(work: Work, view: BookingView) -> str:
    """The booking's page; for a guest, who cannot sign in, a link of her own."""
    booking = view.booking
    hers = booking.booked_for_id == work.actor.person_id and work.actor.account_id is not None
    return f"/bookings/{booking.public_id}" if hers else path_for(work, view)
