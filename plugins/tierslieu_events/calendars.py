"""What calendars read of an event: one date for a person, or all that anybody may take."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

import icalendar

import tierslieu.toolkit as tl
from tierslieu_events.models import Registration
from tierslieu_events.queries import DateView


def _host(work: tl.Work) -> str:
    return urlsplit(work.site.config.base_url).hostname or "localhost"


def _calendar(method: str) -> icalendar.Calendar:
    made = icalendar.Calendar()
    made.add("prodid", "-//Tierslieu//Events//EN")
    made.add("version", "2.0")
    if method:
        made.add("method", method)
    return made


def place_of(view: DateView) -> str:
    """Where it is, as a calendar shows it."""
    if view.room is None:
        return ""
    parts = (view.room.name, view.venue.name, view.venue.street)
    return ", ".join(part for part in parts if part)


def entry(work: tl.Work, view: DateView, locale: str, *, sequence: int | None = None
          ) -> icalendar.Event:  # fmt: skip
    """A date as an event of a calendar."""
    date, event = view.date, view.event
    made = icalendar.Event()
    made.add("uid", f"event-{date.public_id}@{_host(work)}")
    made.add("dtstamp", date.changed_at)
    made.add("last-modified", date.changed_at)
    made.add("sequence", date.revision if sequence is None else sequence)
    made.add("dtstart", date.starts_at)
    made.add("dtend", date.ends_at)
    made.add("summary", event.title.best(locale, "it")[1])
    if text := event.description.best(locale, "it")[1]:
        made.add("description", text)
    if place := place_of(view):
        made.add("location", place)
    made.add("url", f"{work.site.config.base_url}/events/{event.public_id}")
    gone = date.state == "cancelled" or event.state == "cancelled"
    made.add("status", "CANCELLED" if gone else "CONFIRMED")
    return made


def calendar_of(work: tl.Work, views: Iterable[DateView], locale: str) -> bytes:
    """A calendar of dates that anybody may take."""
    made = _calendar("")
    for view in views:
        made.add_component(entry(work, view, locale))
    return bytes(made.to_ical())


def invitation(work: tl.Work, view: DateView, row: Registration, method: str, locale: str) -> str:
    """What goes with a mail: it puts the date in her calendar, changes it, or takes it out.

    The same UID for the same person and date, so that the next one replaces the last.
    """
    made = _calendar(method)
    one = entry(work, view, locale, sequence=view.date.revision + row.revision)
    one["uid"] = icalendar.vText(f"event-{view.date.public_id}@{_host(work)}")
    one["dtstamp"] = icalendar.vDDDTypes(work.now)
    if method == "CANCEL":
        one["status"] = icalendar.vText("CANCELLED")
    address = view.venue.email or f"no-reply@{_host(work)}"
    organiser = icalendar.vCalAddress(f"mailto:{address}")
    organiser.params["CN"] = icalendar.vText(view.venue.name)
    one["organizer"] = organiser
    if attendee := _attendee(work, row):
        one.add("attendee", attendee, encode=False)
    made.add_component(one)
    return bytes(made.to_ical()).decode()


def _attendee(work: tl.Work, row: Registration) -> icalendar.vCalAddress | None:
    address = row.email
    if row.person_id is not None and (reader := tl.addressee(work.session, row.person_id)):
        address = reader.email
    if not address:
        return None
    made = icalendar.vCalAddress(f"mailto:{address}")
    made.params["PARTSTAT"] = icalendar.vText("ACCEPTED")
    made.params["RSVP"] = icalendar.vText("FALSE")
    return made


__all__ = ["calendar_of", "entry", "invitation", "place_of"]
