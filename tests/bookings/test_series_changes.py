"""Several dates changed, given up or answered at once; what has begun is never touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.models import Booking, PendingChange, Series
from tierslieu.bookings.series.answering import approve_series, decline_series
from tierslieu.bookings.series.changing import (
    cancel_series,
    change_series,
    look_at_cancelling,
    look_at_changing,
)
from tierslieu.bookings.series.models import SkippedDate
from tierslieu.bookings.series.queries import dates_of, place_of, repeat_of_series
from tierslieu.bookings.series.services import Made, NewSeries, book_series, try_again
from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.kernel import clock
from tierslieu.kernel.errors import Conflict, Forbidden, NotFound, Refused
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.recurrence import parse
from tierslieu.kernel.span import Span
from tierslieu.resources.models import Claim, Occupancy

ROME = ZoneInfo("Europe/Rome")
At = Callable[..., Span]


@pytest.fixture
def choir(house: Any, at: At) -> Made:
    """Ada's choir: six Wednesdays from 4 November, three to five, in the sala."""
    return made(house, at)


def made(house: Any, at: At, room: str = "sala", rrule: str = "FREQ=WEEKLY;COUNT=6") -> Made:
    new = NewBooking(house.rooms[room], at("2026-11-04 15:00", "17:00"), "Coro")
    with house.writing("ada") as work:
        return book_series(work, NewSeries(new, parse(rrule)))


@contextmanager
def later(house: Any, day: str, who: str = "ada") -> Iterator[Any]:
    """Work of somebody on another day."""
    with clock.frozen(datetime.fromisoformat(f"{day}T10:00+01:00")), house.writing(who) as work:
        yield work


def ids(choir: Made) -> list[str]:
    return [view.booking.public_id for view in choir.views]


def shown(house: Any) -> list[tuple[str, str, int]]:
    """Each date: its wall time, its state, and which series it belongs to, counted from one."""
    with house.reading("admin") as work:
        series = list(work.session.scalars(sa.select(Series.id).order_by(Series.id)))
        rows = work.session.execute(
            sa.select(Booking.local_start, Booking.state, Booking.series_id)
            .where(Booking.series_id.is_not(None))
            .order_by(Booking.original_starts_at)
        )
        return [(start[5:], state, series.index(of) + 1) for start, state, of in rows]


def rules(house: Any) -> list[str]:
    with house.reading("admin") as work:
        found = work.session.scalars(sa.select(Series).order_by(Series.id))
        return [f"{each.local_start[5:]} {each.rrule} {','.join(each.also)}" for each in found]


def rival(house: Any, at: At, start: str, end: str, who: str = "bice") -> str:
    with house.writing(who) as work:
        new = NewBooking(house.rooms["sala"], at(start, end), "Tombola")
        return str(book(work, new).public_id)


def test_this_and_following_goes_on_as_a_series_of_its_own(house: Any, at: At, choir: Made) -> None:
    with house.writing("ada") as work:
        edit = Edit(span=at("2026-11-18 16:00", "18:00"))
        done = change_series(work, ids(choir)[2], edit, "following")

    assert shown(house) == [
        ("11-04T15:00", "confirmed", 1),
        ("11-11T15:00", "confirmed", 1),
        ("11-18T16:00", "confirmed", 2),
        ("11-25T16:00", "confirmed", 2),
        ("12-02T16:00", "confirmed", 2),
        ("12-09T16:00", "confirmed", 2),
    ]
    assert rules(house) == [
        "11-04T15:00 FREQ=WEEKLY;UNTIL=20261111 ",
        "11-18T16:00 FREQ=WEEKLY;COUNT=4 ",
    ]
    assert done.series.follows_id == choir.series.id
    assert done.series.uid != choir.series.uid
    with house.reading("ada") as work:
        for booking in work.session.scalars(sa.select(Booking)):
            dates = repeat_of_series(work.session.get(Series, booking.series_id)).dates()
            assert booking.original_starts_at in {each.span.starts_at for each in dates}


def test_all_of_a_series_that_has_not_begun_changes_in_place(
    house: Any, at: At, choir: Made
) -> None:
    with house.writing("ada") as work:
        edit = Edit(span=at("2026-11-19 16:00", "18:00"), title="Coro grande")
        done = change_series(work, ids(choir)[2], edit, "all")

    assert done.series.uid == choir.series.uid
    assert [row[0] for row in shown(house)][:2] == ["11-05T16:00", "11-12T16:00"]
    assert rules(house) == ["11-05T16:00 FREQ=WEEKLY;COUNT=6 "]
    with house.reading("ada") as work:
        assert set(work.session.scalars(sa.select(Claim.label))) == {"Coro grande"}


