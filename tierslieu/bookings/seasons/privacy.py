"""What a person asked of seasons, in her export, and what becomes of it when she is erased."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from tierslieu.bookings.seasons.models import SeasonApplication, SeasonPlacement, SeasonRound
from tierslieu.contributions import PersonDataPart
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue


def data(work: Work, person_id: int) -> Iterable[PersonDataPart]:
    """Every application she made, the newest first."""
    question = (
        sa.select(SeasonApplication, SeasonRound, Venue.name)
        .join(SeasonRound, SeasonRound.id == SeasonApplication.round_id)
        .join(Venue, Venue.id == SeasonRound.venue_id)
        .where(SeasonApplication.person_id == person_id)
        .order_by(SeasonApplication.id.desc())
    )
    rows = tuple(
        {
            "venue": venue,
            "season": str(row.name),
            "title": asked.title,
            "people": asked.size,
            "times": asked.times,
            "windows": asked.windows,
            "needs": asked.needs,
            "answers": asked.answers,
            "confirmed": asked.verdicts,
            "points": asked.score,
            "points_reason": asked.points_reason,
            "state": asked.state,
            "applied_at": iso(asked.applied_at),
        }
        for asked, row, venue in work.session.execute(question)
    )
    if rows:
        yield PersonDataPart(msg("Applications for a season"), rows, order=24)


def erase(work: Work, person_id: int) -> None:
    """Her own applications are withdrawn and lose her words; those of organisations stay theirs."""
    question = sa.select(SeasonApplication).where(SeasonApplication.person_id == person_id)
    for row in work.session.scalars(question).all():
        row.person_id = None
        if row.organisation_id is not None:
            continue
        row.state, row.title, row.needs, row.points_reason = "withdrawn", "–", "", ""
        row.answers, row.verdicts = {}, {}
        row.points = []
        work.session.execute(
            sa.delete(SeasonPlacement).where(
                SeasonPlacement.application_id == row.id, SeasonPlacement.series_id.is_(None)
            )
        )
    work.session.flush()
