"""Background work of seasons: one mail when the timetable is out, one when it is booked."""

from __future__ import annotations

from tierslieu.bookings.seasons.booking import book_application
from tierslieu.bookings.seasons.queries import application_at, timetable
from tierslieu.bookings.seasons.words import hard, missed_words, slot_words, summary
from tierslieu.bookings.series.services import Made
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.mail import post
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.outbox import JobKind
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person

#: So many reasons are in a mail; the page has all of them.
NAMED = 6


def tell(work: Work, application: str) -> None:
    """The timetable is out: what became of an application, and why."""
    try:
        applied, row, _ = application_at(work.session, application)
    except NotFound:
        return
    found = timetable(work.session, row)
    fate = found.fate_of(applied.row.id)
    if fate is None:
        return
    lines = [summary(fate), *(slot_words(slot, found.facts) for slot, _ in fate.got)]
    for missed in hard(fate)[:NAMED]:
        when = slot_words(missed.slot, found.facts)
        lines.append(msg("%(slot)s: %(why)s", slot=when, why=missed_words(missed)))
    _post(work, application, msg("The timetable of %(season)s is out", season=row.name), lines)


def book(work: Work, application: str) -> None:
    """Book what an application has got, and say which dates could not be had."""
    try:
        made = book_application(work, application)
    except NotFound:
        return
    if not made:
        return
    _, row, _ = application_at(work.session, application)
    lines: list[Message] = []
    for placement, one in made:
        if one is None:
            lines.append(msg("%(why)s", why=placement.refusal))
        else:
            lines += _dates(one)
    _post(work, application, msg("%(season)s is booked", season=row.name), lines)


def _dates(made: Made) -> list[Message]:
    view, skipped = made.views[0], len(made.skipped)
    n = len(made.views)
    said = [
        nmsg(
            "%(room)s, from %(when)s: %(n)s date.",
            "%(room)s, from %(when)s: %(n)s dates.",
            n,
            room=view.room_name,
            when=view.span,
        )
    ]
    if skipped:
        said.append(nmsg("%(n)s date could not be had; your page says why.",
                         "%(n)s dates could not be had; your page says why.", skipped))  # fmt: skip
    return said


def _post(work: Work, application: str, subject: Message, lines: list[Message]) -> None:
    applied, _, venue = application_at(work.session, application)
    person = applied.row.person_id
    if person is None:
        return
    post(
        work,
        work.session.get_one(Person, person),
        subject,
        [msg("%(title)s", title=applied.row.title), *lines],
        link=f"/me/season/{application}",
        zone=venue.zone,
        venue_id=venue.id,
        about=f"season_application:{application}",
    )


KINDS = [JobKind("seasons.tell", tell), JobKind("seasons.book", book)]
