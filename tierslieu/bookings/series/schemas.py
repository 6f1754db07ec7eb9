"""JSON of series: the rule that is sent, the scope of an act, the dates that are answered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tierslieu.bookings.schemas import BookingAnswer
from tierslieu.web.api import Answer, Query


class ScopeQuery(Query):
    """Which dates of a series: this one, this and following, or all that are still to come."""

    scope: Literal["this", "following", "all"] = "this"


class ChangeQuery(ScopeQuery):
    """The same; with ``skip_conflicts=1`` dates that cannot be moved stay as they were."""

    skip_conflicts: Literal["0", "1"] | None = None


class SkippedAnswer(Answer):
    """A date that could not be had, or that stays as it was."""

    starts_at: str
    code: str
    message: str


class SeriesAnswer(Answer):
    """The dates of a series that an act was about."""

    series_id: Annotated[str, Field(description="The same for all of its dates.")]
    bookings: list[BookingAnswer]
    skipped: list[SkippedAnswer]
