"""What the core itself gives to calendars."""

from __future__ import annotations

from collections.abc import Iterable

from tierslieu.bookings.dated.deadlines import deadlines
from tierslieu.contributions import CalendarEntry, CalendarQuestion
from tierslieu.kernel.hooks import hookimpl
from tierslieu.kernel.work import Work


@hookimpl
def calendar_entries(work: Work, question: CalendarQuestion) -> Iterable[CalendarEntry]:
    """Deadlines, for those who want them."""
    return deadlines(work, question)
