"""The one question behind every calendar that shows more than bookings."""

from __future__ import annotations

from tierslieu import hookspecs
from tierslieu.contributions import CalendarEntry, CalendarQuestion
from tierslieu.kernel.messages import Message
from tierslieu.kernel.work import Work


def dated_entries(work: Work, question: CalendarQuestion) -> list[tuple[str, CalendarEntry]]:
    """What plugins (and the core: deadlines) give to a calendar, with the name of who gave it.

    Only what the calendar asks for and its reader may know, of plugins that are on at its venue;
    in the order of time, and of two entries of one key the first.
    """
    found = work.hooks.gather_named(hookspecs.calendar_entries, work=work, question=question)
    kept: dict[tuple[str, str], CalendarEntry] = {}
    for plugin, entry in found:
        off = entry.venue_id is not None and not work.site.plugins.is_on(plugin, entry.venue_id)
        if not off and question.wants(entry):
            kept.setdefault((plugin, entry.key), entry)
    ordered = sorted(kept.items(), key=lambda each: (_day_and_time(each[1]), each[0]))
    return [(plugin, entry) for (plugin, _), entry in ordered]


def dated_by(work: Work) -> list[tuple[str, Message | str]]:
    """Who gives entries to calendars, beside the core: names and titles of plugins that are on."""
    names = work.hooks.implementers(hookspecs.calendar_entries)
    plugins = work.site.plugins
    return [
        (name, plugins.find(name).title)
        for name in names
        if not name.startswith("core") and plugins.is_on(name, None)
    ]


def _day_and_time(entry: CalendarEntry) -> str:
    return entry.starts_at.isoformat()
