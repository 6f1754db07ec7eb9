"""Verbs: ask for a report, keep what was counted, write beside it, publish, forget; schedules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_reports.models import Report, Schedule
from tierslieu_reports.queries import Scope, may, report_by_id
from tierslieu_reports.rules import EVERY, last_whole, period_fault, plus_months

msg = tl.sentences("tierslieu_reports")

MAKE = "reports.make"
LONGEST_WORDS = 10_000


def found(work: tl.Work, public_id: str, permission: str = "reports.read") -> Report:
    """A report, for whoever may do that with it; raises NotFound for everybody else."""
    report = report_by_id(work.session, public_id)
    if report is None or not may(work.actor, permission, report):
        raise tl.NotFound
    return report


def ask(work: tl.Work, scope: Scope, first: date, last: date) -> Report:
    """Have a report made; raises Forbidden, and Refused for days that make no period."""
    work.require("reports.read", venue=scope.venue_id, organisation=scope.organisation_id)
    fault = period_fault(first, last)
    tl.refuse([fault] if fault else [])
    report = Report(
        scope=scope.kind,
        venue_id=scope.venue_id,
        organisation_id=scope.organisation_id,
        plugin=scope.plugin,
        told=scope.told,
        first=first,
        last=last,
        made_by_id=work.actor.person_id,
        created_at=work.now,
    )
    work.session.add(report)
    work.session.flush()
    work.later(MAKE, key=f"{MAKE}:{report.id}", report=report.id)
    _noted(work, "reports.asked", report)
    return report


def keep(work: tl.Work, report: Report, content: Mapping[str, Any]) -> None:
    """Keep what was counted: from now on it is read as it is."""
    report.content, report.state, report.done = dict(content), "made", report.total
    report.version += 1


def write(work: tl.Work, report: Report, words: Mapping[str, str], version: int) -> None:
    """Write beside the figures; raises Conflict when somebody else wrote meanwhile."""
    if version != report.version:
        meanwhile = msg("Somebody else wrote meanwhile; yours is kept here.")
        raise tl.Conflict(tl.Reason("changed_meanwhile", meanwhile))
    known = {"", *(each["id"] for each in report.content.get("sections", ()))}
    report.words = {
        key: tl.clean(text, lines=True, field=key)[:LONGEST_WORDS]
        for key, text in words.items()
        if key in known and text.strip()
    }
    report.version += 1
    _noted(work, "reports.written", report)


def publish(work: tl.Work, report: Report, *, public: bool) -> None:
    """Let everybody read it, or nobody again."""
    if report.state != "made":
        raise tl.Conflict(tl.Reason("wrong_state", msg("It is not made yet.")))
    report.published = public
    _noted(work, "reports.published" if public else "reports.withdrawn", report)


def remove(work: tl.Work, report: Report) -> None:
    """Forget a report."""
    _noted(work, "reports.removed", report)
    work.session.delete(report)


def schedule(work: tl.Work, scope: Scope, every: str) -> Schedule:
    """Have it made after each period, and told to who asked; raises Forbidden, Refused."""
    work.require("reports.read", venue=scope.venue_id, organisation=scope.organisation_id)
    if every not in EVERY or work.actor.person_id is None:
        tl.refuse([tl.Reason("bad_every", msg("Choose a month, a quarter or a year."))])
    _, over = last_whole(every, work.now.date())
    row = Schedule(
        scope=scope.kind,
        venue_id=scope.venue_id,
        organisation_id=scope.organisation_id,
        plugin=scope.plugin,
        told=scope.told,
        every=every,
        person_id=work.actor.person_id,
        next_on=plus_months(over + timedelta(days=1), EVERY[every]),
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    _noted(work, "reports.scheduled", row)
    return row


def stop(work: tl.Work, public_id: str) -> None:
    """Stop one's own schedule; raises NotFound."""
    mine = Schedule.person_id == (work.actor.person_id or 0)
    row = work.session.scalar(sa.select(Schedule).where(Schedule.public_id == public_id, mine))
    if row is None:
        raise tl.NotFound
    _noted(work, "reports.stopped", row)
    work.session.delete(row)


def _noted(work: tl.Work, verb: str, row: Report | Schedule) -> None:
    work.audit(
        verb, f"report:{row.public_id}", venue=row.venue_id, organisation=row.organisation_id
    )
