"""Every hook, by family; the grammar of a name tells its verb.

* **contribute**, a plural noun: ``hooks.gather(hookspecs.nav_items, …)``
* **judge**, ``…_objections``: ``hooks.objections(hookspecs.booking_objections, …)``
* **react**, a past tense: ``hooks.tell(hookspecs.bookings_changed, …)``

An implementation is a function of the same name under ``@tl.hookimpl`` in a plugin's
``plugin.py``; it may leave out arguments that it does not need. Where a plugin is off at a venue
it is not asked about that venue: not when ``venue_id`` names it, and of many candidates or changes
it is told those of the venues where it is on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tierslieu.contributions import (
    BookingChange,
    CalendarEntry,
    CalendarQuestion,
    Candidate,
    HealthCheck,
    MailCalendar,
    NavItem,
    Objection,
    OtherWay,
    Panel,
    PersonDataPart,
    PriceExtra,
    ReportAsked,
    ReportRows,
    ReportSection,
    SearchResult,
)
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.hooks import hookspec

if TYPE_CHECKING:
    from tierslieu.kernel.work import Work

#: Counts incompatible changes of this file; a plugin names the one it was written for.
HOOK_API = 1


# -- contribute ----------------------------------------------------------------------------------


@hookspec
def nav_items(
    actor: Actor, place: str, venue_id: int | None = None, venue_slug: str = ""
) -> Iterable[NavItem]:
    """Entries of a menu.

    When: each time a menu is drawn: ``main``, ``foot``, ``me`` (one's own pages), ``desk`` (a
    venue's, with its id and slug) and ``admin``.
    Give: the entries to add, or nothing; only such as the actor may open.
    Promise: ask no database here, the menu is on every page.
    Example::

        @tl.hookimpl
        def nav_items(place):
            if place == "main":
                yield tl.NavItem(say("Guest book"), "/guestbook", icon="pencil")

    Since: 0.1. Used by: tierslieu_ical, tierslieu_events, tierslieu_reports, tierslieu_lending.
    """
    return ()


@hookspec
def panels(
    work: Work, place: str, subject: Mapping[str, Any], venue_id: int | None = None
) -> Iterable[Panel]:
    """Pieces of a page.

    When: a page with room for them is drawn. A place is named by its page and, after ``_``, by the
    part of it: ``home_week``, ``me``, ``me_aside``, ``venue``, ``room``, ``room_aside``,
    ``booking``, ``today`` (a venue's desk), ``person`` (somebody at a desk), ``page_end`` (every
    page)…
    Give: panels, each a template of one's own and its values. ``subject`` holds the row that the
    page shows by the name of the place, and whatever else the page says.
    Promise: only read; values are data, never markup.
    Example::

        @tl.hookimpl
        def panels(place, subject):
            if place == "room":
                yield tl.Panel("keys/where.html", {"room": subject["room"]})

    Since: 0.1. Used by: tierslieu_ical, tierslieu_events, tierslieu_lending.
    """
    return ()


@hookspec
def other_ways(work: Work, venue_id: int) -> Iterable[OtherWay]:
    """What may become of bookings inside a closing, other than to be cancelled, moved or kept.

    When: a manager handles bookings that a closure or a mode of the venue touches.
    Give: each way with its label, the sentence that whoever booked is told, and, where something
    must be written for it, what that is. The one that is chosen comes back by ``way_followed``.
    Promise: only read. The booking stays as it is in the core: what is different is yours.
    Example::

        @tl.hookimpl
        def other_ways(venue_id):
            yield tl.OtherWay("garden", say("In the garden"), say("It is held in the garden."))

    Since: 0.1. Used by: the core (held online), tierslieu_events.
    """
    return ()


@hookspec
def calendar_entries(work: Work, question: CalendarQuestion) -> Iterable[CalendarEntry]:
    """Dated things beside the bookings, for the calendars people subscribe to.

    When: a calendar is read: somebody's own, an organisation's, or that of rooms, of a venue, of
    the network. Programmes ask every few minutes, so answer by an index.
    Give: what the question asks for; what it does not (another time, place, or not for the eyes of
    this reader) is left out by the core. A plugin that is off at ``venue_id`` of an entry is not
    told of there.
    Promise: only read; an entry that did not change is given the same each time.
    Example::

        @tl.hookimpl
        def calendar_entries(work, question):
            if not question.is_own:
                for talk in talks_between(work.session, question.since, question.until):
                    yield tl.CalendarEntry(f"talk-{talk.id}", talk.title, talk.at, venue_id=1,
                                           changed_at=talk.changed_at, visibility="public")

    Since: 0.1. Used by: the core (deadlines), tierslieu_events, tierslieu_lending.
    """
    return ()


@hookspec
def search_results(work: Work, words: str) -> Iterable[SearchResult]:
    """What of a feature's own things is called so.

    When: somebody looks for words at ``/search/names``. ``words`` is what was written.
    Give: a result for each thing that has all the words, at most fifty; ``tl.has_words`` compares
    without case and accents. Only what ``work.actor`` may see.
    Promise: only read, one query.
    Example::

        @tl.hookimpl
        def search_results(work, words):
            for drill in drills(work.session):
                if tl.has_words(words, drill.name):
                    yield tl.SearchResult(drill.name, f"/drills/{drill.id}", say("Tool"))

    Since: 0.1. Used by: the core (venues and rooms), tierslieu_events, tierslieu_lending.
    """
    return ()


@hookspec
def mail_calendars(work: Work, booking_id: int, venue_id: int) -> Iterable[MailCalendar]:
    """What calendars read of a mail about a booking.

    When: a mail about one booking, or the dates of one series, is written to whom it is for; in
    the transaction of what it tells, after ``bookings_changed``.
    Give: one calendar, or nothing; the first that is given goes with the mail.
    Promise: only read; booking waits for it.
    Example::

        @tl.hookimpl
        def mail_calendars(booking_id):
            yield tl.MailCalendar(f"BEGIN:VCALENDAR…{booking_id}", "PUBLISH")

    Since: 0.1. Used by: tierslieu_ical.
    """
    return ()


@hookspec
def person_data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """What is kept about a person.

    When: she asks for her data, or somebody who may asks in her name.
    Give: a part for each table that points to her, with readable column names; nobody else's data.
    Promise: only read.
    Example::

        @tl.hookimpl
        def person_data(work, person_id):
            rows = loans_of(work.session, person_id)
            yield tl.PersonDataPart(say("Loans"), tuple({"what": r.name} for r in rows))

    Since: 0.1. Used by: tierslieu_ical, tierslieu_events, tierslieu_reports, tierslieu_lending.
    """
    return ()


@hookspec
def health_checks(work: Work) -> Iterable[HealthCheck]:
    """What can be wrong with a feature's data or settings.

    When: ``tierslieu doctor`` runs, or a network admin opens the page about the site's health.
    Give: one line for each thing looked at, the good ones too.
    Promise: only read, and answer within a second.
    Example::

        @tl.hookimpl
        def health_checks(work):
            yield tl.HealthCheck("doors", "ok", say("The door answers."))

    Since: 0.1. Used by: tierslieu_ical, tierslieu_lending.
    """
    return ()


@hookspec
def report_sections(
    work: Work, asked: ReportAsked, venue_id: int | None = None
) -> Iterable[ReportSection]:
    """What a feature knows in figures.

    When: an activity report is made, in the background: once for each of its venues and each of
    its two periods, and with ``venue_id`` None for what lies at no venue.
    Give: sections of that venue and those days alone; the same keys each time, noughts included,
    so that venues can be added up and periods compared. Every figure says what it means.
    Promise: only read, sums made by the database; no person's name.
    Example::

        @tl.hookimpl
        def report_sections(work, asked, venue_id):
            what = say("Loans that began on one of the days.")
            lent = tl.Figure("lent", say("Loans"), len(loans_of(work.session, asked.span)), what)
            yield tl.ReportSection("lending", say("Lending"), (lent,))

    Since: 0.1. Used by: the core, tierslieu_events, tierslieu_lending.
    """
    return ()


@hookspec
def report_rows(
    work: Work, rows: str, asked: ReportAsked, venue_id: int | None = None
) -> Iterable[ReportRows]:
    """The rows that a figure of a report was counted from.

    When: somebody who may export follows a figure to its rows; once for each venue.
    Give: the rows of the figures that say ``rows`` by this name; nothing for others' names.
    Promise: as for ``report_sections``, by the same condition as the figure.
    Example::

        @tl.hookimpl
        def report_rows(work, rows, asked):
            if rows == "main":
                lent = loans_of(work.session, asked.span)
                yield tl.ReportRows((say("What"),), tuple((loan.name,) for loan in lent))

    Since: 0.1. Used by: the core.
    """
    return ()


@hookspec
def price_lines(work: Work, candidates: Sequence[Candidate]) -> Iterable[PriceExtra]:
    """What a booking costs besides its room and things.

    When: once for all candidates wherever a price is shown or kept: a search, booking, moving.
    Give: a line for each candidate that costs more. With the booking it is frozen, and stays when
    the plugin goes; noughts are left out.
    Promise: only read, settings rather than queries: searches wait. Raising leaves yours out.
    Example::

        @tl.hookimpl
        def price_lines(candidates):
            return [tl.PriceExtra(each, "clean", say("Cleaning"), 2000) for each in candidates]

    Since: 0.1. Used by: tierslieu_energy.
    """
    return ()


# -- judge ---------------------------------------------------------------------------------------


@hookspec
def booking_objections(work: Work, candidates: Sequence[Candidate]) -> Iterable[Objection]:
    """Reasons why a room may not be booked like this.

    When: once per question, for all its candidates: a search asks for every room it would show,
    booking and moving ask again under the locks.
    Give: an objection for each candidate that may not be; nothing about the others.
    Promise: only read, one query for all candidates. Raising objects to all of them.
    Example::

        @tl.hookimpl
        def booking_objections(work, candidates):
            for each in candidates:
                if each.room_id in rooms_under_inspection(work.session):
                    yield tl.Objection(each, tl.Reason("inspection", say("Under inspection.")))

    Since: 0.1. Used by: plugins of an installation.
    """
    return ()


# -- react ---------------------------------------------------------------------------------------


@hookspec
def bookings_changed(work: Work, changes: Sequence[BookingChange]) -> None:
    """Bookings were made, moved, changed, or came to another state.

    When: in the same transaction, after the rows are written; once for all dates of one act.
    Give: nothing.
    Promise: write only rows of your own; no network, no files, no waiting (``work.later`` for
    those). Raising undoes your own writes and nothing else.
    Example::

        @tl.hookimpl
        def bookings_changed(work, changes):
            for each in changes:
                if each.after == "confirmed":
                    work.later("doors.open", booking=each.booking_id)

    Since: 0.1. Used by: tierslieu_ical, tierslieu_events.
    """


@hookspec
def way_followed(
    work: Work, key: str, bookings: Sequence[int], words: str, venue_id: int | None = None
) -> None:
    """Another way was chosen for bookings inside a closing.

    When: in the same transaction, once for all bookings of one act; ``key`` is the way's own,
    ``words`` what the manager wrote for it. Each person is told by the core.
    Give: nothing.
    Promise: as for ``bookings_changed``; leave alone a key that is not yours. Raising undoes the
    whole act, and the manager is told that it did not work.
    Example::

        @tl.hookimpl
        def way_followed(work, key, bookings):
            if key == "garden":
                work.later("garden.chairs", bookings=list(bookings))

    Since: 0.1. Used by: the core (held online), tierslieu_events.
    """


@hookspec
def venue_changed(work: Work, venue_id: int) -> None:
    """The facts of a venue or of one of its rooms changed: name, address, zone, what is public.

    When: in the same transaction, after the rows are written.
    Give: nothing.
    Promise: as for ``bookings_changed``.
    Example::

        @tl.hookimpl
        def venue_changed(work, venue_id):
            work.later("signs.print", key=f"signs:{venue_id}", venue=venue_id)

    Since: 0.1. Used by: tierslieu_ical.
    """


@hookspec
def demo_loaded(work: Work) -> None:
    """The demo network was written: add what shows your feature at work.

    When: once, when ``tierslieu demo`` has made its database, with the plugin on.
    Give: nothing.
    Promise: write only rows of your own, invented ones. A moment's work; what takes longer is done
    by ``work.later``. Raising undoes your own writes, and the demo goes on without them.
    Example::

        @tl.hookimpl
        def demo_loaded(work):
            work.later("doors.invent")

    Since: 0.1. Used by: tierslieu_ical, tierslieu_events, tierslieu_reports, tierslieu_lending.
    """


@hookspec
def person_erased(work: Work, person_id: int) -> None:
    """A person is being erased.

    When: in the same transaction, while her row is still there.
    Give: nothing.
    Promise: afterwards none of your rows tells who she was; what the law keeps is said in the
    manifest.
    Example::

        @tl.hookimpl
        def person_erased(work, person_id):
            work.session.execute(delete(Loan).where(Loan.person_id == person_id))

    Since: 0.1. Used by: tierslieu_ical, tierslieu_events, tierslieu_reports, tierslieu_lending.
    """
