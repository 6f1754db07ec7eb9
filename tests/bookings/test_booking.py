"""Booking, changing, answering, cancelling: the verbs, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.bookings.rooms_taken import codes, make, occupied, refusal, state
from tierslieu.bookings.answers.services import approve, decline
from tierslieu.bookings.attendance.services import check_in
from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import booking_view
from tierslieu.bookings.services import cancel
from tierslieu.kernel import clock
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from tierslieu.kernel.span import Span, iso
from tierslieu.resources.models import Claim

At = Callable[..., Span]


def test_a_booking_takes_the_room_says_so_and_is_written_down(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "17:00")
    made = make(house, "ada", "sala", span, attendance=12, layout="board")
    assert state(house, made) == "confirmed"
    assert occupied(house, made) == [span]
    with house.site.reading() as work:
        view = booking_view(work.session, made)
        assert view is not None
        assert view.claim.label == "Sewing"
        assert view.booking.local_start == "2026-11-04T15:00"
        verbs = set(work.session.scalars(sa.select(AuditEntry.verb)))
        assert "bookings.book" in verbs


def test_the_same_time_is_refused_with_the_nearest_choices(house: Any, at: At) -> None:
    make(house, "ada", "sala", at("2026-11-04 15:00", "17:00"))
    error = refusal(lambda: make(house, "bice", "sala", at("2026-11-04 16:00", "18:00")))
    assert isinstance(error, Conflict)
    assert codes(error) == ["taken"]
    assert error.reasons[0].nearest
    assert "Sewing" not in str(error)


def test_one_may_begin_where_another_ends(house: Any, at: At) -> None:
    make(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    make(house, "bice", "sala", at("2026-11-04 16:00", "17:00"))


RULES = {
    "already begun": ("2026-11-02 09:00", "11:00", {}, "past"),
    "too soon": ("2026-11-02 11:00", "12:00", {}, "too_soon"),
    "beyond the horizon": ("2027-01-11 15:00", "16:00", {}, "too_far"),
    "before it opens": ("2026-11-04 14:30", "16:00", {}, "outside_hours"),
    "on a closed day": ("2026-11-08 15:00", "16:00", {}, "closed"),
    "off the step": ("2026-11-04 15:05", "16:00", {}, "off_step"),
    "too many people": ("2026-11-04 15:00", "16:00", {"attendance": 29}, "over_capacity"),
    "too many for the layout": (
        "2026-11-04 15:00", "16:00", {"attendance": 20, "layout": "board"}, "over_capacity",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RULES.values(), ids=RULES)
def test_a_rule_refuses(house: Any, at: At, case: tuple[str, str, dict[str, Any], str]) -> None:
    start, end, more, code = case
    error = refusal(lambda: make(house, "ada", "sala", at(start, end), **more))
    assert isinstance(error, Refused)
    assert code in codes(error)


def test_an_afternoon_may_begin_when_the_venue_opens(house: Any, at: At) -> None:
    make(house, "ada", "sala", at("2026-11-04 14:40", "16:40"))


def test_a_layout_the_room_has_not_is_refused(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "16:00")
    with pytest.raises(Invalid):
        make(house, "ada", "sala", span, layout="trapeze")


def test_a_manager_passes_a_rule_by_giving_a_reason_but_not_what_is_taken(
    house: Any, at: At
) -> None:
    early = at("2026-11-04 14:00", "15:00")
    made = make(house, "manager", "sala", early, override="the plumber comes")
    assert state(house, made) == "confirmed"
    error = refusal(lambda: make(house, "manager", "sala", early, override="still"))
    assert codes(error) == ["taken"]
    with pytest.raises(Forbidden):
        make(house, "ada", "studio", early, override="please")


def test_the_price_is_frozen_at_booking(house: Any, at: At) -> None:
    from tierslieu.bookings.models import Tariff

    with house.site.writing() as work:
        work.session.add(Tariff(room_id=house.ids["sala"], hour_cents=500))
    made = make(house, "ada", "sala", at("2026-11-04 15:00", "16:30"))
    with house.site.writing() as work:
        work.session.execute(sa.update(Tariff).values(hour_cents=900))
        view = booking_view(work.session, made)
        assert view is not None
        assert view.booking.price_cents == 750


NIGHTS = {
    "spring": ("2027-03-28 01:00", "04:00", timedelta(hours=2)),
    "autumn": ("2026-10-25 01:00", "04:00", timedelta(hours=4)),
}


@pytest.mark.parametrize("case", NIGHTS.values(), ids=NIGHTS)
def test_a_night_on_which_the_clock_changes_has_its_own_length(
    house: Any, at: At, case: tuple[str, str, timedelta]
) -> None:
    start, end, length = case
    with clock.frozen(datetime(2026, 10, 1, 9, 0, tzinfo=UTC)):
        made = make(house, "ada", "night", at(start, end))
    taken = occupied(house, made)
    assert [span.duration for span in taken] == [length]


def test_times_that_do_not_exist_or_come_twice_are_not_guessed(at: At) -> None:
    with pytest.raises(Invalid, match="does not exist"):
        at("2027-03-28 02:30", "04:00")
    with pytest.raises(Invalid, match="twice"):
        at("2026-10-25 02:30", "04:00")


def test_time_kept_around_a_booking_is_nobody_elses(house: Any, at: At) -> None:
    made = make(house, "ada", "tidy", at("2026-11-04 15:00", "16:00"))
    assert occupied(house, made) == [at("2026-11-04 14:50", "16:20")]
    error = refusal(lambda: make(house, "bice", "tidy", at("2026-11-04 16:00", "17:00")))
    assert codes(error) == ["taken"]
    make(house, "bice", "tidy", at("2026-11-04 16:30", "17:00"))


def test_between_ones_own_neighbours_nothing_is_tidied_up(house: Any, at: At) -> None:
    make(house, "ada", "tidy", at("2026-11-04 15:00", "16:00"))
    make(house, "ada", "tidy", at("2026-11-04 16:00", "17:00"))
    error = refusal(lambda: make(house, "bice", "tidy", at("2026-11-04 17:00", "18:00")))
    assert codes(error) == ["taken"]


def test_a_neighbour_that_goes_gives_the_tidying_time_back(house: Any, at: At) -> None:
    first = make(house, "ada", "tidy", at("2026-11-04 15:00", "16:00"))
    second = make(house, "ada", "tidy", at("2026-11-04 16:00", "17:00"))
    with house.writing("ada") as work:
        cancel(work, second)
    assert occupied(house, first) == [at("2026-11-04 14:50", "16:20")]


def test_cancelling_frees_the_room_at_once_and_twice_is_once(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "16:00")
    made = make(house, "ada", "sala", span)
    for _ in range(2):
        with house.writing("ada") as work:
            assert cancel(work, made).state == "cancelled"
    assert occupied(house, made) == []
    make(house, "bice", "sala", span)


def test_the_notice_for_cancelling_binds_her_but_not_the_desk(house: Any, at: At) -> None:
    made = make(house, "ada", "sala", at("2026-11-03 09:00", "10:00"))

    def by(name: str) -> None:
        with house.writing(name) as work:
            cancel(work, made, "Flooded.")

    assert codes(refusal(lambda: by("ada"))) == ["too_late_to_cancel"]
    by("manager")
    assert state(house, made) == "cancelled"


@pytest.mark.parametrize("who", ["bice", "rival"])
def test_nobody_else_learns_that_a_booking_is_there(house: Any, at: At, who: str) -> None:
    made = make(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    acts: list[Callable[[Any], Any]] = [
        lambda work: cancel(work, made),
        lambda work: change(work, made, Edit(title="Mine")),
        lambda work: approve(work, made),
        lambda work: check_in(work, made),
    ]
    for act in acts:
        with pytest.raises(NotFound), house.writing(who) as work:
            act(work)


def test_one_does_not_approve_ones_own_request(house: Any, at: At) -> None:
    made = make(house, "ada", "studio", at("2026-11-04 15:00", "16:00"))
    with pytest.raises(Forbidden), house.writing("ada") as work:
        approve(work, made)


def test_a_booking_for_a_body_is_the_bodys(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "16:00")
    made = make(house, "ada", "sala", span, organisation_id=house.body)
    with house.writing("ada") as work:
        change(work, made, Edit(title="Sewing again"))
    with pytest.raises(Forbidden):
        make(house, "bice", "sala", at("2026-11-05 15:00", "16:00"), organisation_id=house.body)


def test_nobody_books_for_somebody_else_without_the_right_to(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "16:00")
    with pytest.raises(Forbidden):
        make(house, "ada", "sala", span, person_id=house.people["bice"])
    make(house, "manager", "sala", span, person_id=house.people["bice"])


VERBS: dict[str, tuple[str, Callable[[Any, str], Any], set[str]]] = {
    "approve": ("manager", lambda work, it: approve(work, it), {"requested"}),
    "decline": ("manager", lambda work, it: decline(work, it), {"requested"}),
    "cancel": (
        "ada", lambda work, it: cancel(work, it), {"requested", "held", "confirmed", "cancelled"},
    ),
    "change": (
        "ada", lambda work, it: change(work, it, Edit(note="!")), {"requested", "confirmed"},
    ),
}  # fmt: skip


STATES = (
    "requested", "held", "confirmed", "checked_in", "declined", "cancelled", "no_show", "expired",
)  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_moves_from_the_states_of_its_row_and_from_no_other(
    house: Any, at: At, verb: str
) -> None:
    who, act, allowed = VERBS[verb]
    for hour, before in enumerate(STATES):
        day, start = 9 + hour // 4, 9 + hour % 4
        made = make(
            house, "ada", "studio", at(f"2026-11-{day:02d} {start:02d}:00", f"{start + 1:02d}:00")
        )
        with house.site.writing() as work:
            work.session.execute(
                sa.update(Booking).where(Booking.public_id == made).values(state=before)
            )
        if before in allowed:
            with house.writing(who) as work:
                act(work, made)
            continue
        with pytest.raises(Conflict) as caught, house.writing(who) as work:
            act(work, made)
        assert caught.value.code == "wrong_state", before


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_over_is_over(house: Any, at: At, verb: str) -> None:
    who, act, _ = VERBS[verb]
    made = make(house, "ada", "studio", at("2026-11-04 15:00", "16:00"))
    with clock.frozen(datetime(2026, 11, 5, 9, 0, tzinfo=UTC)):
        with pytest.raises(Refused) as caught, house.writing(who) as work:
            act(work, made)
        assert caught.value.code == "past"


def test_times_are_kept_to_the_second_in_utc(house: Any, at: At) -> None:
    made = make(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    with house.site.reading() as work:
        start = work.session.scalar(
            sa.select(Claim.starts_at)
            .join(Booking, Booking.id == Claim.id)
            .where(Booking.public_id == made)
        )
        assert start is not None
        assert iso(start) == "2026-11-04T14:00:00Z"
