"""What a result says of itself, ready to be shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import url_for

from tierslieu.bookings.member.when import fields_of, fields_of_span
from tierslieu.bookings.search.asked import Sentence
from tierslieu.bookings.search.queries import Found
from tierslieu.kernel.languages import duration_words, money_words, say
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.span import Span
from tierslieu.venues.words import feature_icon, feature_label, layout_kind, layout_label

_ACCESS: Final[dict[str, tuple[str, Message]]] = {
    "step_free": ("step-free", msg("step-free")),
    "hearing_loop": ("ear", msg("hearing loop")),
    "accessible_toilet": ("toilet", msg("accessible toilet")),
    "lift": ("lift", msg("lift")),
}
_ICONS: Final[dict[str, str]] = {
    "taken": "calendar",
    "closed": "clock",
    "outside_hours": "clock",
    "closure": "clock",
    "too_soon": "bell",
    "too_far": "bell",
    "over_capacity": "people",
    "members_only": "card",
    "membership_ends": "card",
    "lacks_access": "step-free",
    "access_unknown": "step-free",
    "lacks_feature": "tag",
}
#: So many facts stand under a room's name.
FACTS: Final = 3
#: Features that every room has and nobody looks for.
_DULL: Final = frozenset({"chairs", "heating", "folding_tables"})


def hit(found: Found, asked: Sentence, span: Span, locale: str) -> dict[str, Any]:
    """A free room for the macro ``hit``."""
    case = found.case
    layout, seats = _layout(found)
    where = case.venue_area
    if found.km is not None:
        km = say(msg("about %(km)s km from you", km=round(found.km, 1)), locale)
        where = f"{where} · {km}" if where else km
    return {
        "name": case.name,
        "url": url_for("venues.room", public_id=case.public_id),
        "venue": case.venue_name,
        "fit": _places_free(found, locale) or _fit(layout, seats, locale),
        "where": where,
        "facts": _facts(found, asked, locale),
        "instant": found.instant,
        "asked": found.match.asked_by,
        "price": _price(found, locale),
        "price_note": _price_note(found, span, locale),
        "book_url": _book_url(found, fields_of_span(span, case.zone)),
        "layout": layout_kind(layout) if layout else "rows",
        "capacity": seats,
        "accent": case.accent,
    }


def miss(found: Found, asked: Sentence, url: str, locale: str) -> dict[str, Any]:
    """A near miss for the macro ``near``: why, and the nearest that would do."""
    reasons = found.match.reasons
    shown: dict[str, Any] = {
        "name": f"{found.case.name}, {found.case.venue_name}",
        "url": url_for("venues.room", public_id=found.case.public_id),
        "why": " ".join(dict.fromkeys(_why(found, asked, locale))),
        "why_icon": _ICONS.get(reasons[0].code, "alert"),
    }
    choice = found.choice
    if choice is not None:
        fields = fields_of(choice.values, found.case.zone)
        if "date" not in fields:
            fields = _asked_fields(asked, found.case.zone) | fields
        shown |= {"choice": say(choice.label, locale), "choice_url": _book_url(found, fields)}
    elif any(reason.code in ("lacks_access", "access_unknown") for reason in reasons):
        shown |= {"choice": msg("Without asking for access"), "choice_url": url}
    if {reason.code for reason in reasons} == {"taken"}:
        shown["wait_url"] = _book_url(found, _asked_fields(asked, found.case.zone)) + "#why"
    return shown


def _why(found: Found, asked: Sentence, locale: str) -> Iterator[str]:
    """The reasons, with the features that are missing called by their names."""
    for reason in found.match.reasons:
        if reason.code != "lacks_feature":
            yield say(reason.message, locale)
    for key in sorted(asked.wish.features - set(found.case.features)):
        yield say(msg("It has no %(feature)s.", feature=feature_label(key)), locale)


def _asked_fields(asked: Sentence, zone: ZoneInfo) -> dict[str, str]:
    return fields_of_span(asked.span, zone) if asked.span else {}


def _book_url(found: Found, fields: dict[str, str]) -> str:
    people = {"n": str(found.people)} if found.people else {}
    if found.verdict.kit.places:
        people["places"] = str(found.verdict.kit.places)
    told: dict[str, Any] = {name: value for name, value in (people | fields).items() if value}
    return url_for("bookings.book", room=found.case.public_id, **told)


def _layout(found: Found) -> tuple[str, int | None]:
    """The smallest layout that holds them, else the largest there is."""
    rows = sorted((int(seats), key) for key, seats in found.case.layouts.items() if seats)
    fitting = [row for row in rows if row[0] >= (found.people or 0)]
    if not rows:
        return "", found.case.capacity
    seats, key = (fitting or rows[-1:])[0]
    return key, seats


def _places_free(found: Found, locale: str) -> str:
    """How many places are free, where a room is booked by place."""
    places, free = found.case.places, found.verdict.kit.free
    if places is None or free is None:
        return ""
    text = nmsg(
        "%(n)s of %(all)s places is free.",
        "%(n)s of %(all)s places are free.",
        free,
        all=places.count,
    )
    return say(text, locale)


def _fit(layout: str, seats: int | None, locale: str) -> str:
    if layout and seats:
        return say(msg("%(n)s %(layout)s.", n=seats, layout=layout_label(layout)), locale)
    return say(msg("Up to %(n)s people.", n=seats), locale) if seats else ""


def _facts(found: Found, asked: Sentence, locale: str) -> list[tuple[str, str]]:
    case = found.case
    access = [_ACCESS[key] for key in _ACCESS if case.access.get(key)]
    wanted = [key for key in case.features if key in asked.wish.features]
    others = [key for key in case.features if key not in asked.wish.features | _DULL]
    things = [(feature_icon(key), feature_label(key)) for key in [*wanted, *others]]
    return [(icon, say(word, locale)) for icon, word in [*access[:2], *things]][:FACTS]


def _price(found: Found, locale: str) -> str:
    total = found.price.total
    if not total:
        return say(msg("Free of charge"), locale)
    return money_words(total.cents, total.currency, locale)


def _price_note(found: Found, span: Span, locale: str) -> str:
    if not found.price.lines:
        return ""
    length = duration_words(span.duration, locale)
    if found.price.as_member:
        return say(msg("%(length)s, members' price", length=length), locale)
    return length
