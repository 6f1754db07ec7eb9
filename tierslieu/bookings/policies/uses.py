"""The settings that say what a room is for, when, and what asks for an answer. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from tierslieu.bookings.policies.setting import Setting
from tierslieu.bookings.rules.uses import DECLARED, FACTS, WEEKDAYS, day_words
from tierslieu.bookings.rules.windows import month_day
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.span import local_date

_DAYS: Final = tuple((str(day), words) for day, words in enumerate(WEEKDAYS))

USES: Final = (
    Setting("purpose_required", "flag", msg("Say what it is for"),
            msg("Whoever books chooses a use.")),
    Setting("public_only", "flag", msg("Public uses only"),
            msg("Only for what is open to everybody, no private parties.")),
    Setting("allowed_purposes", "list", msg("Uses allowed"),
            msg("Every other use is refused, with these to choose from."), unlimited=True),
    Setting("weekend_purposes", "list", msg("Uses at the week-end only"),
            msg("These uses are possible on Saturday and Sunday and on no other day.")),
    Setting("booking_days", "list", msg("Days of the week"),
            msg("On other days no booking begins."), _DAYS, unlimited=True),
    Setting("fewest_people", "number", msg("Fewest people"),
            msg("Fewer people are sent to a smaller room."), unit=msg("people"), unlimited=True),
)  # fmt: skip

ASKS_FOR: Final = Setting(
    "asks_for", "list", msg("Always asked for"),
    msg("Whoever ticks one of these waits for an answer, also where others are confirmed at once."),
    tuple(DECLARED.items()),
)  # fmt: skip
OPEN_REQUESTS: Final = Setting(
    "max_open_requests", "number", msg("Requests open at a time"),
    msg("How many requests of one person or body may wait for an answer."),
    unit=msg("requests"), unlimited=True,
)  # fmt: skip
ORDER: Final = Setting(
    "request_order", "choice", msg("Who comes first when several ask"),
    msg("In which order requests for the same time are shown to whoever answers."),
    (("first", msg("Whoever asked first")), ("members", msg("Members first")),
     ("residents", msg("Residents first")), ("organisations", msg("Organisations first"))),
)  # fmt: skip
SEASON: Final = (
    Setting("season_starts", "yearday", msg("The season begins"),
            msg("The day on which a year of activities begins here.")),
    Setting("season_opens", "yearday", msg("The next season opens"),
            msg("From this day of the year on, the days of the next season may be booked."),
            unlimited=True),
)  # fmt: skip

SAID: Final[Mapping[tuple[str, Any], Message]] = {
    ("purpose_required", True): msg("Nothing is booked without a use."),
    ("purpose_required", False): msg("One may leave it open."),
    ("public_only", True): msg("A concert for all: yes. A birthday: no, with the uses that are."),
    ("public_only", False): msg("Public or private, both."),
    ("weekend_purposes", ()): msg("Every use on every day."),
    ("asks_for", ()): msg("Nothing has to be declared."),
    ("request_order", "first"): msg("Asked on Monday comes before asked on Tuesday."),
    ("request_order", "members"): msg("A member who asked on Tuesday comes before others."),
    ("request_order", "residents"): msg("A resident who asked on Tuesday comes before others."),
    ("request_order", "organisations"): msg(
        "An organisation that asked on Tuesday comes before others."
    ),
}
UNLIMITED: Final[Mapping[str, Message]] = {
    "allowed_purposes": msg("Every use."),
    "booking_days": msg("On every day on which it is open."),
    "fewest_people": msg("Also one person alone."),
    "season_opens": msg("Seasons do not matter: days open one by one."),
}


def _purposes(value: tuple[str, ...], _now: datetime, _zone: ZoneInfo) -> Message:
    return nmsg("One use can be chosen.", "%(n)s uses can be chosen.", len(value))


def _weekend(value: tuple[str, ...], _now: datetime, _zone: ZoneInfo) -> Message:
    return nmsg("Asked for a Tuesday, this use is refused with the next Saturday.",
                "Asked for a Tuesday, these %(n)s uses are refused with the next Saturday.",
                len(value))  # fmt: skip


def _days(value: tuple[int, ...], _now: datetime, _zone: ZoneInfo) -> Message:
    return msg("Bookings begin on: %(days)s.", days=day_words(value))


def _fewest(value: int, _now: datetime, _zone: ZoneInfo) -> Message:
    return nmsg("A booking for %(n)s person is possible, for fewer it is not.",
                "A booking for %(n)s people is possible, for fewer it is not.", value)  # fmt: skip


def _asks(value: tuple[str, ...], _now: datetime, _zone: ZoneInfo) -> Message:
    facts = tuple(FACTS[key] for key in FACTS if key in value)
    return msg("Waits on your Today: %(facts)s.", facts=facts)


def _requests(value: int, _now: datetime, _zone: ZoneInfo) -> Message:
    return nmsg("Whoever has %(n)s request waiting asks again when it is answered.",
                "Whoever has %(n)s requests waiting asks again when one is answered.",
                value)  # fmt: skip


def _year_day(value: str, now: datetime, zone: ZoneInfo) -> date:
    """The next such day."""
    today = local_date(now, zone)
    month, day = month_day(value)
    found = date(today.year, month, day)
    return found if found >= today else date(today.year + 1, month, day)


def _starts(value: str, now: datetime, zone: ZoneInfo) -> Message:
    return msg("The next one begins on %(day)s.", day=_year_day(value, now, zone))


def _opens(value: str, now: datetime, zone: ZoneInfo) -> Message:
    return msg("The next one opens on %(day)s.", day=_year_day(value, now, zone))


EXAMPLES: Final[Mapping[str, Callable[[Any, datetime, ZoneInfo], Message]]] = {
    "allowed_purposes": _purposes,
    "weekend_purposes": _weekend,
    "booking_days": _days,
    "fewest_people": _fewest,
    "asks_for": _asks,
    "max_open_requests": _requests,
    "season_starts": _starts,
    "season_opens": _opens,
}
