"""Periods, adding sections up into a report, and what everybody may read of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import tierslieu.toolkit as tl

LANGUAGES: Final = ("it", "fr", "en")
#: Months of a schedule's period.
EVERY: Final[Mapping[str, int]] = {"month": 1, "quarter": 3, "year": 12}
LONGEST_DAYS: Final = 5 * 366
#: Fewer people than this are told to nobody outside.
FEW: Final = 5

Owned = tuple[str, tl.ReportSection]


@dataclass(frozen=True)
class Counted:
    """What one venue gave for a period; ``key`` and ``name`` are the venue's, "" for no venue."""

    key: str
    name: str
    sections: Sequence[Owned] = field(default_factory=tuple)


def plus_months(day: date, months: int) -> date:
    """The first of a month, so many months later."""
    at = day.year * 12 + day.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


def before(first: date, last: date) -> tuple[date, date]:
    """The period before: whole months before whole months, else as many days.

    >>> before(date(2026, 1, 1), date(2026, 12, 31))
    (datetime.date(2025, 1, 1), datetime.date(2025, 12, 31))
    >>> before(date(2026, 3, 2), date(2026, 3, 8))
    (datetime.date(2026, 2, 23), datetime.date(2026, 3, 1))
    """
    after = last + timedelta(days=1)
    if first.day == 1 and after.day == 1:
        months = (after.year - first.year) * 12 + after.month - first.month
        return plus_months(first, -months), first - timedelta(days=1)
    return first - (after - first), first - timedelta(days=1)