def test_complaint_07_the_past_and_other_people_stay_untouched(
    house: Any, at: At, choir: Made
) -> None:
    """Changing all dates of a running series moves neither what was nor anybody else."""
    theirs = rival(house, at, "2026-11-25 17:00", "18:30")
    with later(house, "2026-11-12") as work:
        past = {
            row.id: (row.version, row.series_id, row.changed_at)
            for row in work.session.scalars(sa.select(Booking))
        }
        edit = Edit(span=at("2026-11-18 16:00", "18:00"))
        with pytest.raises(Conflict) as refused:
            change_series(work, ids(choir)[2], edit, "all")
        assert [reason.code for reason in refused.value.reasons] == ["taken"]
    with later(house, "2026-11-12") as work:
        done = change_series(work, ids(choir)[2], edit, "all", skip_conflicts=True)
        assert [fate.outcome for fate in done.kept] == ["taken"]

    assert shown(house) == [
        ("11-04T15:00", "confirmed", 1),
        ("11-11T15:00", "confirmed", 1),
        ("11-18T16:00", "confirmed", 2),
        ("11-25T15:00", "confirmed", 2),
        ("12-02T16:00", "confirmed", 2),
        ("12-09T16:00", "confirmed", 2),
    ]
    with house.reading("admin") as work:
        for row in work.session.scalars(sa.select(Booking)):
            if row.public_id == theirs or row.local_start[:10] in ("2026-11-04", "2026-11-11"):
                assert past[row.id] == (row.version, row.series_id, row.changed_at)
        told = work.session.scalars(sa.select(Mail.person_id).where(Mail.person_id.is_not(None)))
        assert list(told).count(house.people["bice"]) == 1  # her own booking, nothing since


def test_what_was_moved_for_one_date_alone_stays_so(house: Any, at: At, choir: Made) -> None:
    with house.writing("ada") as work:
        change(work, ids(choir)[3], Edit(span=at("2026-11-26 09:00", "11:00")))
    with house.writing("ada") as work:
        edit = Edit(span=at("2026-11-11 16:00", "18:00"), title="Prove")
        change_series(work, ids(choir)[1], edit, "following")

    assert [row[0] for row in shown(house)] == [
        "11-04T15:00", "11-11T16:00", "11-18T16:00", "11-26T09:00", "12-02T16:00", "12-09T16:00",
    ]  # fmt: skip


def test_looking_at_a_change_says_each_fate_and_writes_nothing(
    house: Any, at: At, choir: Made
) -> None:
    rival(house, at, "2026-11-25 17:00", "18:30")
    with house.reading("ada") as work:
        edit = Edit(span=at("2026-11-18 16:00", "18:00"))
        plan = look_at_changing(work, ids(choir)[2], edit, "following")
    assert [fate.outcome for fate in plan.fates] == ["free", "taken", "free", "free"]
    assert len({row[2] for row in shown(house)}) == 1


@pytest.mark.parametrize(
    ("scope", "at_", "left"),
    [("this", 2, 5), ("following", 2, 2), ("all", 2, 0)],
    ids=["one date", "this and following", "all of them"],
)
def test_dates_are_given_up_in_three_scopes_with_one_mail(
    house: Any, choir: Made, scope: Any, at_: int, left: int
) -> None:
    with house.writing("ada") as work:
        mails = work.session.scalar(sa.select(sa.func.count()).select_from(Mail))
        if scope == "this":
            cancel(work, ids(choir)[at_])
        else:
            cancel_series(work, ids(choir)[at_], scope)
    with house.reading("ada") as work:
        count = sa.select(sa.func.count())
        assert work.session.scalar(count.select_from(Occupancy)) == left
        assert work.session.scalar(count.select_from(Mail)) == mails + 1


def test_a_date_it_is_too_late_to_give_up_stays_and_is_said(house: Any, choir: Made) -> None:
    """The sala asks for a day's notice."""
    with later(house, "2026-11-11") as work:
        plan = look_at_cancelling(work, ids(choir)[1], "all")
        assert [reason.code for fate in plan.kept for reason in fate.reasons] == [
            "too_late_to_cancel"
        ]
        done = cancel_series(work, ids(choir)[1], "all")
    assert (len(done.views), len(done.kept)) == (4, 1)
    assert [row[1] for row in shown(house)] == ["confirmed"] * 2 + ["cancelled"] * 4


@pytest.mark.parametrize(
    ("who", "error"), [("bice", NotFound), ("rival", NotFound)], ids=["a stranger", "elsewhere"]
)
def test_nobody_else_changes_or_gives_up_a_series(
    house: Any, at: At, choir: Made, who: str, error: type[Exception]
) -> None:
    acts: list[Callable[[Any], object]] = [
        lambda work: cancel_series(work, ids(choir)[0], "all"),
        lambda work: change_series(work, ids(choir)[0], Edit(title="Mine"), "all"),
        lambda work: approve_series(work, ids(choir)[0], "all"),
    ]
    for act in acts:
        with pytest.raises(error), house.writing(who) as work:
            act(work)
    with pytest.raises(Forbidden), house.writing("ada") as work:
        approve_series(work, ids(choir)[0], "all")


