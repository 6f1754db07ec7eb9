"""What is on in the whole network, day by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import request

from tierslieu.bookings.calendar.board import agenda
from tierslieu.bookings.calendar.rules import DAYS
from tierslieu.bookings.views import bp
from tierslieu.kernel.languages import babel_locale
from tierslieu.kernel.span import local_date
from tierslieu.venues.queries import network
from tierslieu.web.pages import page
from tierslieu.web.requests import PUBLIC, allow, current_locale, reading
from tierslieu.web.sharing import shared

#: The furthest day one may look at, from today.
FAR = timedelta(days=400)


@bp.app_template_filter("local_date")
def local_date_of(moment: datetime, zone: str) -> date:
    """The date on the wall of a zone."""
    return local_date(moment, ZoneInfo(zone))


@bp.app_template_filter("wall")
def wall_time(moment: datetime, zone: str) -> str:
    """The time on the wall of a zone, as fields of forms want it: ``09:05``."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


@bp.app_template_filter("month_short")
def month_short(day: date) -> str:
    """The name of a month in short: “nov”."""
    return format_date(day, "MMM", locale=babel_locale(current_locale()))


@bp.get("/whats-on")
@allow(PUBLIC)
@shared
def whats_on() -> str:
    """Seven days of public things from a day on; today when none is asked for."""
    with reading() as work:
        today = local_date(work.now, ZoneInfo(network(work.session).zone))
        first = _asked_day(today)
        days = agenda(work, first, DAYS)
    step = timedelta(days=DAYS)
    return page(
        "bookings/whats_on.html",
        days=days,
        first=first,
        today=today,
        before=first - step,
        after=first + step,
    )


def _asked_day(today: date) -> date:
    try:
        asked = date.fromisoformat(request.args.get("date", ""))
    except ValueError:
        return today
    return asked if abs(asked - today) <= FAR else today
