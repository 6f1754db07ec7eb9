"""What the matrix says of itself, ready to be shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from flask import url_for

from tierslieu.bookings.finding.asked import DAYS, LENGTHS, PARTS, Asked
from tierslieu.bookings.finding.queries import Matrix
from tierslieu.bookings.finding.rows import Near, Row
from tierslieu.bookings.member.when import fields_of, fields_of_span
from tierslieu.bookings.places.rules import places_for
from tierslieu.bookings.rules.matrix import span_at
from tierslieu.kernel.languages import duration_words, say, weekday_words
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.span import LocalSpan, Span

#: Why a day has no time, in a word.
WORDS: Final[dict[str, Message]] = {
    "taken": msg("taken"),
    "closed": msg("closed"),
    "past": msg("past"),
    "too_soon": msg("too soon"),
    "too_far": msg("too far ahead"),
    "refused": msg("not allowed"),
}
#: So many days to be skipped are named.
NAMED: Final = 4

Address = Callable[..., str]


def choices(locale: str) -> dict[str, list[tuple[str, str]]]:
    """The choices of the sentence: how long, which days, which part of the day."""
    named = {"weekdays": msg("any weekday"), "any": msg("any day"),
             "weekend": msg("any Saturday or Sunday")}  # fmt: skip
    parts = {"evening": msg("in the evening"), "afternoon": msg("in the afternoon"),
             "morning": msg("in the morning"), "any": msg("at any time")}  # fmt: skip
    days = [
        (key, say(named[key], locale) if key in named else _only(min(DAYS[key]), locale))
        for key in DAYS
    ]
    return {
        "lengths": [(str(n), duration_words(timedelta(minutes=n), locale)) for n in LENGTHS],
        "days": days,
        "parts": [(key, say(parts[key], locale)) for key in PARTS],
    }


def _only(weekday: int, locale: str) -> str:
    return say(msg("any %(weekday)s", weekday=weekday_words(weekday + 1, locale)), locale)


def drawn(found: Matrix, asked: Asked, locale: str, why_url: Address) -> dict[str, Any]:
    """Rooms as columns, days as rows, and the near misses."""
    people = asked.question.wish.people
    return {
        "rooms": [_room(row, people) for row in found.rows],
        "lines": [
            {
                "day": day,
                "cells": [_cell(row, number, day, people, locale, why_url) for row in found.rows],
            }
            for number, day in enumerate(found.days)
        ],
        "total": found.total,
        "steady": [_steady(near, found.days, people, locale) for near in found.steady],
        "nears": [_near(near, people, locale) for near in found.nears],
    }


def _room(row: Row, people: int | None) -> dict[str, Any]:
    case, first = row.case, row.first
    return {
        "name": case.name,
        "venue": case.venue_name,
        "url": url_for("venues.room", public_id=case.public_id),
        "capacity": case.capacity,
        "free": row.free,
        "first": first,
        "zone": case.zone.key,
        "accent": case.accent,
        "first_url": book_url(row.case, first, people) if first else None,
    }


def _cell(
    row: Row, number: int, day: date, people: int | None, locale: str, why_url: Address
) -> dict[str, Any]:
    said = row.cells[number]
    if isinstance(said, str):
        return {
            "code": said,
            "word": say(WORDS[said], locale),
            "url": why_url(room=row.case.public_id, day=day.isoformat()),
        }
    span = span_at(said, row.limits.length)
    return {"span": span, "zone": row.case.zone.key, "url": book_url(row.case, span, people)}


def book_url(case: Any, span: Span, people: int | None, **more: str) -> str:
    """Where this time is booked."""
    told: dict[str, Any] = fields_of_span(span, case.zone) | {"n": str(people or "")} | more
    if case.places is not None and people:
        count = case.places.count
        told["places"] = str(min(places_for(people, case.capacity, count), count))
    told = {name: value for name, value in told.items() if value}
    return url_for("bookings.book", room=case.public_id, **told)


def _near(near: Near, people: int | None, locale: str) -> dict[str, Any]:
    """Earlier or later, shorter, or another room: for the macro ``near``."""
    count = near.days
    icon = "clock"
    more: dict[str, str] = {}
    if near.reasons:
        why = " ".join(say(reason.message, locale) for reason in near.reasons)
        icon = {"over_capacity": "people", "lacks_feature": "tag"}.get(
            near.reasons[0].code, "step-free"
        )
        for reason in near.reasons:
            for choice in reason.nearest:
                more |= fields_of(choice.values, near.case.zone)
    elif near.apart:
        length = timedelta(minutes=near.apart)
        why = say(
            nmsg(
                "One day more, if it may be up to %(length)s earlier or later.",
                "%(n)s days more, if it may be up to %(length)s earlier or later.",
                count,
                length=length,
            ),
            locale,
        )
    else:
        length = timedelta(minutes=near.minutes)
        why = say(
            nmsg(
                "One day more, if %(length)s are enough.",
                "%(n)s days more, if %(length)s are enough.",
                count,
                length=length,
            ),
            locale,
        )
    return _shown(near, people, locale, why, icon, more)


def _steady(near: Near, days: Any, people: int | None, locale: str) -> dict[str, Any]:
    """One time on all days, or on all but some."""
    at, skipped = LocalSpan(near.first, near.case.zone), near.skipped
    begins = f"{at.starts.hour}:{at.starts.minute:02d}"
    if not skipped:
        text = nmsg(
            "Free at %(time)s on the one day.", "Free at %(time)s on each of the %(n)s days.",
            len(days), time=begins,
        )  # fmt: skip
    elif len(skipped) <= NAMED:
        text = msg(
            "Free at %(time)s on all days without %(days)s.", time=begins, days=tuple(skipped)
        )
    else:
        text = msg(
            "Free at %(time)s on %(n)s days of %(all)s.",
            time=begins, n=near.days, all=len(days),
        )  # fmt: skip
    others = [day.isoformat() for day in days if day not in skipped and day > at.starts.date()]
    more = {"repeat": "days", "days": ", ".join(others)} if others else {}
    return _shown(near, people, locale, say(text, locale), "calendar", more)


def _shown(
    near: Near, people: int | None, locale: str, why: str, icon: str, more: dict[str, str]
) -> dict[str, Any]:
    when = msg("%(when)s", when=LocalSpan(near.first, near.case.zone))
    return {
        "name": f"{near.case.name}, {near.case.venue_name}",
        "url": url_for("venues.room", public_id=near.case.public_id),
        "why": why,
        "why_icon": icon,
        "choice": say(when, locale),
        "choice_url": book_url(near.case, near.first, people, **more),
    }
