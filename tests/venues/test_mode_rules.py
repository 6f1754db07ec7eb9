"""How many people a mode lets in, on which days, and which of two modes speaks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tierslieu.bookings.rules import (
    Applicant,
    Ask,
    PolicyRow,
    PolicyValues,
    check,
    resolve,
)
from tierslieu.bookings.rules.capacity import holds
from tierslieu.bookings.rules.doors import Door, RoomFacts
from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.venues.modes.rules import (
    Limits,
    Mode,
    ceiling,
    check_mode,
    closed_runs,
    least,
    mode_on,
)
from tierslieu.venues.rules import ALL_DAY, Closing, OpeningFacts, Period

ROME = ZoneInfo("Europe/Rome")
DECEMBER, MARCH = date(2026, 12, 1), date(2027, 3, 31)


def winter(**said: Any) -> Mode:
    return Mode("winter", "limited", DECEMBER, MARCH, **said)


#: what is said → room, its capacity, its square metres → how many may come in
CEILINGS = {
    "a third of sixty": (winter(share=33), 60, None, 19),
    "four square metres each": (winter(m2=4), 60, 90, 22),
    "at most twenty in any room": (winter(people=20), 60, None, 20),
    "the lowest of all that is said": (winter(share=50, m2=4, people=40), 60, 90, 22),
    "a number for this very room beats the rest": (winter(share=10, rooms={1: 12}), 60, None, 12),
    "a share of nobody knows what": (winter(share=50), None, None, None),
    "square metres that nobody measured": (winter(m2=4), 60, None, None),
    "open says nothing": (Mode("o", "open", DECEMBER), 60, 90, None),
}


@pytest.mark.parametrize("name", CEILINGS)
def test_a_mode_lets_in(name: str) -> None:
    mode, capacity, area, people = CEILINGS[name]

    assert ceiling(mode, 1, capacity, area) == people


CHRISTMAS = Mode("xmas", "open", date(2026, 12, 24), date(2026, 12, 26), made=1)
FOREVER = Mode("forever", "closed", date(2026, 1, 1), None, made=9)
AGAIN = Mode("again", "limited", DECEMBER, MARCH, people=5, made=3)
SPEAKS = {
    "no mode at all": ((), DECEMBER, None),
    "before it begins": ((winter(people=9),), date(2026, 11, 30), None),
    "its last day counts": ((winter(people=9),), MARCH, "winter"),
    "the day after does not": ((winter(people=9),), date(2027, 4, 1), None),
    "the shorter inside the longer": ((winter(people=9), CHRISTMAS), date(2026, 12, 25), "xmas"),
    "without an end is longest": ((FOREVER, winter(people=9)), DECEMBER, "winter"),
    "of two as long the later made": ((winter(people=9), AGAIN), DECEMBER, "again"),
}


@pytest.mark.parametrize("name", SPEAKS)
def test_which_mode_speaks(name: str) -> None:
    modes, day, key = SPEAKS[name]
    found = mode_on(modes, day)

    assert (found.key if found else None) == key


def test_the_smaller_of_layout_and_mode_holds_and_a_night_counts_both_days() -> None:
    limits = Limits((winter(share=50),), 1, 60)
    eve = Span(datetime(2026, 11, 30, 19, tzinfo=UTC), datetime(2026, 11, 30, 22, tzinfo=UTC))

    assert limits.on(date(2026, 11, 30)) is None
    assert holds(60, limits, eve, ROME) == 60
    assert holds(60, limits, Span(eve.starts_at, eve.ends_at + timedelta(hours=3)), ROME) == 30
    assert least(14, limits.on(DECEMBER)) == 14
    assert least(None, limits.on(DECEMBER)) == 30
    assert Limits((winter(people=80),), 1, 60).on(DECEMBER) is None


def test_closed_days_come_in_runs_around_the_open_ones() -> None:
    shut = Mode("shut", "closed", date(2026, 12, 20), None)

    assert [
        (mode.key, first.day, last.day)
        for mode, first, last in closed_runs((shut, CHRISTMAS), DECEMBER, date(2026, 12, 31))
    ] == [("shut", 20, 23), ("shut", 27, 31)]


NONSENSE = {
    "limited to nothing said": winter(),
    "days turned round": Mode("x", "closed", MARCH, DECEMBER),
    "more than the whole": winter(share=101),
    "nobody at all": winter(people=0),
    "no square metre": winter(m2=0.01),
    "a kind that is none": Mode("x", "asleep", DECEMBER),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", NONSENSE)
def test_a_mode_that_makes_no_sense_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        check_mode(NONSENSE[name])


NOW = datetime(2026, 12, 2, 9, tzinfo=UTC)
ANY_TIME = OpeningFacts((Period("venue", dict.fromkeys(range(7), ALL_DAY)),))
AT_DOORS: dict[Door, tuple[str, str]] = {
    "book": ("refuse", "refuse"),
    "move": ("refuse", "refuse"),
    "approve": ("warn", "warn"),
    "accept": ("warn", "refuse"),
    "import": ("refuse", "refuse"),
}


@pytest.mark.parametrize("door", AT_DOORS)
def test_each_door_judges_the_day_of_the_booking(door: Door) -> None:
    span = Span(datetime(2026, 12, 9, 17, tzinfo=UTC), datetime(2026, 12, 9, 19, tzinfo=UTC))
    after = Span(span.starts_at + timedelta(days=120), span.ends_at + timedelta(days=120))
    limits = Limits((winter(people=20, reason=Texts(en="Masks.")),), 1, 60)
    limited = RoomFacts(ROME, ANY_TIME, 60, limits=limits)
    mode = Mode("shut", "closed", DECEMBER, None)
    days = Span(NOW, NOW + timedelta(days=60))
    closed = RoomFacts(ROME, OpeningFacts(ANY_TIME.periods, closings=(Closing(days, mode=mode),)))
    said = {"notice_add": "none", "horizon_days": "none", "longest_minutes": "none"}
    row = PolicyRow("network", "everyone", PolicyValues.from_json(said))
    policy = resolve((row,), frozenset({"everyone"}))

    def codes(room: RoomFacts, at: Span, people: int) -> tuple[str, list[str]]:
        judged = check(door, Ask(at, people), room, policy, Applicant(), NOW, choices=0)
        how = "refuse" if judged.refused else "warn" if judged.warnings else "pass"
        return how, [reason.code for reason in (*judged.refused, *judged.warnings)]

    assert codes(limited, span, 20) == ("pass", [])
    assert codes(limited, span, 21) == (AT_DOORS[door][0], ["over_capacity"])
    assert codes(limited, after, 60) == ("pass", [])
    assert codes(closed, span, 1) == (AT_DOORS[door][1], ["closure"])


def test_the_refusal_names_the_mode_its_end_and_the_number_that_fits() -> None:
    from tierslieu.bookings.rules.capacity import closed_by, over_limit
    from tierslieu.kernel.languages import say

    reason = over_limit(20, winter(people=20, reason=Texts(en="So few may meet indoors.")))
    said = say(reason.message, "en")

    assert "31 March" in said
    assert "20 people" in said
    assert "So few may meet indoors." in said
    assert reason.nearest[0].values == {"attendance": "20"}
    assert "until further notice" in say(closed_by(Mode("x", "closed", DECEMBER)), "en")
