"""What seasons add to a venue's page: that one can apply, or the timetable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tierslieu.bookings.seasons.queries import shown_round, takes_applications, today_at
from tierslieu.contributions import Panel
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue


def drawn(work: Work, place: str, subject: Mapping[str, Any]) -> Iterable[Panel]:
    """A card beside the venue while it has a season."""
    venue = subject.get("venue")
    if place != "venue" or not isinstance(venue, Venue):
        return
    row = shown_round(work.session, venue.id, today_at(venue, work.now))
    if row is not None:
        can = takes_applications(row, today_at(venue, work.now))
        values = {"venue": venue, "row": row, "can_apply": can}
        yield Panel("bookings/panels/season.html", values, order=30)
