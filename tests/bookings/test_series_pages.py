"""The pages of a series: asked for with every date shown, changed, given up, answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.models import Booking, Series
from tierslieu.bookings.series.models import SkippedDate
from tierslieu.bookings.services import NewBooking, book
from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.bookings.waiting.services import leave
from tierslieu.kernel.span import Span
from tierslieu.testing import csrf_token

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

At = Callable[..., Span]
FORM = {
    "title": "Coro", "date": "2026-11-04", "start": "15:00", "end": "17:00", "who": "me",
    "visibility": "private", "nonce": "n1", "repeat": "weekly", "times": "4",
}  # fmt: skip


def send(client: Any, page: str, path: str = "", **fields: Any) -> Any:
    return client.post(path or page, data=fields | {"csrf_token": csrf_token(client, page)})


def states(house: Any) -> list[str]:
    with house.reading("admin") as work:
        question = sa.select(Booking.state).order_by(Booking.original_starts_at)
        return list(work.session.scalars(question.where(Booking.series_id.is_not(None))))


def first(house: Any) -> str:
    with house.reading("admin") as work:
        question = sa.select(Booking.public_id).where(Booking.series_id.is_not(None))
        return str(work.session.scalars(question.order_by(Booking.id)).first())


def test_every_date_is_shown_before_it_is_sent_and_the_refused_are_skipped(
    house: Any, at: At, browser: Any
) -> None:
    with house.writing("bice") as work:
        span = at("2026-11-11 16:00", "17:00")
        rival = book(work, NewBooking(house.rooms["sala"], span, "Tombola")).public_id
    ada, page = browser("ada"), f"/book/{house.rooms['sala']}"
    shown = send(ada, page, **FORM).get_data(as_text=True)
    assert shown.count("chip-ok") == 3
    assert "Taken" in shown
    assert "3 free dates and skip" in shown
    assert states(house) == []

    back = send(ada, page, **FORM, edit="1").get_data(as_text=True)
    assert 'value="weekly" selected' in back or 'selected value="weekly"' in back

    made = send(ada, page, **FORM, send="skip")
    assert made.status_code == 303
    again = send(ada, page, **FORM, send="skip")
    assert again.location == made.location
    listed = ada.get(made.location).get_data(as_text=True)
    assert "Skipped dates" in listed
    assert "Try again" in listed
    one = ada.get(f"/bookings/{first(house)}").get_data(as_text=True)
    assert "date 1 of 3" in one
    mine = ada.get("/me/bookings").get_data(as_text=True)
    assert mine.count("All dates") == 1
    assert "and 2 more dates" in mine

    with house.reading("ada") as work:
        skipped = work.session.scalars(sa.select(SkippedDate.public_id)).one()
    assert "Wait for this time" in listed
    waits = send(ada, f"/bookings/{first(house)}/series", f"/series/skipped/{skipped}/wait")
    assert (waits.status_code, waits.location) == (303, "/me/waiting")
    with house.writing("ada") as work:
        leave(work, work.session.scalars(sa.select(WaitingEntry.public_id)).one())
    with house.writing("bice") as work:
        from tierslieu.bookings.services import cancel

        cancel(work, rival)
    tried = send(ada, f"/bookings/{first(house)}/series", f"/series/skipped/{skipped}/try")
    assert tried.status_code == 303
    assert states(house) == ["confirmed"] * 4


def test_what_is_wrong_with_a_repetition_stands_on_its_field(house: Any, browser: Any) -> None:
    ada, page = browser("ada"), f"/book/{house.rooms['sala']}"
    answer = send(ada, page, **(FORM | {"times": ""}))
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "A series needs an end" in text
    assert re.search(r'id="repeat-error"|href="#repeat"', text)
    assert "This is no date" in send(ada, page, **FORM, without="x").get_data(as_text=True)


@pytest.mark.parametrize(
    ("fields", "days"),
    [
        ({"repeat": "weekly", "weekdays": ["2", "4"], "times": "3"}, "04 06 11"),
        ({"repeat": "weekly", "every": "2", "times": "2"}, "04 18"),
        ({"repeat": "weekday", "times": "2"}, "04 02"),
        ({"repeat": "last", "times": "2"}, "25 30"),
        ({"repeat": "date", "times": "2"}, "04 04"),
        ({"repeat": "daily", "until": "2026-11-06"}, "04 05 06"),
        ({"repeat": "days", "days": "2026-11-12, 2026-11-20"}, "04 12 20"),
        ({"repeat": "weekly", "times": "3", "without": "2026-11-11"}, "04 18"),
    ],
)
def test_each_way_to_repeat_is_understood(
    house: Any, browser: Any, fields: dict[str, Any], days: str
) -> None:
    ada, page = browser("ada"), f"/book/{house.rooms['night']}"
    made = send(ada, page, **(FORM | {"times": ""} | fields), send="all")
    assert made.status_code == 303, made.get_data(as_text=True)[:3000]
    with house.reading("ada") as work:
        found = work.session.scalars(sa.select(Booking.local_start).order_by(Booking.local_start))
        assert [each[8:10] for each in found] == days.split()


def test_several_dates_are_changed_and_given_up_after_they_were_shown(
    house: Any, browser: Any
) -> None:
    ada, page = browser("ada"), f"/book/{house.rooms['sala']}"
    send(ada, page, **FORM, send="all")
    path = f"/bookings/{first(house)}/series"
    fields = {
        "scope": "all", "date": "2026-11-04", "start": "16:00", "end": "18:00", "title": "Coro",
        "room": house.rooms["sala"], "visibility": "private",
    }  # fmt: skip
    shown = send(ada, f"{path}/change", **fields).get_data(as_text=True)
    assert "Nothing is changed yet" in shown
    assert send(ada, f"{path}/change", **fields, send="all").status_code == 303
    with house.reading("ada") as work:
        assert work.session.scalars(sa.select(Series.local_start)).one() == "2026-11-04T16:00"

    assert "Cancel 4 dates" in ada.get(f"{path}/cancel?scope=all").get_data(as_text=True)
    shown = send(ada, f"{path}/cancel", scope="following", show="1").get_data(as_text=True)
    assert "Cancel 4 dates" in shown
    assert send(ada, f"{path}/cancel", scope="following", send="1").status_code == 303
    assert states(house) == ["cancelled"] * 4


def test_the_desk_answers_a_series_once(house: Any, browser: Any) -> None:
    ada, page = browser("ada"), f"/book/{house.rooms['studio']}"
    send(ada, page, **FORM, send="all")
    manager = browser("manager")
    waiting = manager.get("/manage/alba/requests").get_data(as_text=True)
    assert waiting.count("Answer all its dates") == 1
    path = f"/manage/alba/bookings/{first(house)}/series"
    dates = re.findall(r'name="date" value="(\w+)"', manager.get(path).get_data(as_text=True))
    assert len(dates) == 4
    answer = send(manager, path, shown=dates, date=dates[:3], approve="1", reason="Inventory")
    assert answer.status_code == 302
    assert states(house) == ["confirmed"] * 3 + ["declined"]
