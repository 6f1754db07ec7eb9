"""A kept report as one reader reads it: labels in a language, numbers in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import tierslieu.toolkit as tl
from tierslieu_reports.rules import read

msg = tl.sentences("tierslieu_reports")


@dataclass(frozen=True)
class Reader:
    """A language and a currency, and what is said in them."""

    locale: str
    currency: str

    def say(self, message: tl.Message) -> str:
        """A sentence."""
        return str(tl.say(message, self.locale))

    def label(self, label: Mapping[str, str]) -> str:
        """A kept label."""
        return read(label, self.locale)

    def number(self, value: object, unit: str, of: object = None) -> str:
        """A number with its unit: hours of minutes, money of cents, per cent of a share."""
        if value == "few":
            return self.say(msg("fewer than 5"))
        if not isinstance(value, int):
            return "–"
        if unit == "share":
            whole = of if isinstance(of, int) else 0
            return f"{self._plain(round(value * 100 / whole))} %" if whole else "–"
        if unit == "minutes":
            return self.say(msg("%(n)s h", n=round(value / 60)))
        if unit == "cents":
            return self.say(msg("%(amount)s", amount=tl.Money(value, self.currency)))
        return self._plain(value)

    def _plain(self, value: int) -> str:
        return self.say(msg("%(n)s", n=value))

    def days(self, first: date, last: date) -> str:
        """A period."""
        return self.say(msg("%(first)s – %(last)s", first=_day(first), last=_day(last)))

    def change(self, figure: Mapping[str, Any]) -> str:
        """How a figure was in the period before."""
        was = self.number(figure.get("was"), figure["unit"], figure.get("was_of"))
        return self.say(msg("before: %(was)s", was=was))

    def cell(self, table: Mapping[str, Any], line: Mapping[str, Any], at: int) -> str:
        """A cell; a share is worked out of its two columns."""
        column, cells = table["columns"][at], line["cells"]
        if column["unit"] == "share":
            keys = [each["key"] for each in table["columns"]]
            value, of = (cells[keys.index(key)] for key in column["of"])
            return self.number(value, "share", of)
        return self.number(cells[at], column["unit"])


def _day(day: date) -> str:
    return f"{day.day}.{day.month}.{day.year}"


def leading(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The figures to begin with."""
    return [f for s in content.get("sections", ()) for f in s["figures"] if f["leading"]]


def heights(table: Mapping[str, Any]) -> list[tuple[Mapping[str, str], int]]:
    """What a chart of a table draws: its lines by the first column that measures hours, or any."""
    units = [column["unit"] for column in table["columns"]]
    at = units.index("minutes") if "minutes" in units else 0
    found = []
    for line in table["lines"]:
        value = line["cells"][at]
        if isinstance(value, int):
            found.append((line["label"], at, value))
    return [(label, value) for label, _, value in found]


def measured(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """The column that the chart draws."""
    units = [column["unit"] for column in table["columns"]]
    column: Mapping[str, Any] = table["columns"][
        units.index("minutes") if "minutes" in units else 0
    ]
    return column
