"""What becomes of events inside a closing, or while a venue lets in fewer people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import tierslieu.toolkit as tl
from tierslieu_events.queries import DateView, dates_of_bookings
from tierslieu_events.registering.switching import fewer, switch
from tierslieu_events.words import REMOTE, say

#: The way that is added to what may become of bookings inside a closing.
FEWER = "events_fewer"
WAY = tl.OtherWay(
    FEWER,
    say("Let fewer people into the room (events)"),
    say("Fewer people can come than we thought"),
    asks=say("How many people may come in"),
    order=20,
)


@tl.hookimpl
def other_ways() -> Iterable[tl.OtherWay]:
    yield WAY


@tl.hookimpl
def way_followed(work: tl.Work, key: str, bookings: Sequence[int], words: str) -> None:
    follow(work, key, dates_of_bookings(work, bookings), words)


def follow(work: tl.Work, key: str, views: Iterable[DateView], words: str) -> None:
    """A manager chose what becomes of bookings inside a closing: dates held by them go along.

    Held online: the date is remote from now on, by the link that was written. Fewer people: so
    many as were written.
    """
    for view in views:
        if key == "online" and view.date.mode != REMOTE:
            switch(work, view, REMOTE)
            if words.strip().startswith("https://") and not view.date.provider:
                view.date.provider, view.date.meeting = "link", {"said": words.strip()[:500]}
        elif key == FEWER:
            if not words.strip().isdecimal():
                raise tl.Invalid("invalid", say("Write a number."), "words")
            fewer(work, view, int(words))
    work.session.flush()
