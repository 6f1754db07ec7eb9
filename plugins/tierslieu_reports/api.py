"""The API: the reports that somebody may read."""

from __future__ import annotations

from flask import Response

import tierslieu.toolkit as tl
from tierslieu_reports import queries, services
from tierslieu_reports.exports import as_plain
from tierslieu_reports.schemas import ReportAnswer, ReportLine, ReportList

bp = tl.api_blueprint("reports_api", __name__)


@bp.get("/reports")
@tl.allow("reports.read")
@tl.operation(answer=ReportList, errors=(403,))
def list_reports() -> Response:
    """The reports there are."""
    with tl.reading() as work:
        items = [
            ReportLine(id=row.public_id, scope=row.scope, name=row.told,
                       first=row.first.isoformat(), last=row.last.isoformat(), state=row.state)
            for row in queries.reports_for(work)
        ]  # fmt: skip
    return tl.answer(ReportList(items=items))


@bp.get("/reports/<public_id>")
@tl.allow("reports.read")
@tl.operation(answer=ReportAnswer, errors=(403, 404))
def get_report(public_id: str) -> Response:
    """A report with every figure."""
    with tl.reading() as work:
        report = services.found(work, public_id)
        told = ReportAnswer(**as_plain(report, report.content))
        version = report.version
    return tl.answer(told, etag=str(version))
