"""JSON of the API ↔ typed values: the matrix."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tierslieu.bookings.schemas import PublicId, ReasonAnswer
from tierslieu.web.api import Answer, Query

Day = Annotated[
    str,
    Field(pattern=r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}$", examples=["2027-01-01"]),
]


class MatrixQuery(Query):
    """Any of these days, so long, within these hours of the day."""

    first: Annotated[Day, Field(alias="from", description="The first day, by the local calendar.")]
    until: Annotated[Day, Field(description="The last day, included; at most 62 days are asked.")]
    minutes: Annotated[int, Field(ge=5, le=1440, description="How long it lasts.")]
    window: Annotated[
        str,
        Field(
            pattern=r"^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$",
            description="Hours of the day; an end before the start is the next day's.",
            examples=["18:00-24:00"],
        ),
    ] = "00:00-24:00"
    weekdays: Annotated[
        str,
        Field(
            pattern=r"^(mo|tu|we|th|fr|sa|su)(,(mo|tu|we|th|fr|sa|su)){0,6}$",
            examples=["mo,tu,we,th,fr"],
        ),
    ] = "mo,tu,we,th,fr,sa,su"
    venue: PublicId | None = None
    capacity: Annotated[int, Field(ge=1, le=100_000)] | None = None
    features: Annotated[str, Field(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=50)] = 20
    cursor: Annotated[str, Field(pattern=r"^[0-9]{1,5}$")] | None = None


class DayAnswer(Answer):
    """The first time of a day, or with ``why`` the code of why there is none."""

    date: str
    starts_at: str | None
    ends_at: str | None
    why: Literal["taken", "closed", "past", "too_soon", "too_far", "refused"] | None


class MatrixRoom(Answer):
    """A room on all the days."""

    id: str
    slug: str
    name: str
    venue: str
    capacity: int | None
    timezone: str
    free_days: int
    first_starts_at: str | None
    first_ends_at: str | None
    days: list[DayAnswer]


class NearAnswer(Answer):
    """A room that nearly does: so many ``days`` more, and the first of its times.

    ``kind``: shift (up to ``minutes`` earlier or later), shorter (``minutes`` long), room (what it
    lacks is in ``reasons``), steady (the same time on all days but those ``skipped``).
    """

    kind: Literal["shift", "shorter", "room", "steady"]
    room_id: str
    days: int
    starts_at: str
    ends_at: str
    minutes: int | None = None
    skipped: list[str] | None = None
    reasons: list[ReasonAnswer] | None = None


class MatrixAnswer(Answer):
    """Rooms that have a time, the best fit first; ``next`` is where the following begin."""

    items: list[MatrixRoom]
    near: list[NearAnswer]
    next: str | None
