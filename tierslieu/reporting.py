"""Asking features what they know in figures, for whoever makes reports of it."""

from __future__ import annotations

from tierslieu import hookspecs
from tierslieu.contributions import ReportAsked, ReportRows, ReportSection
from tierslieu.kernel.work import Work

#: The core's features answer under this name.
CORE = "core"


def report_sections(
    work: Work, asked: ReportAsked, venue_id: int | None = None
) -> list[tuple[str, ReportSection]]:
    """Sections of one venue and one period, each with the plugin that gave it (or ``core``)."""
    found = work.hooks.gather_named(hookspecs.report_sections, work, asked, venue_id=venue_id)
    return [(_owner(name), section) for name, section in found]


def report_owners(work: Work) -> list[str]:
    """Who answers ``report_sections``: ``core`` and plugins that are on, each once."""
    names = work.hooks.implementers(hookspecs.report_sections)
    return sorted({_owner(name) for name in names})


def report_rows(
    work: Work, owner: str, rows: str, asked: ReportAsked, venue_id: int | None = None
) -> list[ReportRows]:
    """The rows by which the figures of an owner were counted."""
    found = work.hooks.gather_named(hookspecs.report_rows, work, rows, asked, venue_id=venue_id)
    return [table for name, table in found if _owner(name) == owner]


def _owner(name: str) -> str:
    return CORE if name.startswith(CORE) else name
