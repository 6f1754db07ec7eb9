"""Sentences in the reader's language: catalogues, and words for dates, times and money.

Each package that speaks (the core, every plugin) has a domain of its own, so a plugin's "Save"
never replaces the core's. ``xx`` is a pseudo-language that wraps every sentence in ⟦ ⟧: what shows
without the marks was never given to translators.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from babel.support import Translations
from babel.units import format_unit

from tierslieu.kernel.messages import DOMAIN, Message
from tierslieu.kernel.money import Money
from tierslieu.kernel.span import LocalSpan, Span
from tierslieu.kernel.texts import Texts

PSEUDO = "xx"

_folders: dict[str, Path] = {DOMAIN: Path(__file__).parent.parent / "translations"}


def add_domain(domain: str, folder: Path) -> None:
    """Say where the catalogues of a domain are (``<folder>/<lang>/LC_MESSAGES/<domain>.po``)."""
    _folders[domain] = folder
    _catalogue.cache_clear()


@lru_cache(maxsize=64)
def _catalogue(domain: str, locale: str) -> NullTranslations:
    folder = _folders.get(domain)
    path = folder / locale / "LC_MESSAGES" / f"{domain}.po" if folder is not None else None
    if path is None or not path.exists():
        return NullTranslations()
    # Compiled here and now: a compiled file beside its source is one more thing to be stale.
    with path.open("rb") as file:
        catalogue = read_po(file, locale=locale, domain=domain)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain)


def translate(
    locale: str, domain: str, msgid: str, plural: str | None = None, n: int | None = None
) -> str:
    """One sentence of a domain; what a plugin's catalogue lacks is looked up in the core's."""
    if locale == PSEUDO:
        text = msgid if plural is None or n == 1 else plural
        return f"⟦{text}⟧"
    text = _lookup(_catalogue(domain, locale), msgid, plural, n)
    if domain != DOMAIN and text in (msgid, plural):
        text = _lookup(_catalogue(DOMAIN, locale), msgid, plural, n)
    return text


def _lookup(catalogue: NullTranslations, msgid: str, plural: str | None, n: int | None) -> str:
    if plural is None:
        return catalogue.gettext(msgid)
    return catalogue.ngettext(msgid, plural, 1 if n is None else n)


def say(message: Message | str, locale: str, zone: str | None = None) -> str:
    """A message as one reader reads it; plain text passes through."""
    if isinstance(message, str):
        return message

    def find(domain: str, msgid: str, plural: str | None, n: int | None) -> str:
        return translate(locale, domain, msgid, plural, n)

    return message.render(find, lambda value: _words(value, locale, zone))


def _words(value: object, locale: str, zone: str | None) -> object:
    match value:
        case date() | timedelta() | Span() | LocalSpan():
            return _time_words(value, locale, zone)
        case Texts():
            return value.best(locale, "it")[1]
        case Money():
            return money_words(value.cents, value.currency, locale)
        case int() if not isinstance(value, bool):
            return number_words(value, locale)
    return value


def _time_words(value: date | timedelta | Span | LocalSpan, locale: str, zone: str | None) -> str:
    match value:
        case datetime():
            local = value.astimezone(ZoneInfo(zone)) if zone else value
            return f"{day_words(local, locale)}, {clock_words(local)}"
        case date():
            return day_words(value, locale)
        case LocalSpan():
            inner = value.span
            return span_words(inner.starts_at, inner.ends_at, locale, value.zone.key)
        case Span():
            return span_words(value.starts_at, value.ends_at, locale, zone or "UTC")
    return duration_words(value, locale)


def babel_locale(locale: str) -> Locale:
    """Babel's idea of one of our languages."""
    return _locale("en" if locale == PSEUDO else locale)


@lru_cache(maxsize=8)
def _locale(locale: str) -> Locale:
    # English here is the English of Europe: 24 hours, day before month.
    return Locale.parse("en_GB" if locale == "en" else locale)


def _plain(day: date) -> date:
    return day.date() if isinstance(day, datetime) else day


def day_words(day: date, locale: str) -> str:
    """“martedì 24 novembre”; with the year when it is not the present one."""
    return _first(_long(_plain(day), locale), day, locale)


def _first(words: str, day: date, locale: str) -> str:
    # French counts the first of a month, and only that day, as an ordinal.
    return re.sub(r"\b1\b", "1er", words, count=1) if locale == "fr" and day.day == 1 else words


@lru_cache(maxsize=4096)
def _long(day: date, locale: str) -> str:
    pattern = "EEEE d MMMM"
    return str(format_date(day, pattern, locale=babel_locale(locale)))


def day_year_words(day: date, locale: str) -> str:
    """“24 novembre 2026”."""
    words = str(format_date(_plain(day), "d MMMM y", locale=babel_locale(locale)))
    return _first(words, day, locale)


def day_short_words(day: date, locale: str) -> str:
    """“mar 24 nov”."""
    words = str(format_date(_plain(day), "EEE d MMM", locale=babel_locale(locale)))
    return _first(words, day, locale)


def month_words(day: date, locale: str) -> str:
    """“novembre 2026”."""
    return str(format_date(_plain(day), "MMMM y", locale=babel_locale(locale)))


def weekday_words(iso_weekday: int, locale: str, *, short: bool = False) -> str:
    """The name of a weekday, 1 = Monday … 7 = Sunday."""
    width = "abbreviated" if short else "wide"
    return str(babel_locale(locale).days["stand-alone"][width][iso_weekday - 1])


def clock_words(moment: datetime) -> str:
    """“18:00”: wall time in the moment's own zone, 24 hours everywhere."""
    return f"{moment.hour}:{moment.minute:02d}"


def span_words(starts_at: datetime, ends_at: datetime, locale: str, zone: str) -> str:
    """“martedì 24 novembre, 18:00–20:00”, in wall time of the zone."""
    start, end = starts_at.astimezone(ZoneInfo(zone)), ends_at.astimezone(ZoneInfo(zone))
    first = f"{day_words(start, locale)}, {clock_words(start)}"
    if start.date() == end.date():
        return f"{first}–{clock_words(end)}"
    return f"{first} – {day_words(end, locale)}, {clock_words(end)}"


def duration_words(length: timedelta, locale: str) -> str:
    """“2 ore”, “3 giorni”, “90 minuti”: in the largest unit that is whole; “2 ore 20 minuti”."""
    minutes = int(length.total_seconds()) // 60
    if minutes > 120 and minutes % 60:
        rest = timedelta(minutes=minutes % 60)
        in_hours = format_unit(minutes // 60, "duration-hour", "long", locale=babel_locale(locale))
        return f"{in_hours} {duration_words(rest, locale)}"
    unit, size = "minute", 1
    if minutes and minutes % 60 == 0:
        unit, size = "hour", 60
    if minutes >= 2880 and minutes % 1440 == 0:
        unit, size = "day", 1440
    count = minutes // size
    if unit == "day":
        # Italian keeps the word for days apart, and only this knows where.
        days = timedelta(days=count)
        return str(format_timedelta(days, "day", threshold=10**9, locale=babel_locale(locale)))
    return str(format_unit(count, f"duration-{unit}", length="long", locale=babel_locale(locale)))


def money_words(cents: int, currency: str, locale: str) -> str:
    """“12 €”; cents only when there are some."""
    text = str(format_currency(cents / 100, currency, locale=babel_locale(locale)))
    return text.replace(",00", "").replace(".00", "") if cents % 100 == 0 else text


def number_words(value: int | float, locale: str) -> str:
    """A number with the reader's separators."""
    return str(format_decimal(value, locale=babel_locale(locale)))
