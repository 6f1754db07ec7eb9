"""Seasons as JSON: what is offered, what one asks, what became of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tierslieu.bookings.schemas import PublicId
from tierslieu.bookings.seasons.rules import MOST_TIMES
from tierslieu.web.api import Answer, Body

Weekday = Literal["mo", "tu", "we", "th", "fr", "sa", "su"]
Clock = Annotated[
    str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$", examples=["18:30"])
]


class HoursAnswer(Answer):
    """Hours of a weekday, every week of the season, by the clock of the venue."""

    weekday: Weekday
    starts: str
    ends: str


class SlotAnswer(HoursAnswer):
    """What is offered; ``group``: who has it, once the timetable is published."""

    room_id: str
    group: str | None


class CriterionAnswer(Answer):
    """What counts, and how much; ``source``: seen by us, or answered by whoever applies.

    ``must_be_confirmed``: an answer counts only once the venue has confirmed it.
    """

    key: str
    label: str
    points: int
    source: Literal["seen", "yes", "years"]
    must_be_confirmed: bool


class SeasonAnswer(Answer):
    """The season of a venue that everybody sees."""

    id: str
    venue: str
    name: str
    state: Literal["open", "scoring", "proposed", "published", "closed"]
    starts_on: str
    ends_on: str
    apply_from: str
    apply_until: str
    takes_applications: bool
    timezone: str
    criteria: list[CriterionAnswer]
    slots: list[SlotAnswer]


class HoursBody(Body):
    """When it would suit."""

    weekday: Weekday
    starts: Clock
    ends: Clock


class AnswersBody(Body):
    """Answers to the criteria that ask."""

    district: bool | None = None
    years: Annotated[int, Field(ge=0, le=100)] | None = None
    access: bool | None = None
    public: bool | None = None
    young: bool | None = None
    free: bool | None = None
    first: bool | None = None


class ApplicationBody(Body):
    """What a group asks of a season: rooms and times in the order of preference."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    size: Annotated[int, Field(ge=1, le=100_000)]
    times: Annotated[int, Field(ge=1, le=MOST_TIMES, description="Times a week.")]
    rooms: Annotated[list[PublicId], Field(min_length=1, max_length=20)]
    windows: Annotated[list[HoursBody], Field(min_length=1, max_length=20)]
    time_first: Annotated[
        bool | None, Field(description="Whether the time matters more than the room.")
    ] = None
    step_free: bool | None = None
    two_a_day: bool | None = None
    needs: Annotated[str, Field(max_length=2000)] | None = None
    answers: AnswersBody | None = None
    organisation_id: PublicId | None = None


class GotAnswer(HoursAnswer):
    """A time that was given."""

    room_id: str


class DeclaredAnswer(Answer):
    """What the group declares: its word is enough, or the venue confirms it or does not."""

    key: str
    state: Literal["word", "waiting", "confirmed", "declined"]
    reason: str


class ApplicationAnswer(Answer):
    """An application of one's own; ``got`` and ``why`` once the timetable is published."""

    id: str
    season_id: str
    venue: str
    state: Literal["asked", "withdrawn"]
    title: str
    size: int
    times: int
    rooms: list[str]
    windows: list[HoursAnswer]
    declared: list[DeclaredAnswer]
    points: dict[str, int]
    points_by_hand: int
    score: int
    applied_at: str
    got: list[GotAnswer] | None
    why: list[str] | None


class ApplicationAnswers(Answer):
    """What one asked of the season, the first asked first."""

    items: list[ApplicationAnswer]
    next: None = None
