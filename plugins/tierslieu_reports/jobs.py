"""Background work: counting, and what is made by itself when a period is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_reports import services
from tierslieu_reports.models import Report, Schedule
from tierslieu_reports.queries import Scope, counted, may, venues_of
from tierslieu_reports.rules import EVERY, Counted, before, content_of, plus_months

msg = tl.sentences("tierslieu_reports")


def count(site: tl.Site, report: int, **_payload: Any) -> dict[str, Any] | None:
    """Ask every venue about both periods; nobody waits for the database meanwhile."""
    with site.reading() as work:
        row = work.session.get(Report, report)
        if row is None or row.state == "made":
            return None
        ids = [None, *(venue.id for venue in venues_of(work.session, row))]
        periods = ((row.first, row.last), before(row.first, row.last))
    now: list[Counted] = []
    then: list[Counted] = []
    for done, venue_id in enumerate(ids):
        _progress(site, report, done, len(ids))
        with site.reading() as work:
            row = work.session.get_one(Report, report)
            venue = work.session.get(tl.Venue, venue_id) if venue_id is not None else None
            for days, kept in zip(periods, (now, then), strict=True):
                kept.append(counted(work, row, venue, days))
    return content_of(now, then)


def _progress(site: tl.Site, report: int, done: int, total: int) -> None:
    with site.writing() as work:
        row = work.session.get(Report, report)
        if row is not None:
            row.done, row.total = done, total


def make(
    work: tl.Work, content: dict[str, Any] | None, report: int, told: int | None = None
) -> None:
    """Keep what was counted, and tell who waits for it."""
    row = work.session.get(Report, report)
    if row is None or content is None:
        return
    services.keep(work, row, content)
    if told is not None:
        lines = [
            msg("The activity report of %(name)s is ready.", name=row.told),
            msg("Its figures stay as they are; you may write beside them, and publish it."),
        ]
        link = f"/reports/{row.public_id}"
        tl.tell(work, told, msg("Activity report: %(name)s", name=row.told), lines, link=link,
                venue_id=row.venue_id, about="reports.ready")  # fmt: skip


def give_up(work: tl.Work, _error: str, report: int, **_payload: Any) -> None:
    """Say on its page that it could not be made."""
    row = work.session.get(Report, report)
    if row is not None and row.state == "making":
        row.state = "failed"


def look_after(work: tl.Work, **_payload: Any) -> None:
    """Ask for the reports whose period is over, as who scheduled them."""
    today = work.now.date()
    due = sa.select(Schedule).where(Schedule.next_on <= today).order_by(Schedule.id)
    for row in work.session.scalars(due).all():
        months = EVERY[row.every]
        first, last = plus_months(row.next_on, -months), row.next_on - timedelta(days=1)
        row.next_on = plus_months(row.next_on, months)
        actor = tl.acting(work.session, row.person_id, work.now)
        if actor is None or not may(actor, "reports.read", row):
            continue
        _asked(work, row, (first, last))


def _asked(work: tl.Work, row: Schedule, days: tuple[Any, Any]) -> None:
    scope = Scope(row.scope, row.told, row.venue_id, row.organisation_id, row.plugin)
    report = Report(
        scope=scope.kind, venue_id=scope.venue_id, organisation_id=scope.organisation_id,
        plugin=scope.plugin, told=scope.told, first=days[0], last=days[1],
        made_by_id=row.person_id, created_at=work.now,
    )  # fmt: skip
    work.session.add(report)
    work.session.flush()
    work.later(services.MAKE, key=f"{services.MAKE}:{report.id}", report=report.id,
               told=row.person_id)  # fmt: skip


KINDS = (
    tl.JobKind(services.MAKE, make, lease_seconds=900, outside=count, failed=give_up),
    tl.JobKind("reports.look_after", look_after, every_minutes=60),
)
