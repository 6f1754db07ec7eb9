"""Decisions on plain values: what a calendar takes, when it is asked again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import tierslieu.toolkit as tl
from tierslieu_ical.intake.reading import Occurrence

#: The longest pause after failures.
LONGEST_PAUSE = timedelta(days=1)
#: Its whole text is asked for at least this often: time moves on, and so does what repeats.
WHOLE_EVERY = timedelta(days=1)


@dataclass(frozen=True)
class Part:
    """What a busy time may take, and whether something else has some of it."""

    free: tuple[tl.Span, ...]
    collides: bool


def parts(wanted: Sequence[tl.Span], foreign: Iterable[tl.Span]) -> list[Part]:
    """For each wanted span, in order of time, what is free of it.

    What an earlier one of the same calendar takes is no collision: it is busy, once.
    """
    others = sorted(foreign)
    own: list[tl.Span] = []
    found = []
    for span in wanted:
        hits = [other for other in others if other.overlaps(span)]
        before = [other for other in own if other.overlaps(span)]
        found.append(Part(tuple(span.minus([*hits, *before])), bool(hits)))
        own = [*before, span]
    return found


def busy_times(occurrences: Iterable[Occurrence]) -> dict[str, tl.Span]:
    """What takes time, by a name that stays and tells nothing."""
    return {
        hashlib.sha256(each.key.encode()).hexdigest()[:40]: each.span
        for each in occurrences
        if each.event.busy
    }


def next_try(now: datetime, minutes: int, failures: int) -> datetime:
    """When it is asked again: later after each failure, once a day at least."""
    pause = timedelta(minutes=minutes << min(failures, 12))
    return now + min(pause, max(LONGEST_PAUSE, timedelta(minutes=minutes)))


def ports_of(written: str) -> frozenset[int]:
    """The ports of a setting; those of the web where nothing sensible is written."""
    found = {int(each) for each in written.replace(",", " ").split() if each.isdecimal()}
    return frozenset(port for port in found if 0 < port < 65536) or frozenset({80, 443})
