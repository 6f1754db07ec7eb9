"""What reports add to the bars, exports and the demo."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_reports import services
from tierslieu_reports.models import Report, Schedule
from tierslieu_reports.queries import Scope
from tierslieu_reports.rules import last_whole

msg = tl.sentences("tierslieu_reports")

PERSON_COLUMNS = {
    "reports_report.made_by_id": "forget",
    "reports_schedule.person_id": "delete",
}


def blueprints() -> list[Any]:
    """The pages and the API; looked for when the web is set up."""
    names = ("tierslieu_reports.views", "tierslieu_reports.api")
    return [import_module(name).bp for name in names]


def jobs() -> Iterable[Any]:
    """The kinds of jobs."""
    return list(import_module("tierslieu_reports.jobs").KINDS)


def bars(actor: tl.Actor, place: str, venue_id: int | None) -> Iterable[tl.NavItem]:
    """The way to the reports, at a venue's desk, in the network's bar and on one's own pages."""
    here = place == "desk" and actor.may("reports.read", venue=venue_id)
    if here or (place == "admin" and actor.may("reports.read")):
        yield tl.NavItem(msg("Reports"), "/reports", icon="list", order=70)
    elif place == "me" and actor.organisations and actor.may_anywhere("reports.read"):
        yield tl.NavItem(msg("Reports"), "/reports", icon="list", order=75)


def person_parts(work: tl.Work, person_id: int) -> Iterable[tl.PersonDataPart]:
    """What she has made by itself; which reports she asked for."""
    every = sa.select(Schedule).where(Schedule.person_id == person_id).order_by(Schedule.id)
    rows = [{"report": s.told, "every": s.every} for s in work.session.scalars(every)]
    mine = sa.select(Report.told, Report.first, Report.last).where(Report.made_by_id == person_id)
    rows += [
        {"report": told, "first": first.isoformat(), "last": last.isoformat()}
        for told, first, last in work.session.execute(mine.order_by(Report.id))
    ]
    yield tl.PersonDataPart(msg("Activity reports"), tuple(rows))


def forget(work: tl.Work, person_id: int) -> None:
    """Take a person out of what is kept here; reports stay, which name nobody."""
    work.session.execute(sa.delete(Schedule).where(Schedule.person_id == person_id))
    mine = sa.update(Report).where(Report.made_by_id == person_id)
    work.session.execute(mine.values(made_by_id=None))


def invent(work: tl.Work) -> None:
    """A report of the demo's network; the worker makes it when the demo starts."""
    network = tl.network(work.session)
    first, last = last_whole("month", work.now.date())
    services.ask(work, Scope("network", network.name), first, last)
