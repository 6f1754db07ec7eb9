"""A round of the yearly timetable that takes applications, with some of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tierslieu.bookings.seasons.models import SeasonApplication, SeasonRound, SeasonSlot
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work


def an_open_season(
    work: Work, venue: Any, rooms: Sequence[int], person_id: int, title: str, times: int = 1
) -> tuple[SeasonRound, list[SeasonApplication]]:
    """An open round with two hours of Tuesday in each room, asked for by one person ``times``."""
    today = work.now.date()
    season = SeasonRound(
        venue_id=venue.id, name=Texts(en="Winter"), starts_on=today + timedelta(days=40),
        ends_on=today + timedelta(days=300), apply_from=today - timedelta(days=2),
        apply_until=today + timedelta(days=9), criteria={"district": 5}, state="open",
        created_at=work.now,
    )  # fmt: skip
    work.session.add(season)
    work.session.flush()
    applied = [
        SeasonApplication(
            round_id=season.id, person_id=person_id, title=title, size=9, times=1,
            rooms=list(rooms), windows=[[1, 540, 780]], applied_at=work.now,
        )
        for _ in range(times)
    ]  # fmt: skip
    hours = {"weekday": 1, "from_minute": 540, "until_minute": 660}
    slots = [SeasonSlot(round_id=season.id, room_id=room, **hours) for room in rooms]
    work.session.add_all([*slots, *applied])
    work.session.flush()
    return season, applied
