"""A report of the town's house that was made and published."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from tierslieu.kernel.site import Site
from tierslieu.venues.models import Venue
from tierslieu_reports import jobs, services
from tierslieu_reports.models import Report
from tierslieu_reports.queries import Scope


def a_report(site: Site) -> str:
    """Its public id."""
    with site.writing() as work:
        venue = work.session.scalar(sa.select(Venue).where(Venue.slug == "gattaglio"))
        assert venue is not None
        today = work.now.date()
        report = services.ask(
            work, Scope("venue", venue.name, venue_id=venue.id), today - timedelta(days=20), today
        )
        number, public_id = report.id, report.public_id
    content = jobs.count(site, number)
    with site.writing() as work:
        jobs.make(work, content, number)
        services.publish(work, work.session.get_one(Report, number), public=True)
    return public_id
