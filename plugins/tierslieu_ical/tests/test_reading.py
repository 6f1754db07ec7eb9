"""Reading calendars of others: what repeats, what is left out, what is not begun."""

from __future__ import annotations

import time
import warnings
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from dateutil.rrule import rrulestr
from icalendar import Calendar

import tierslieu.toolkit as tl
from tierslieu_ical.intake.reading import Unreadable, occurrences, read
from tierslieu_ical.intake.repeats import Budget, NotUnderstood, TooMuch, days, pattern_of
from tierslieu_ical.tests.elsewhere import calendar

ROME = ZoneInfo("Europe/Rome")
YEAR = tl.Span(datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 12, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=DAILY;COUNT=400;BYDAY=MO,FR",
        "FREQ=DAILY;BYMONTH=1,7;BYMONTHDAY=-1",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO",
        "FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=-1",
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;BYDAY=2TU,-1FR",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=31,-2",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "FREQ=YEARLY",
        "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",
        "FREQ=YEARLY;BYDAY=20MO",
        "FREQ=YEARLY;BYYEARDAY=1,100,-1",
        "FREQ=YEARLY;BYDAY=SA,SU;BYSETPOS=1,-1",
        "FREQ=YEARLY;INTERVAL=2;COUNT=3;BYMONTH=2;BYMONTHDAY=29",
    ],
)
def test_days_are_those_of_the_oracle(rule: str) -> None:
    first, since, upto = date(2019, 3, 31), date(2023, 5, 6), date(2028, 8, 9)
    found = list(days(pattern_of(rule), first, since, upto, Budget(10**6)))
    start, since_at, upto_at = (
        datetime.combine(day, time_of_day(9)) for day in (first, since, upto)
    )
    expected = rrulestr(rule, dtstart=start).between(since_at, upto_at, inc=True)
    assert found == [each.date() for each in expected]


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=HOURLY;COUNT=5", "FREQ=DAILY;BYHOUR=9,10", "FREQ=YEARLY;BYWEEKNO=20",
     "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=999999999", "FREQ=WEEKLY;BYDAY=2MO",
     "FREQ=DAILY;COUNT=-1", "FREQ=DAILY;COUNT=x", "FREQ=DAILY;UNTIL=soon", "nonsense", ""],
)  # fmt: skip
def test_what_is_no_repetition_of_days(rule: str) -> None:
    with pytest.raises(NotUnderstood):
        pattern_of(rule)


SCHOOL = calendar(
    """UID:week\nDTSTART;TZID=Europe/Rome:20250107T180000\nDTEND;TZID=Europe/Rome:20250107T200000
RRULE:FREQ=WEEKLY;BYDAY=TU,TH\nEXDATE;TZID=Europe/Rome:20261224T180000\nSUMMARY:Choir""",
    """UID:week\nRECURRENCE-ID;TZID=Europe/Rome:20261222T180000\nSUMMARY:Choir, moved
DTSTART;TZID=Europe/Rome:20261223T190000\nDURATION:PT3H""",
    """UID:week\nRECURRENCE-ID:20261229T170000Z\nSTATUS:CANCELLED
DTSTART;TZID=Europe/Rome:20261229T180000\nDTEND;TZID=Europe/Rome:20261229T200000""",
    "UID:day\nDTSTART;VALUE=DATE:20270328\nSUMMARY:All of a short day\nTRANSP:TRANSPARENT",
    "UID:floating\nDTSTART:20270105T090000\nDTEND:20270105T100000\nRDATE:20270107T090000",
    "UID:counted\nDTSTART:20261130T080000Z\nDTEND:20261130T083000Z\nRRULE:FREQ=DAILY;COUNT=3",
    "UID:until\nDTSTART:20261201T080000Z\nDURATION:PT30M\nRRULE:FREQ=DAILY;UNTIL=20261203T080000Z",
)


