"""Which reports there are, of what one may be made, and counting for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

import tierslieu.toolkit as tl
from tierslieu_reports.models import Report, Schedule
from tierslieu_reports.rules import Counted, only_of

#: The core's features answer under this name.
CORE = "core"
#: So many rows of a venue are shown; the files have all numbers.
MOST_ROWS = 500


@dataclass(frozen=True)
class Scope:
    """What a report is of; ``key`` is how a form names it, ``told`` how people do."""

    kind: str
    told: str
    venue_id: int | None = None
    organisation_id: int | None = None
    plugin: str = ""
    key: str = ""


def may(actor: tl.Actor, permission: str, what: Scope | Report | Schedule) -> bool:
    """Whether somebody may do that with a report of this scope."""
    if what.organisation_id is not None:
        return bool(actor.may(permission, organisation=what.organisation_id))
    return bool(actor.may(permission, venue=what.venue_id))


def scopes(work: tl.Work) -> list[Scope]:
    """What the actor may make reports of: the network first, then venues, organisations."""
    session, found = work.session, []
    network = tl.network(session)
    found.append(Scope("network", network.name, key="network"))
    venues = session.execute(
        sa.select(tl.Venue.id, tl.Venue.slug, tl.Venue.name)
        .where(tl.Venue.archived_at.is_(None))
        .order_by(tl.Venue.name)
    )
    found += [Scope("venue", name, venue_id=id_, key=f"venue:{slug}") for id_, slug, name in venues]
    body = tl.Organisation
    bodies = session.execute(
        sa.select(body.id, body.public_id, body.name)
        .where(body.state == "accepted")
        .order_by(body.name)
    )
    found += [
        Scope("organisation", name, organisation_id=id_, key=f"organisation:{key}")
        for id_, key, name in bodies
    ]
    found += [Scope("plugin", name, plugin=name, key=f"plugin:{name}") for name in plugins_on(work)]
    return [each for each in found if may(work.actor, "reports.read", each)]


def plugins_on(work: tl.Work) -> list[str]:
    """Plugins that know figures of their own."""
    return sorted(owner for owner in tl.report_owners(work) if owner != CORE)


def report_by_id(session: Session, public_id: str) -> Report | None:
    """A report."""
    return session.scalar(sa.select(Report).where(Report.public_id == public_id))


def reports_for(work: tl.Work, limit: int = 100) -> list[Report]:
    """The reports that the actor may read, the newest first."""
    asked = sa.select(Report).options(sa.orm.defer(Report.content), sa.orm.defer(Report.words))
    rows = work.session.scalars(asked.order_by(Report.id.desc()).limit(500))
    return [row for row in rows if may(work.actor, "reports.read", row)][:limit]


def schedules_for(work: tl.Work) -> list[Schedule]:
    """The schedules of the actor."""
    mine = Schedule.person_id == (work.actor.person_id or 0)
    return list(work.session.scalars(sa.select(Schedule).where(mine).order_by(Schedule.id)))


def venues_of(session: Session, report: Report) -> list[tl.Venue]:
    """The venues that a report asks: its own, or all of them."""
    asked = sa.select(tl.Venue).order_by(tl.Venue.name, tl.Venue.id)
    if report.venue_id is not None:
        asked = asked.where(tl.Venue.id == report.venue_id)
    return list(session.scalars(asked))


def asked_of(report: Report, first: date, last: date, zone: str) -> tl.ReportAsked:
    """The question for some days, by a venue's clock."""
    here = ZoneInfo(zone)
    start = datetime.combine(first, time(), here).astimezone(UTC)
    end = datetime.combine(last + timedelta(days=1), time(), here).astimezone(UTC)
    return tl.ReportAsked(first, last, tl.Span(start, end), zone, report.organisation_id)


def counted(
    work: tl.Work, report: Report, venue: tl.Venue | None, days: tuple[date, date]
) -> Counted:
    """What a venue, or None for what lies at none, gives for some days."""
    zone = venue.zone if venue is not None else tl.network(work.session).zone
    asked = asked_of(report, *days, zone)
    venue_id = venue.id if venue is not None else None
    sections = only_of(tl.report_sections(work, asked, venue_id), report.plugin)
    if venue is None:
        return Counted("", "", sections)
    return Counted(venue.slug, venue.name, sections)


def rows_of(work: tl.Work, report: Report, owner: str, rows: str) -> list[
    tuple[str, tl.ReportRows]
]:  # fmt: skip
    """The rows behind a figure as they are today, venue by venue."""
    found = []
    for venue in (None, *venues_of(work.session, report)):
        zone = venue.zone if venue is not None else tl.network(work.session).zone
        asked = asked_of(report, report.first, report.last, zone)
        venue_id = venue.id if venue is not None else None
        for table in tl.report_rows(work, owner, rows, asked, venue_id):
            found.append((venue.name if venue is not None else "", table))
    return found
