"""What is added elsewhere: menus, pieces of pages, calendars, search, reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_events import queries
from tierslieu_events.calendars import place_of
from tierslieu_events.models import Event, EventDate, Registration, Side
from tierslieu_events.queries import coming, title_of
from tierslieu_events.registering.queries import entries as registered
from tierslieu_events.registering.queries import of_person
from tierslieu_events.words import MODES, REMOTE, SIDES, STATES, say


def menu(actor: tl.Actor, place: str, venue_id: int | None, slug: str) -> Iterator[tl.NavItem]:
    """Events in the menus."""
    if place == "main":
        yield tl.NavItem(say("Events"), "/events", icon="calendar", order=40)
    elif place == "me":
        yield tl.NavItem(say("My events"), "/events/mine", icon="star", order=45)
    elif place == "desk" and venue_id is not None and actor.may("events.check_in", venue=venue_id):
        yield tl.NavItem(say("Events"), f"/manage/{slug}/events", icon="calendar", order=45)


def pieces(work: tl.Work, place: str, subject: Mapping[str, Any]) -> Iterator[tl.Panel]:
    """What comes next, on the pages of venues, at home, at the desk and on one's own."""
    if place in ("venue", "home_week"):
        venue = subject["venue"] if place == "venue" else None
        until = work.now + timedelta(days=60 if venue is not None else 8)
        venue_id = venue.id if venue is not None else None
        if views := coming(work, work.now, until, venue_id=venue_id, most=5):
            slug = venue.slug if venue is not None else ""
            yield tl.Panel("events/panel.html", {"views": views, "slug": slug, "modes": MODES})
    elif place == "today":
        yield from _today(work, subject["today"])
    elif place == "me" and work.actor.person_id is not None:
        mine = of_person(work, work.actor.person_id, since=work.now)
        if mine:
            yield tl.Panel("events/mine_panel.html", {"entries": mine[:5], "states": STATES,
                                                      "now": work.now})  # fmt: skip


def _today(work: tl.Work, today: Any) -> Iterator[tl.Panel]:
    venue = work.session.scalar(sa.select(tl.Venue).where(tl.Venue.slug == today.slug))
    if venue is None or not work.actor.may("events.check_in", venue=venue.id):
        return
    views = coming(work, work.now, work.now + timedelta(hours=24), venue_id=venue.id)
    if views:
        yield tl.Panel("events/today_panel.html", {"views": views, "slug": today.slug})


def entries(work: tl.Work, question: tl.CalendarQuestion) -> Iterator[tl.CalendarEntry]:
    """What one registered for; in the calendars of places what is remote alone.

    What is held in a room stands there already, as the booking that it is.
    """
    if question.is_own:
        if question.person_id is not None:
            yield from _own(work, question, question.person_id)
        return
    for view in coming(work, question.since, question.until):
        if view.date.mode == REMOTE:
            yield _entry(work, view, f"date-{view.date.public_id}", "public")


def _own(work: tl.Work, question: tl.CalendarQuestion, person: int) -> Iterator[tl.CalendarEntry]:
    condition = sa.and_(
        Registration.person_id == person,
        Registration.state.in_(("registered", "waiting", "offered")),
        EventDate.ends_at > question.since,
        EventDate.starts_at < question.until,
    )
    for entry in registered(work, condition):
        state = "confirmed" if entry.row.state == "registered" else "tentative"
        key = f"registration-{entry.row.public_id}"
        yield _entry(work, entry.view, key, "private", state, entry.row)


def _entry(work: tl.Work, view: queries.DateView, key: str, visibility: Any, status: Any = "",
           row: Registration | None = None) -> tl.CalendarEntry:  # fmt: skip
    changed = max(view.date.changed_at, row.changed_at) if row is not None else view.date.changed_at
    return tl.CalendarEntry(
        key, view.event.title, view.date.starts_at, view.date.ends_at,
        changed_at=changed.replace(microsecond=0), venue_id=view.venue.id,
        room_id=view.date.room_id, zone=view.venue.zone, location=place_of(view),
        description=view.event.description, url=f"/events/{view.event.public_id}",
        visibility=visibility, status=status or "confirmed", blocks=status == "confirmed",
        sequence=view.date.revision + (row.revision if row is not None else 0),
    )  # fmt: skip


def results(work: tl.Work, words: str) -> Iterator[tl.SearchResult]:
    """Events to come that are called so."""
    seen: set[int] = set()
    for view in coming(work, work.now, work.now + timedelta(days=400)):
        event = view.event
        texts = (*event.title.values(), *event.description.values(), view.venue.name)
        if event.id not in seen and len(seen) < 50 and tl.has_words(words, *texts):
            seen.add(event.id)
            yield tl.SearchResult(title_of(work, event), f"/events/{event.public_id}",
                                  say("Event"), view.venue.name, icon="calendar")  # fmt: skip


def figures(work: tl.Work, asked: tl.ReportAsked, venue_id: int | None
            ) -> Iterator[tl.ReportSection]:  # fmt: skip
    """Dates that took place, who registered and who came, by the way they took part."""
    if venue_id is None:
        return
    held = sa.and_(
        Event.venue_id == venue_id, Event.state == "published", EventDate.state == "planned",
        EventDate.starts_at >= asked.span.starts_at, EventDate.starts_at < asked.span.ends_at,
    )  # fmt: skip
    dates = work.session.scalar(
        sa.select(sa.func.count(EventDate.id)).join(Event, Event.id == EventDate.event_id)
        .where(held)
    )  # fmt: skip
    what = say("Dates of published events that began on one of the days.")
    found = [tl.Figure("dates", say("Dates held"), int(dates or 0), what)]
    counted = (
        sa.select(Side.kind, sa.func.sum(Registration.seats), sa.func.sum(Registration.came))
        .select_from(Registration)
        .join(Side, Side.id == Registration.side_id)
        .join(EventDate, EventDate.id == Registration.date_id)
        .join(Event, Event.id == EventDate.event_id)
        .where(held, Registration.state == "registered")
        .group_by(Side.kind)
    )
    sums = {row[0]: (int(row[1] or 0), int(row[2] or 0)) for row in work.session.execute(counted)}
    for kind, side in SIDES.items():
        seats, came = sums.get(kind, (0, 0))
        found.append(tl.Figure(f"registered_{kind}", say("Registered: %(side)s", side=side), seats,
                               say("Places taken, people who came along included.")))  # fmt: skip
        found.append(tl.Figure(f"came_{kind}", say("Came: %(side)s", side=side), came,
                               say("People noted at the door, or as taking part.")))  # fmt: skip
    yield tl.ReportSection("events", say("Events"), tuple(found))
