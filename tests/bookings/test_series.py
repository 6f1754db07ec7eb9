"""Series: booked together, judged over the whole set, kept with what was skipped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tierslieu.bookings.models import Booking, Policy, Series
from tierslieu.bookings.policies.scopes import Scope as QuotaScope
from tierslieu.bookings.quotas.services import QuotaValues, put_quota
from tierslieu.bookings.series.models import SkippedDate
from tierslieu.bookings.series.services import Made, NewSeries, book_series, preview, try_again
from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.kernel.errors import Conflict, Forbidden, NotFound, Refused
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.outbox import Job
from tierslieu.kernel.recurrence import parse
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.resources.models import Occupancy
from tierslieu.venues.opening.services import close

ROME = ZoneInfo("Europe/Rome")
At = Callable[..., Span]


def weekly(house: Any, at: At, times: int = 4, room: str = "sala", **more: Any) -> NewSeries:
    """Wednesdays from 4 November, three to five."""
    skip = more.pop("skip", False)
    rule = parse(more.pop("rrule", f"FREQ=WEEKLY;COUNT={times}"))
    new = NewBooking(house.rooms[room], at("2026-11-04 15:00", "17:00"), "Coro", **more)
    return NewSeries(new, rule, skip_conflicts=skip)


def shut(house: Any, at: At, day: str) -> None:
    """The house is closed on a day."""
    span = Span(at(f"{day} 09:00", "10:00").starts_at, at(f"{day} 20:00", "21:00").ends_at)
    with house.writing("manager") as work:
        close(work, house.venue, span, Texts(en="Paint"))


def take_away(house: Any, at: At, day: str, who: str = "bice") -> str:
    with house.writing(who) as work:
        new = NewBooking(house.rooms["sala"], at(f"{day} 16:00", "18:00"), "Tombola")
        return book(work, new).public_id


def booked(house: Any, new: NewSeries, who: str = "ada") -> Made:
    with house.writing(who) as work:
        return book_series(work, new)


def local(made: Made) -> list[str]:
    return [view.booking.local_start for view in made.views]


def said(house: Any, room: str, **rules: Any) -> None:
    """Other house rules for a room."""
    with house.writing("admin") as work:
        row = work.session.scalars(sa.select(Policy).where(Policy.room_id == house.ids[room])).one()
        row.rules = row.rules | rules


def count(house: Any, model: Any) -> int:
    with house.reading("admin") as work:
        return int(work.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0)


def test_a_series_books_each_date_with_one_uid_and_one_mail(house: Any, at: At) -> None:
    made = booked(house, weekly(house, at))

    days = ["2026-11-04", "2026-11-11", "2026-11-18", "2026-11-25"]
    assert local(made) == [f"{day}T15:00" for day in days]
    assert {view.booking.state for view in made.views} == {"confirmed"}
    assert {view.booking.uid for view in made.views} == {made.series.uid}
    assert all(v.booking.original_starts_at == v.span.starts_at for v in made.views)
    assert count(house, Occupancy) == 4
    assert count(house, Mail) == 1


def test_complaint_09_a_closed_day_is_listed_and_can_be_skipped(house: Any, at: At) -> None:
    shut(house, at, "2026-11-11")
    take_away(house, at, "2026-11-25")

    with pytest.raises(Refused) as refused, house.writing("ada") as work:
        book_series(work, weekly(house, at))
    assert [reason.code for reason in refused.value.reasons] == ["closure", "taken"]
    assert count(house, Series) == 0

    made = booked(house, weekly(house, at, skip=True))
    assert local(made) == ["2026-11-04T15:00", "2026-11-18T15:00"]
    assert [fate.outcome for fate in made.skipped] == ["closed", "taken"]
    with house.reading("ada") as work:
        kept = list(work.session.scalars(sa.select(SkippedDate).order_by(SkippedDate.id)))
    assert [(row.local_start, row.code) for row in kept] == [
        ("2026-11-11T15:00", "closure"),
        ("2026-11-25T15:00", "taken"),
    ]
    assert "Paint" in kept[0].why["en"]
    assert kept[0].why["it"] != kept[0].why["en"]


def test_invariant_3_a_preview_says_the_same_and_writes_nothing(house: Any, at: At) -> None:
    shut(house, at, "2026-11-11")
    take_away(house, at, "2026-11-25")
    with house.reading("ada") as work:
        seen = preview(work, weekly(house, at))
    assert [fate.outcome for fate in seen.fates] == ["free", "closed", "free", "taken"]
    assert seen.fates[3].reasons[0].nearest
    assert count(house, Series) == 0


def test_none_left_is_a_conflict_even_with_skipping(house: Any, at: At) -> None:
    for day in ("2026-11-04", "2026-11-11"):
        take_away(house, at, day)
    with pytest.raises(Conflict) as refused, house.writing("ada") as work:
        book_series(work, weekly(house, at, times=2, skip=True))
    assert [reason.code for reason in refused.value.reasons] == ["taken", "taken"]
    assert count(house, Series) == 0


def test_limits_over_a_whole_series_refuse_it_whole_and_offer_the_first_that_fit(
    house: Any, at: At
) -> None:
    said(house, "sala", max_open_bookings=3)
    take_away(house, at, "2026-11-12", who="ada")

    with pytest.raises(Refused) as refused, house.writing("ada") as work:
        book_series(work, weekly(house, at, times=8))
    [reason] = [r for r in refused.value.reasons if r.code == "too_many_open"]
    offered = reason.nearest[0].values["rrule"]
    assert offered == "FREQ=WEEKLY;UNTIL=20261111"
    assert count(house, Series) == 0
    assert len(booked(house, weekly(house, at, rrule=offered)).views) == 2


def test_a_skipped_date_is_tried_again_once_it_is_free(house: Any, at: At) -> None:
    rival = take_away(house, at, "2026-11-11")
    made = booked(house, weekly(house, at, skip=True, attendance=9, note="Keys"))
    with house.reading("ada") as work:
        skipped = work.session.scalars(sa.select(SkippedDate.public_id)).one()

    with pytest.raises(Conflict), house.writing("ada") as work:
        try_again(work, skipped)
    with house.writing("bice") as work:
        cancel(work, rival)
    with pytest.raises(NotFound), house.writing("bice") as work:
        try_again(work, skipped)
    with house.writing("ada") as work:
        again = try_again(work, skipped)

    assert (again.series_id, again.uid) == (made.series.id, made.series.uid)
    assert (again.local_start, again.attendance, again.note) == ("2026-11-11T15:00", 9, "Keys")
    assert count(house, SkippedDate) == 0
    assert count(house, Occupancy) == 4


def test_complaint_11_a_series_keeps_its_wall_time_through_the_clock_changes(
    house: Any, at: At
) -> None:
    """Saturday nights, through the last Sundays of March and October."""
    said(house, "night", longest_minutes="none")
    start = at("2026-11-07 22:00", "06:00")
    new = NewBooking(house.rooms["night"], start, "Late tango", attendance=20)
    made = booked(house, NewSeries(new, parse("FREQ=WEEKLY;UNTIL=20271113")))

    walls = {
        (v.span.starts_at.astimezone(ROME).hour, v.span.ends_at.astimezone(ROME).hour)
        for v in made.views
    }
    assert walls == {(22, 6)}
    assert len(made.views) == 54
    lengths = [v.span.duration // timedelta(hours=1) for v in made.views]
    assert (lengths.count(8), lengths.count(7), lengths.count(9)) == (52, 1, 1)


@pytest.mark.parametrize(
    ("who", "party", "error"),
    [("bice", "body", Forbidden), ("rival", "ada", Forbidden)],
    ids=["for somebody else's body", "for a person of another venue"],
)
def test_a_series_is_booked_only_for_whom_one_may_book(
    house: Any, at: At, who: str, party: str, error: type[Exception]
) -> None:
    new = weekly(house, at)
    whom = (
        {"organisation_id": house.body} if party == "body" else {"person_id": house.people[party]}
    )
    with pytest.raises(error), house.writing(who) as work:
        book_series(work, replace(new, first=replace(new.first, **whom)))


def test_a_series_that_needs_an_answer_is_asked_for_once(house: Any, at: At) -> None:
    made = booked(house, weekly(house, at, room="studio"))
    assert {view.booking.state for view in made.views} == {"requested"}
    assert count(house, Occupancy) == 0
    with house.reading("admin") as work:
        kinds = list(work.session.scalars(sa.select(Job.name)))
    assert kinds.count("bookings.tell_approvers") == 1


def test_dates_in_a_room_with_buffers_share_them_among_themselves(house: Any, at: At) -> None:
    """Twice a day would not be a rule; two bookings beside each other are."""
    new = NewBooking(house.rooms["tidy"], at("2026-11-04 15:00", "16:00"), "Coro")
    booked(house, NewSeries(new, parse("FREQ=DAILY;COUNT=3")))
    beside = replace(new, span=at("2026-11-04 16:00", "17:00"))
    booked(house, NewSeries(beside, parse("FREQ=DAILY;COUNT=3")))
    with house.reading("admin") as work:
        lengths = sorted(
            row.ends_at - row.starts_at for row in work.session.scalars(sa.select(Occupancy))
        )
    assert lengths == [timedelta(minutes=70)] * 3 + [timedelta(minutes=80)] * 3


def test_dates_that_would_overlap_each_other_are_refused(house: Any, at: At) -> None:
    start = at("2026-11-06 10:00", "11:00").starts_at
    new = NewBooking(house.rooms["night"], Span(start, start + timedelta(hours=30)), "Camp")
    with pytest.raises(Refused) as refused, house.writing("ada") as work:
        book_series(work, NewSeries(new, parse("FREQ=DAILY;COUNT=3")))
    assert refused.value.code == "dates_overlap"


def test_single_dates_and_exceptions_make_a_series_too(house: Any, at: At) -> None:
    new = NewBooking(house.rooms["sala"], at("2026-11-04 15:00", "17:00"), "Coro")
    days = tuple(datetime(2026, 11, day).date() for day in (12, 20))  # noqa: DTZ001
    made = booked(house, NewSeries(new, None, also=days))
    assert local(made) == ["2026-11-04T15:00", "2026-11-12T15:00", "2026-11-20T15:00"]
    assert count(house, Booking) == 3


def test_a_quota_is_counted_over_the_whole_series_and_refuses_it_whole(house: Any, at: At) -> None:
    """Two bookings a month: four dates in November are two too many, and nothing is made."""
    with house.writing("manager") as work:
        put_quota(work, QuotaScope(house.venue), QuotaValues("count", 2, "month"))
    with pytest.raises(Refused) as refused, house.writing("ada") as work:
        book_series(work, weekly(house, at, skip=True))
    assert refused.value.code == "quota"
    offered = refused.value.reasons[0].nearest[0].values["rrule"]
    assert count(house, Series) == 0
    assert len(booked(house, weekly(house, at, rrule=offered)).views) == 2
