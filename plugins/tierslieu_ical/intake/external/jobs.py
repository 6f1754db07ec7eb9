"""Background work: finding the calendars that are due, asking them, taking what they say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import tierslieu.toolkit as tl
from tierslieu_ical.intake.external import queries, services
from tierslieu_ical.intake.external.models import External
from tierslieu_ical.intake.external.rules import WHOLE_EVERY, busy_times
from tierslieu_ical.intake.fetching import Answer, Net, NotFetched, fetch
from tierslieu_ical.intake.reading import MOST_DAYS, Unreadable, occurrences, read
from tierslieu_ical.intake.repeats import Budget, TooMuch


@dataclass(frozen=True)
class Heard:
    """What asking came to: a problem, or what the calendar says."""

    problem: str = ""
    answer: Answer | None = None
    busy: dict[str, tl.Span] = field(default_factory=dict)
    unread: int = 0


def look_round(work: tl.Work, **_payload: Any) -> None:
    """Queue the reading of every calendar that is due."""
    for external in queries.due(work.session, work.now, tl.places(work)):
        services.ask_soon(work, work.session.get_one(External, external))


def ask(site: tl.Site, external: int, net: Net | None = None) -> Heard | None:
    """Ask a calendar, with no transaction open; None: it was removed meanwhile."""
    with site.reading() as work:
        row = work.session.get(External, external)
        if row is None or not tl.is_on(work, row.venue_id):
            return None
        venue = work.session.get_one(tl.Venue, row.venue_id)
        now, zone, room = work.now, ZoneInfo(venue.zone), row.room_id
        net = net or Net(ports=services.ports(work))
        ahead = tl.setting(work, "external_days", venue_id=venue.id, room_id=room)
    known = row.whole_at is not None and row.whole_at > now - WHOLE_EVERY
    said = {"etag": row.etag, "modified": row.modified} if known else {}
    try:
        answer = fetch(row.address, net, **said)
        if answer.data is None:
            return Heard(answer=answer)
        contents = read(answer.data, zone)
        window = tl.Span(now, now + timedelta(days=ahead))
        found, strange = occurrences(contents.events, window, Budget(MOST_DAYS))
    except (NotFetched, Unreadable) as error:
        return Heard(error.code)
    except TooMuch:
        return Heard("too_large")
    unread = len(contents.unread) + len(strange)
    return Heard("", answer, busy_times(found), unread)


def take_in(work: tl.Work, heard: Heard | None, external: int) -> None:
    """Write down what asking came to."""
    row = work.session.get(External, external)
    if heard is None or row is None:
        return
    if heard.answer is None:
        services.note_problem(work, row, heard.problem)
    else:
        services.note_read(work, row, heard.answer, heard.busy, heard.unread)


KINDS = (
    tl.JobKind("ical.external_look_round", look_round, every_minutes=5),
    tl.JobKind(services.READ, take_in, outside=ask, lease_seconds=300),
)