def last_whole(every: str, today: date) -> tuple[date, date]:
    """The newest month, quarter or year that is over."""
    months = EVERY[every]
    first = date(today.year, (today.month - 1) // months * months + 1, 1)
    return plus_months(first, -months), first - timedelta(days=1)


def period_fault(first: date, last: date) -> tl.Reason | None:
    """Why there is no report of such days."""
    if last < first:
        return tl.Reason("backwards", msg("The last day is before the first."), field="last")
    if (last - first).days >= LONGEST_DAYS:
        return tl.Reason("too_long", msg("Five years at most."), field="last")
    return None


def in_languages(label: object) -> dict[str, str]:
    """A label in each language, to be kept; names stay as they are under ""."""
    if isinstance(label, str):
        return {"": label}
    return {code: _in(label, code) for code in LANGUAGES}


def _in(label: object, code: str) -> str:
    if isinstance(label, tl.Texts):
        return str(label.best(code, "it")[1])
    return tl.say(label, code) if isinstance(label, tl.Message) else str(label)


def read(label: Mapping[str, str], locale: str) -> str:
    """A kept label in a language, or as the name it is."""
    return label.get("") or label.get(locale) or label.get("en", "")


def content_of(now: Sequence[Counted], then: Sequence[Counted]) -> dict[str, Any]:
    """Everything that was counted, added up over venues, as plain values that can be kept."""
    earlier = {each["id"]: each for each in _sections(then)}
    found = _sections(now)
    for section in found:
        old = earlier.get(section["id"], {})
        numbers = {f["key"]: f for f in old.get("figures", ())}
        for figure in section["figures"]:
            was = numbers.get(figure["key"], {})
            figure["was"], figure["was_of"] = was.get("value"), was.get("of")
    return {"sections": found}


def _sections(counted: Sequence[Counted]) -> list[dict[str, Any]]:
    apart: dict[str, list[tuple[Counted, tl.ReportSection]]] = {}
    for place in counted:
        for owner, section in place.sections:
            apart.setdefault(f"{owner}.{section.key}", []).append((place, section))
    found = []
    for name, some in apart.items():
        section = some[0][1]
        found.append(
            {
                "id": name,
                "owner": name.partition(".")[0],
                "key": section.key,
                "order": section.order,
                "title": in_languages(section.title),
                "figures": _figures([each.figures for _, each in some]),
                "tables": _tables([(place, each.tables) for place, each in some]),
            }
        )
    return sorted(found, key=lambda each: (each["order"], each["id"]))


def _figures(given: Sequence[Sequence[tl.Figure]]) -> list[dict[str, Any]]:
    apart: dict[str, list[tl.Figure]] = {}
    for figures in given:
        for figure in figures:
            apart.setdefault(figure.key, []).append(figure)
    return [_figure(some) for some in apart.values()]


def _figure(some: Sequence[tl.Figure]) -> dict[str, Any]:
    first = some[0]
    value = sum(each.value for each in some)
    if first.distinct is not None:
        value = len(frozenset().union(*(each.distinct or frozenset() for each in some)))
    return {
        "key": first.key,
        "label": in_languages(first.label),
        "definition": in_languages(first.definition),
        "unit": first.unit,
        "value": value,
        "of": sum(each.of or 0 for each in some) if first.unit == "share" else None,
        "people": first.people,
        "leading": first.leading,
        "rows": first.rows,
    }


def _tables(
    given: Sequence[tuple[Counted, Sequence[tl.ReportTable]]],
) -> list[dict[str, Any]]:
    apart: dict[str, list[tuple[Counted, tl.ReportTable]]] = {}
    for place, tables in given:
        for table in tables:
            apart.setdefault(table.key, []).append((place, table))
    return [_table(some) for some in apart.values()]


def _table(some: Sequence[tuple[Counted, tl.ReportTable]]) -> dict[str, Any]:
    first = some[0][1]
    lines: dict[str, dict[str, Any]] = {}
    for place, table in some:
        by_venue = table.places and len(some) > 1
        for line in table.lines:
            key = f"venue:{place.key}" if by_venue else line.key
            label = place.name if by_venue else line.label
            empty = {"label": in_languages(label), "cells": [None] * len(table.columns)}
            kept = lines.setdefault(key, empty)
            kept["cells"] = [_plus(a, b) for a, b in zip(kept["cells"], line.cells, strict=True)]
    columns = [
        {"key": c.key, "label": in_languages(c.label), "unit": c.unit, "of": c.of,
         "people": c.people}
        for c in first.columns
    ]  # fmt: skip
    return {
        "key": first.key,
        "title": in_languages(first.title),
        "definition": in_languages(first.definition) if first.definition else None,
        "columns": columns,
        "lines": list(lines.values()),
        "chart": first.chart,
        "named": first.named,
        "total": first.total,
    }


def _plus(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


def for_everybody(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same without what is nobody else's business: names, and numbers of few people.

    A hidden number is ``"few"``. Where one alone would be hidden in a column that has a total, the
    smallest of the others is hidden with it.
    """
    sections = []
    for section in content.get("sections", ()):
        figures = [_hidden(figure) for figure in section["figures"]]
        tables = [_public(table) for table in section["tables"] if not table["named"]]
        sections.append({**section, "figures": figures, "tables": tables})
    return {**content, "sections": sections}


def _is_few(value: object) -> bool:
    return isinstance(value, int) and 0 < value < FEW


def _hidden(figure: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in figure.items() if name != "rows"}
    if figure["people"]:
        told |= {name: "few" for name in ("value", "was") if _is_few(figure.get(name))}
    return told


def _public(table: Mapping[str, Any]) -> dict[str, Any]:
    lines = [{**line, "cells": list(line["cells"])} for line in table["lines"]]
    for at, column in enumerate(table["columns"]):
        if column["people"]:
            hide(lines, at)
    return {**table, "lines": lines}


def hide(lines: Sequence[dict[str, Any]], at: int) -> None:
    """Hide what is few in a column, and one more where it could be worked out."""
    few = [line for line in lines if _is_few(line["cells"][at])]
    if len(few) == 1:
        rest = [each for each in lines if each is not few[0] and each["cells"][at] is not None]
        # A nought is known to be one wherever it stands: another number hides better.
        rest.sort(key=lambda line: (line["cells"][at] == 0, line["cells"][at]))
        few += rest[:1]
    for line in few:
        line["cells"][at] = "few"


def only_of(sections: Iterable[Owned], plugin: str) -> tuple[Owned, ...]:
    """The sections of one plugin; of all of them for ""."""
    return tuple((owner, each) for owner, each in sections if plugin in ("", owner))


msg = tl.sentences("tierslieu_reports")
