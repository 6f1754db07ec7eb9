"""What people are told: one mail for one act, in their language, with what calendars read."""

from __future__ import annotations

from collections.abc import Sequence

import tierslieu.toolkit as tl
from tierslieu_events.calendars import invitation
from tierslieu_events.models import Registration
from tierslieu_events.queries import DateView
from tierslieu_events.registering.queries import address_of
from tierslieu_events.words import REMOTE, SIDES, say


def tell(work: tl.Work, view: DateView, row: Registration, subject: tl.Message,
         lines: Sequence[tl.Message | str], about: str, *, method: str = "") -> None:  # fmt: skip
    """Write to whoever registered; ``method`` is what her calendar shall do with it."""
    person = tl.addressee(work.session, row.person_id) if row.person_id is not None else None
    if person is None and not row.email:
        return
    locale = row.locale or (person.locale if person is not None else work.locale)
    calendar = invitation(work, view, row, method, locale) if method else None
    tl.post(
        work, person, subject, lines, link=address_of(work, row),
        to=None if person is not None else row.email, locale=locale, zone=view.venue.zone,
        venue_id=view.venue.id, about=f"events.{about}", calendar=calendar,
        calendar_method=method or "PUBLISH",
    )  # fmt: skip


def named(view: DateView, row: Registration) -> str:
    """The event's title in her language."""
    return view.event.title.best(row.locale, "it")[1]


def _when(view: DateView) -> tl.Message:
    if view.room is None:
        return say("%(when)s, remotely", when=view.span)
    return say("%(when)s, %(room)s, %(venue)s", when=view.span, room=view.room.name,
               venue=view.venue.name)  # fmt: skip


def confirm(work: tl.Work, view: DateView, row: Registration) -> None:
    """The address is to be confirmed first."""
    title = named(view, row)
    lines = [
        say("Somebody, you we hope, registered with this address for “%(title)s”.", title=title),
        _when(view),
        say("Open this link within an hour to confirm it. If it was not you, do nothing."),
    ]
    tell(work, view, row, say("Confirm: %(title)s", title=title), lines, "confirm")


def registered(work: tl.Work, view: DateView, row: Registration, kind: str) -> None:
    """She has a place."""
    title = named(view, row)
    lines = [
        say.many("You have a place at “%(title)s”.", "You have %(n)s places at “%(title)s”.",
                 row.seats, title=title),
        _when(view),
        say("You take part: %(side)s", side=SIDES[kind]),
        say("Your code for the door: %(code)s", code=row.code),
        say("Here you can change or cancel it:"),
    ]  # fmt: skip
    tell(work, view, row, say("Registered: %(title)s", title=title), lines, "registered",
         method="REQUEST")  # fmt: skip


def waits(work: tl.Work, view: DateView, row: Registration) -> None:
    """She stands on the waiting list."""
    title = named(view, row)
    lines = [
        say("All places at “%(title)s” are taken. You are on the waiting list.", title=title),
        _when(view),
        say("As soon as it is your turn you get a mail, and have some time to answer."),
    ]
    tell(work, view, row, say("On the waiting list: %(title)s", title=title), lines, "waiting")


def offered(work: tl.Work, view: DateView, row: Registration) -> None:
    """It is her turn, for a time."""
    title = named(view, row)
    until = row.expires_at.astimezone(view.zone) if row.expires_at is not None else None
    lines = [
        say("There is a place for you at “%(title)s”.", title=title),
        _when(view),
        say("It is kept for you until %(until)s. Take it or leave it here:", until=until),
    ]
    tell(work, view, row, say("A place for you: %(title)s", title=title), lines, "offered")


def lapsed(work: tl.Work, view: DateView, row: Registration) -> None:
    """Her offer ran out."""
    title = named(view, row)
    lines = [
        say("The place at “%(title)s” was kept for you, and now goes to who is next.", title=title),
        say("You can register again at any time."),
    ]
    tell(work, view, row, say("No longer kept: %(title)s", title=title), lines, "lapsed")


def cancelled(work: tl.Work, view: DateView, row: Registration) -> None:
    """She gave up her place herself, or the desk did it for her."""
    title = named(view, row)
    lines = [say("Your registration for “%(title)s” is cancelled.", title=title), _when(view)]
    tell(work, view, row, say("Cancelled: %(title)s", title=title), lines, "cancelled",
         method="CANCEL")  # fmt: skip


def called_off(work: tl.Work, view: DateView, row: Registration, reason: str) -> None:
    """The date does not take place."""
    title = named(view, row)
    lines = [
        say("“%(title)s” does not take place.", title=title),
        _when(view),
        say("The reason: %(reason)s", reason=reason),
    ]
    tell(work, view, row, say("Called off: %(title)s", title=title), lines, "called_off",
         method="CANCEL")  # fmt: skip


def moved(work: tl.Work, view: DateView, row: Registration) -> None:
    """The date has another time or place."""
    title = named(view, row)
    lines = [say("“%(title)s” has another time or place:", title=title), _when(view)]
    method = "REQUEST" if row.state == "registered" else ""
    tell(work, view, row, say("Changed: %(title)s", title=title), lines, "moved", method=method)


def asked(work: tl.Work, view: DateView, row: Registration, other: str) -> None:
    """She cannot take part as she wanted, and is asked what she wants instead."""
    title = named(view, row)
    lines = [
        say("“%(title)s” is held in another way, and your place is no longer there.", title=title),
        _when(view),
        say("Do you take part remotely, or give up your place? Choose here:")
        if other == REMOTE
        else say("Do you come to the room, or give up your place? Choose here:")
        if other
        else say("You can give up your place here:"),
    ]
    tell(work, view, row, say("Please choose: %(title)s", title=title), lines, "asked")


def switched(work: tl.Work, view: DateView, row: Registration, kind: str) -> None:
    """She takes part on the other side, as she had said or has chosen now."""
    title = named(view, row)
    lines = [
        say("“%(title)s” is held in another way.", title=title),
        _when(view),
        say("You take part: %(side)s", side=SIDES[kind])
        if row.state == "registered"
        else say("You are on the waiting list."),
        say("Here you can change or cancel it:"),
    ]
    method = "REQUEST" if row.state == "registered" else ""
    tell(work, view, row, say("Changed: %(title)s", title=title), lines, "switched", method=method)


def cancelled_for(work: tl.Work, view: DateView, row: Registration) -> None:
    """The room is not possible, and she had said that she gives up her place then."""
    title = named(view, row)
    lines = [
        say("“%(title)s” is held in another way, and your place is no longer there.", title=title),
        say("As you wished for this case, your registration is cancelled."),
    ]
    tell(work, view, row, say("Cancelled: %(title)s", title=title), lines, "cancelled",
         method="CANCEL")  # fmt: skip


def only_there(work: tl.Work, view: DateView, row: Registration, kind: str) -> None:
    """She is on the other side already; that one stays."""
    title = named(view, row)
    lines = [
        say("“%(title)s” is held in another way, and your place is no longer there.", title=title),
        say("You take part: %(side)s", side=SIDES[kind]),
    ]
    tell(work, view, row, say("Changed: %(title)s", title=title), lines, "switched")
