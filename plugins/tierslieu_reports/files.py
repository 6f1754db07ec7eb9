"""A report as an answer that is a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, render_template, request

import tierslieu.toolkit as tl
from tierslieu_reports.exports import TYPES, as_csv, as_json, as_xlsx
from tierslieu_reports.models import Report
from tierslieu_reports.printing.rules import colour
from tierslieu_reports.printing.services import printed
from tierslieu_reports.showing import reader_of, shown

msg = tl.sentences("tierslieu_reports")
LANGUAGES: Final = ("it", "fr", "en")
HEADS: Final = {
    "toc": msg("Contents"),
    "short": msg("In short"),
    "means": msg("What these figures mean"),
    "line": msg("Line"),
}


def titled(report: Report) -> tl.Message:
    """What a report is called."""
    return msg("Report of %(name)s", name=report.told)


def file_of(work: tl.Work, report: Report, content: Mapping[str, Any], form: str) -> Response:
    """A file of what may be read; raises Conflict when it is not made yet."""
    if report.state != "made":
        raise tl.NotFound
    reader = reader_of(work)
    match form:
        case "pdf":
            data = printed(markup(work, report, content))
        case "csv":
            data = as_csv(content, reader)
        case "xlsx":
            data = as_xlsx(content, reader)
        case _:
            data = as_json(report, content)
    answer = Response(data, content_type=TYPES[form])
    name = f"report-{report.first.isoformat()}-{report.last.isoformat()}.{form}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def markup(work: tl.Work, report: Report, content: Mapping[str, Any]) -> str:
    """The whole of a report as one page for paper, in the reader's language."""
    asked = request.args.get("lang", "")
    locale = asked if asked in LANGUAGES else tl.current_locale()
    network = tl.network(work.session)
    venue = work.session.get(tl.Venue, report.venue_id) if report.venue_id else None
    accent = (venue.accent if venue is not None else None) or network.accent
    values = shown(work, report, content, locale)
    return str(
        render_template("reports/paper.html", **values, colour=colour(accent), house=network.name,
                        locale=locale, heads=HEADS, titled=titled)
    )  # fmt: skip