def test_dates_are_those_of_the_oracle() -> None:
    contents = read(SCHOOL, ROME)
    found, strange = occurrences(contents.events, YEAR, Budget(10**6))
    assert not strange
    assert not contents.unread
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = recurring_ical_events.of(Calendar.from_ical(SCHOOL), skip_bad_series=False)
        expected = oracle.between(YEAR.starts_at, YEAR.ends_at)

    def start(moment: date) -> datetime:
        if not isinstance(moment, datetime):
            return datetime(moment.year, moment.month, moment.day, tzinfo=ROME).astimezone(UTC)
        return (moment if moment.tzinfo else moment.replace(tzinfo=ROME)).astimezone(UTC)

    told = [e for e in expected if e.get("STATUS") != "CANCELLED"]
    assert [each.span.starts_at for each in found] == sorted(start(e["DTSTART"].dt) for e in told)
    titles = {each.event.title: each.span for each in found}
    assert titles["Choir, moved"].minutes == 180
    assert titles["All of a short day"].minutes == 23 * 60
    assert len({each.key for each in found}) == len(found)


def test_one_event_that_is_wrong_is_not_all_of_them() -> None:
    contents = read(
        calendar(
            "UID:a\nDTSTART:20270101T090000Z\nDTEND:20270101T100000Z",
            "UID:backwards\nDTSTART:20270101T090000Z\nDTEND:20270101T080000Z\nSUMMARY:Odd",
            "UID:none\nSUMMARY:No start",
            "UID:old\nDTSTART:00010101T090000Z\nDTEND:00010101T100000Z\nRRULE:FREQ=DAILY",
            "UID:b\nDTSTART:20270101T090000Z\nDURATION:PT1H\nRRULE:FREQ=MINUTELY",
        ),
        ROME,
    )
    assert [event.uid for event in contents.events] == ["a", "b"]
    assert (contents.unread[0].uid, contents.unread[0].title) == ("backwards", "Odd")
    found, strange = occurrences(contents.events, YEAR, Budget(10**6))
    assert ([each.event.uid for each in found], [each.uid for each in strange]) == (["a"], ["b"])


ZONE = (
    b"BEGIN:VTIMEZONE\r\nTZID:Own\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    b"TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\n"
    b"END:VTIMEZONE\r\n"
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "no_calendar"),
        (b"<html>Sign in</html>", "no_calendar"),
        (b"BEGIN:VCARD\r\nFN:Ada\r\nEND:VCARD\r\n", "no_calendar"),
        (SCHOOL[:400], "no_calendar"),
        (b"\0\xff" * 500, "no_calendar"),
        (SCHOOL.replace(b"BEGIN:VEVENT", ZONE + b"BEGIN:VEVENT", 1), "strange_zone"),
        (SCHOOL.replace(b"BEGIN:VEVENT", ZONE.replace(b"RR", b"R\r\n R") + b"BEGIN:VEVENT", 1),
         "strange_zone"),
        (b"BEGIN:VEVENT\r\n" * 5001, "too_large"),
        (b"x" * (4 * 1024 * 1024 + 1), "too_large"),
    ],
)  # fmt: skip
def test_what_is_no_calendar_is_said_at_once(data: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(data, ROME)
    assert refused.value.code == code


def test_however_it_repeats_it_ends_soon() -> None:
    never = "DTSTART:19700101T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    contents = read(calendar(*[f"UID:{n}\n{never};COUNT=1000000000" for n in range(40)]), ROME)
    began = time.perf_counter()
    with pytest.raises(TooMuch):
        occurrences(contents.events, YEAR, Budget(100_000))
    assert time.perf_counter() - began < 2
    many = "DTSTART:20261201T000000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY"
    contents = read(calendar(*[f"UID:{n}\n{many}" for n in range(60)]), ROME)
    with pytest.raises(Unreadable):
        occurrences(contents.events, tl.Span(YEAR.starts_at, YEAR.ends_at), Budget(10**6))
