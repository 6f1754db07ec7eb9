"""Public holidays of a country, and of a part of it, from the library that knows them all."""

from __future__ import annotations

import sys
from datetime import date
from functools import lru_cache
from importlib import util

from tierslieu.kernel.texts import Texts


@lru_cache(maxsize=64)
def public_holidays(country: str, subdivision: str, year: int) -> tuple[tuple[date, Texts], ...]:
    """The days of a year in order, named in the country's language and in English."""
    _only_what_is_asked_for()
    import holidays

    def named(language: str | None) -> dict[date, str]:
        try:
            return dict(
                holidays.country_holidays(
                    country, subdiv=subdivision or None, years=year, language=language
                )
            )
        except (NotImplementedError, KeyError, ValueError):
            return {}

    own, english = named("it_IT" if country == "IT" else "fr"), named("en_US")
    language = "it" if country == "IT" else "fr"
    return tuple(
        (day, Texts({language: own.get(day, ""), "en": english.get(day, "")}))
        for day in sorted(set(own) | set(english))
    )


def _only_what_is_asked_for() -> None:
    """Let the library find a country without reading all the others.

    Its folder of countries begins by importing all 250, some 15 MB of a worker's memory and half a
    second of its first answer. The folder itself, not run, is enough to find one by its name.
    """
    name = "holidays.countries"
    if name not in sys.modules:
        spec = util.find_spec(name)
        if spec is not None:
            sys.modules[name] = util.module_from_spec(spec)
