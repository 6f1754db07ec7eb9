"""Calendars: the table of contents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tierslieu.toolkit as tl
from tierslieu_ical import additions, incoming, journal, models, services, settings

msg = tl.sentences("tierslieu_ical")

plugin = tl.Plugin(
    name="ical",
    title=msg("Calendars"),
    sentence=msg("Bookings, venues and rooms in the calendar people already use."),
    blueprints=lambda: [*additions.blueprints(), *incoming.blueprints()],
    jobs=lambda: [*additions.jobs(), *incoming.jobs()],
    commands=additions.commands,
    person_columns={**additions.PERSON_COLUMNS, **incoming.PERSON_COLUMNS},
    on_enable=(services.REBUILD,),
    settings=(*settings.SETTINGS, *incoming.SETTINGS),
    journal=journal.JOURNAL,
)


@tl.hookimpl
def nav_items(actor: tl.Actor, place: str) -> Iterable[tl.NavItem]:
    if place == "me" and actor.may("feeds.own", own=True):
        yield tl.NavItem(msg("Calendars"), "/feeds", icon="calendar", order=60)


@tl.hookimpl
def panels(
    work: tl.Work, place: str, subject: Mapping[str, Any], venue_id: int | None
) -> Iterable[tl.Panel]:
    yield from additions.subscribe(work, place, subject)
    yield from additions.answered(work, place, subject, venue_id)
    yield from incoming.panels(work, place, subject)


@tl.hookimpl
def mail_calendars(work: tl.Work, booking_id: int) -> Iterable[tl.MailCalendar]:
    return additions.calendars(work, booking_id)


@tl.hookimpl
def person_data(work: tl.Work, person_id: int) -> Iterable[tl.PersonDataPart]:
    yield from additions.person_parts(work, person_id)
    yield from incoming.person_data(work, person_id)


@tl.hookimpl
def health_checks(work: tl.Work) -> Iterable[tl.HealthCheck]:
    return additions.health(services.behind(work))


@tl.hookimpl
def bookings_changed(work: tl.Work, changes: Sequence[tl.BookingChange]) -> None:
    new = all(change.what == "made" for change in changes)
    services.keep(work, [change.booking_id for change in changes], new=new)


@tl.hookimpl
def venue_changed(work: tl.Work, venue_id: int) -> None:
    work.later(services.REBUILD, key=f"{services.REBUILD}:{venue_id}", venue=venue_id)


@tl.hookimpl
def demo_loaded(work: tl.Work) -> None:
    additions.invent(work)


@tl.hookimpl
def person_erased(work: tl.Work, person_id: int) -> None:
    additions.forget(work, person_id)
    incoming.forget(work, person_id)


__all__ = ["models", "plugin"]
