"""What the pages of a report are drawn with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tierslieu.toolkit as tl
from tierslieu_reports.models import Report
from tierslieu_reports.queries import may
from tierslieu_reports.words import Reader, heights, leading, measured


def reader_of(work: tl.Work, locale: str | None = None) -> Reader:
    """Who reads: her language, the network's currency."""
    return Reader(locale or tl.current_locale(), tl.network(work.session).currency)


def shown(
    work: tl.Work, report: Report, content: Mapping[str, Any], locale: str | None = None
) -> dict[str, Any]:
    """The values of ``reports/sections.html``: the report, its reader and what reads it."""
    return {
        "report": report,
        "content": content,
        "sections": [each for each in content.get("sections", ()) if each["figures"]],
        "leading": leading(content),
        "words": report.words,
        "reader": reader_of(work, locale),
        "heights": heights,
        "measured": measured,
        "may_rows": may(work.actor, "exports.run", report),
    }
