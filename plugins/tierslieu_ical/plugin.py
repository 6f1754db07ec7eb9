"""Calendars: the table of contents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

import tierslieu.toolkit as tl
from tierslieu_ical import additions, incoming, models, queries, services, settings

msg = tl.sentences("tierslieu_ical")

plugin = tl.Plugin(
    name="ical",
    title=msg("Calendars"),
    sentence=msg("Bookings, venues and rooms in the calendar people already use."),
    blueprints=lambda: [*additions.blueprints(), *incoming.blueprints()],
    jobs=lambda: (*import_module("tierslieu_ical.jobs").KINDS, *incoming.jobs()),
    commands=lambda: [import_module("tierslieu_ical.commands").ical],
    person_columns={
        "ical_feed.person_id": "delete",
        "ical_fragment.person_id": "forget",
        **incoming.PERSON_COLUMNS,
    },
    on_enable=(services.REBUILD,),
    settings=(*settings.SETTINGS, *incoming.SETTINGS),
)


@tl.hookimpl
def nav_items(actor: tl.Actor, place: str) -> Iterable[tl.NavItem]:
    if place == "me" and actor.may("feeds.own", own=True):
        yield tl.NavItem(msg("Calendars"), "/feeds", icon="calendar", order=60)


@tl.hookimpl
def panels(work: tl.Work, place: str, subject: Mapping[str, Any]) -> Iterable[tl.Panel]:
    yield from additions.subscribe(work, place, subject)
    yield from incoming.panels(work, place, subject)


@tl.hookimpl
def person_data(work: tl.Work, person_id: int) -> Iterable[tl.PersonDataPart]:
    rows = (additions.feed_row(feed) for feed in queries.feeds_of(work.session, person_id))
    yield tl.PersonDataPart(msg("Calendar addresses"), tuple(rows))


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
    services.forget(work, person_id)
    incoming.forget(work, person_id)


__all__ = ["models", "plugin"]