def test_a_monthly_series_that_moves_by_a_day_says_its_days_one_by_one(house: Any, at: At) -> None:
    choir = made(house, at, room="night", rrule="FREQ=MONTHLY;BYMONTHDAY=4;COUNT=3")
    with house.writing("ada") as work:
        change_series(work, ids(choir)[0], Edit(span=at("2026-11-05 15:00", "17:00")), "all")
    assert rules(house) == ["11-05T15:00  2026-12-05,2027-01-05"]


def test_skipped_dates_go_along_with_the_rest(house: Any, at: At) -> None:
    rival(house, at, "2026-11-25 15:00", "16:00")
    new = NewBooking(house.rooms["sala"], at("2026-11-04 15:00", "17:00"), "Coro")
    with house.writing("ada") as work:
        rule = parse("FREQ=WEEKLY;COUNT=6")
        choir = book_series(work, NewSeries(new, rule, skip_conflicts=True))
    with house.writing("ada") as work:
        edit = Edit(span=at("2026-11-18 16:10", "18:10"))
        done = change_series(work, ids(choir)[2], edit, "following")
        skipped = work.session.scalars(sa.select(SkippedDate)).one()
        assert (skipped.series_id, skipped.local_start) == (done.series.id, "2026-11-25T16:10")
        again = try_again(work, skipped.public_id)
        assert again.uid == done.series.uid
        place = place_of(work.session, again)
        assert place is not None
        assert (place.number, place.of) == (2, 4)


# -- answers ---------------------------------------------------------------------------------------


def test_a_series_is_answered_at_once_but_for_some_dates(house: Any, at: At) -> None:
    choir = made(house, at, room="studio", rrule="FREQ=WEEKLY;COUNT=4")
    with house.writing("manager") as work:
        mails = work.session.scalar(sa.select(sa.func.count()).select_from(Mail))
        done = approve_series(work, ids(choir)[0], "all", but=[ids(choir)[2]], reason="Inventory")
        assert len(done.views) == 3
    assert [row[1] for row in shown(house)] == ["confirmed", "confirmed", "declined", "confirmed"]
    with house.reading("admin") as work:
        count = sa.select(sa.func.count())
        assert work.session.scalar(count.select_from(Occupancy)) == 3
        assert work.session.scalar(count.select_from(Mail)) == mails + 1


def test_a_date_taken_meanwhile_is_skipped_with_its_reason_and_told(house: Any, at: At) -> None:
    choir = made(house, at, room="studio", rrule="FREQ=WEEKLY;COUNT=3")
    with house.writing("manager") as work:
        new = NewBooking(house.rooms["studio"], at("2026-11-11 16:00", "17:00"), "Visit")
        book(work, new)
    with house.writing("manager") as work:
        done = approve_series(work, ids(choir)[1], "all")
    assert [fate.outcome for fate in done.lost] == ["taken"]
    assert [row[1] for row in shown(house)] == ["confirmed", "declined", "confirmed"]
    with house.reading("admin") as work:
        assert [row.code for row in work.session.scalars(sa.select(SkippedDate))] == ["taken"]
        body = work.session.scalars(sa.select(Mail.body).order_by(Mail.id.desc())).first()
        assert "Taken" in body


def test_a_series_is_declined_at_once(house: Any, at: At) -> None:
    choir = made(house, at, room="kept", rrule="FREQ=WEEKLY;COUNT=3")
    with house.writing("manager") as work:
        decline_series(work, ids(choir)[0], "all", "No heating")
    assert {row[1] for row in shown(house)} == {"declined"}
    with house.reading("admin") as work:
        assert work.session.scalar(sa.select(sa.func.count()).select_from(Occupancy)) == 0


def test_another_time_for_confirmed_dates_waits_where_the_venue_answers(house: Any, at: At) -> None:
    choir = made(house, at, room="studio", rrule="FREQ=WEEKLY;COUNT=3")
    with house.writing("manager") as work:
        approve_series(work, ids(choir)[0], "all")
    with house.writing("ada") as work:
        edit = Edit(span=at("2026-11-11 16:00", "18:00"))
        change_series(work, ids(choir)[1], edit, "following")
        assert work.session.scalar(sa.select(sa.func.count()).select_from(PendingChange)) == 2
        assert len(dates_of(work.session, choir.series.id)) == 3
    assert [row[0] for row in shown(house)][1] == "11-11T15:00"


def test_an_old_page_changes_nothing(house: Any, choir: Made) -> None:
    with pytest.raises(Conflict) as refused, house.writing("ada") as work:
        cancel_series(work, ids(choir)[0], "all", version=99)
    assert refused.value.code == "changed_meanwhile"


def test_nothing_to_come_is_said(house: Any, choir: Made) -> None:
    with pytest.raises(Refused) as refused, later(house, "2027-01-11") as work:
        cancel_series(work, ids(choir)[0], "all")
    assert refused.value.code == "past"
