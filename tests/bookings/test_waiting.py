"""The waiting list: who is offered what, in which order, and who holds it; on both databases."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.bookings.kits import desks, things
from tierslieu.bookings.accessories.queries import things_of
from tierslieu.bookings.answers.services import decline
from tierslieu.bookings.attendance.services import miss
from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.jobs import sweep
from tierslieu.bookings.models import Booking, Policy
from tierslieu.bookings.places.queries import places_of
from tierslieu.bookings.queries import booking_view
from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.bookings.waiting.models import WaitingEntry, WaitingLink
from tierslieu.bookings.waiting.queries import mine, of_venue, waiting_for
from tierslieu.bookings.waiting.rules import first_rank, offered_until, reordered, told_at
from tierslieu.bookings.waiting.services import (
    accept,
    accept_by_link,
    join,
    leave,
    put_at,
    refuse_by_link,
    refuse_offer,
)
from tierslieu.kernel import clock
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.errors import Conflict, Forbidden, NotFound, Refusal, Refused
from tierslieu.kernel.jobs import drain
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.resources.models import Claim, Occupancy
from tierslieu.testing import an_account
from tierslieu.venues.opening.services import close, reopen

At = Callable[..., Span]
ROME = ZoneInfo("Europe/Rome")


def make(house: Any, who: str, room: str, span: Span, **more: Any) -> str:
    with house.writing(who) as work:
        new = NewBooking(room=house.rooms[room], span=span, title="Sewing", **more)
        return book(work, new).public_id


def wait(house: Any, who: str, room: str, span: Span, **more: Any) -> str:
    with house.writing(who) as work:
        new = NewBooking(room=house.rooms[room], span=span, title=f"{who} waits", **more)
        return join(work, new).public_id


def give_up(house: Any, who: str, booking: str) -> None:
    with house.writing(who) as work:
        cancel(work, booking)


def entry(house: Any, public_id: str) -> WaitingEntry:
    with house.site.reading() as work:
        return work.session.scalars(
            sa.select(WaitingEntry).where(WaitingEntry.public_id == public_id)
        ).one()


def offer(house: Any, public_id: str) -> str:
    """The booking that was offered to an entry."""
    with house.site.reading() as work:
        question = (
            sa.select(Booking.public_id)
            .join(WaitingEntry, WaitingEntry.booking_id == Booking.id)
            .where(WaitingEntry.public_id == public_id)
        )
        return str(work.session.scalars(question).one())


def state(house: Any, public_id: str) -> str:
    with house.site.reading() as work:
        view = booking_view(work.session, public_id)
        assert view is not None
        return view.booking.state


def holders(house: Any, room: str, span: Span) -> list[str]:
    """The states of what occupies a room during a span."""
    with house.site.reading() as work:
        question = (
            sa.select(Booking.state)
            .join(Occupancy, Occupancy.claim_id == Booking.id)
            .where(
                Occupancy.resource_id == house.ids[room],
                Occupancy.ends_at > span.starts_at,
                Occupancy.starts_at < span.ends_at,
            )
        )
        return list(work.session.scalars(question))


def link_in_mail(house: Any, to: str) -> str:
    with house.site.reading() as work:
        question = sa.select(Mail.body).where(Mail.to_address == f"{to}@example.org")
        bodies = " ".join(work.session.scalars(question.order_by(Mail.id)))
    return re.findall(r"/offers/(\S+)", bodies)[-1]


def refusal(act: Callable[[], Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


# -- rules ---------------------------------------------------------------------------------------

MOMENTS = {
    "by day at once": ("2026-11-03 14:00", "2026-11-05 18:00", "2026-11-03 14:00"),
    "at ten in the evening at eight": ("2026-11-03 22:00", "2026-11-05 18:00", "2026-11-04 08:00"),
    "at night at eight": ("2026-11-04 03:00", "2026-11-05 18:00", "2026-11-04 08:00"),
    "for the same day at once": ("2026-11-04 03:00", "2026-11-04 18:00", "2026-11-04 03:00"),
    "for early tomorrow at once": ("2026-11-03 23:00", "2026-11-04 09:30", "2026-11-03 23:00"),
    "the night the clock goes back": ("2026-10-24 23:00", "2026-10-26 18:00", "2026-10-25 08:00"),
}


@pytest.mark.parametrize("case", MOMENTS.values(), ids=MOMENTS)
def test_nobody_is_woken_by_an_offer(case: tuple[str, str, str]) -> None:
    now, starts, told = (datetime.fromisoformat(text).replace(tzinfo=ROME) for text in case)
    assert told_at(now.astimezone(UTC), starts.astimezone(UTC), ROME) == told


LENGTHS = {
    "a day when there is time": (72, 24, timedelta(hours=24)),
    "half of what is left": (10, 24, timedelta(hours=5)),
    "as the venue says": (72, 6, timedelta(hours=6)),
}


@pytest.mark.parametrize("case", LENGTHS.values(), ids=LENGTHS)
def test_an_offer_lasts(case: tuple[int, int, timedelta]) -> None:
    left, hours, lasts = case
    now = datetime(2026, 11, 3, 9, tzinfo=UTC)
    assert offered_until(now, now + timedelta(hours=left), hours) == now + lasts


ORDERS = {
    "the last to the front": ([1, 2, 3], 2, 0, [2, 3, 1]),
    "the first to the end": ([1, 2, 3], 0, 9, [3, 1, 2]),
    "of the same moment": ([5, 5, 5], 1, 0, [6, 5, 7]),
    "where it is": ([1, 2, 3], 1, 1, [1, 2, 3]),
}


@pytest.mark.parametrize("case", ORDERS.values(), ids=ORDERS)
def test_an_order_changed_by_hand(case: tuple[list[int], int, int, list[int]]) -> None:
    ranks, moved, to, expected = case
    assert reordered(ranks, moved, to) == expected


# -- joining and leaving --------------------------------------------------------------------------


def test_one_waits_for_what_is_taken_and_sees_her_place(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "17:00")
    make(house, "ada", "sala", span)
    first = wait(house, "bice", "sala", span)
    second = wait(house, "rival", "sala", at("2026-11-04 16:00", "18:00"))
    with house.reading("bice") as work:
        shown = mine(work.session, house.people["bice"], (), work.now)
        assert [(view.entry.public_id, view.place) for view in shown] == [(first, 1)]
        assert [v.place for v in of_venue(work.session, house.venue, work.now)] == [1, 2]
        assert waiting_for(work.session, house.ids["sala"], span) == 2
    with house.writing("bice") as work:
        leave(work, first)
    assert (entry(house, first).state, entry(house, second).state) == ("left", "waiting")


def test_for_a_free_time_there_is_nothing_to_wait_for(house: Any, at: At) -> None:
    error = refusal(lambda: wait(house, "bice", "sala", at("2026-11-04 15:00", "17:00")))
    assert (type(error), error.code) == (Conflict, "free")


def test_who_waits_once_does_not_wait_twice(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "17:00")
    make(house, "ada", "sala", span)
    wait(house, "bice", "sala", span)
    assert refusal(lambda: wait(house, "bice", "sala", span)).code == "already_waiting"


def test_what_could_never_be_booked_is_not_waited_for(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "17:00")
    make(house, "ada", "sala", span)
    error = refusal(lambda: wait(house, "bice", "sala", span, attendance=99))
    assert isinstance(error, Refused)
    assert error.code == "over_capacity"


def test_somebody_elses_entry_is_not_known(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "17:00")
    make(house, "ada", "sala", span)
    waiting = wait(house, "bice", "sala", span)
    with pytest.raises(NotFound), house.writing("rival") as work:
        leave(work, waiting)


# -- offers --------------------------------------------------------------------------------------


def test_complaint_04_what_becomes_free_is_offered_held_and_accepted_without_a_call(
    house: Any, at: At
) -> None:
    """No list by mail: cancel, and the first in line holds the room, answers by the link."""
    span = at("2026-11-06 15:00", "17:00")
    made = make(house, "ada", "sala", span)
    first, second = wait(house, "bice", "sala", span), wait(house, "rival", "sala", span)
    give_up(house, "ada", made)
    assert holders(house, "sala", span) == ["held"]
    assert (entry(house, first).state, entry(house, second).state) == ("offered", "waiting")
    # Nobody passing by takes it meanwhile.
    assert refusal(lambda: make(house, "ada", "sala", span)).code == "taken"
    token = link_in_mail(house, "bice")
    with house.site.writing() as work:
        assert work.session.scalars(sa.select(WaitingLink.token_hash)).one() != token
        accept_by_link(work, token)
    assert holders(house, "sala", span) == ["confirmed"]
    assert entry(house, first).state == "accepted"
    with house.site.reading() as work:
        verbs = set(work.session.scalars(sa.select(AuditEntry.verb)))
        assert {"waiting.join", "waiting.offer", "waiting.accept"} <= verbs
        left = work.session.scalar(sa.select(Claim.expires_at).join(Occupancy))
        assert left is None


def test_complaint_05_who_joined_first_is_first_however_small_the_group_behind(
    house: Any, at: At
) -> None:
    """One service, one order: a later single never jumps a pair, whoever set the time free."""
    span = at("2026-11-06 15:00", "17:00")
    made = make(house, "ada", "sala", span)
    pair = wait(house, "bice", "sala", span, attendance=20)
    single = wait(house, "rival", "sala", span, attendance=1)
    with house.writing("manager") as work:
        cancel(work, made, "The roof.")
    assert (entry(house, pair).state, entry(house, single).state) == ("offered", "waiting")
    with house.writing("bice") as work:
        refuse_offer(work, offer(house, pair))
    assert (entry(house, pair).state, entry(house, single).state) == ("left", "offered")
    assert holders(house, "sala", span) == ["held"]


def _moved(house: Any, made: str, at: At) -> None:
    with house.writing("ada") as work:
        change(work, made, Edit(span=at("2026-11-10 15:00", "17:00")))


def _shortened(house: Any, made: str, at: At) -> None:
    with house.writing("ada") as work:
        change(work, made, Edit(span=at("2026-11-06 15:00", "16:00")))


def _to_another_room(house: Any, made: str, _at: At) -> None:
    with house.writing("ada") as work:
        change(work, made, Edit(room=house.rooms["tidy"]))


def _cancelled(house: Any, made: str, _at: At) -> None:
    give_up(house, "ada", made)


FREED = {
    "a cancel": _cancelled, "a move": _moved, "a shortening": _shortened,
    "another room": _to_another_room,
}  # fmt: skip


@pytest.mark.parametrize("free", FREED.values(), ids=FREED)
def test_whatever_sets_the_time_free_it_is_offered(house: Any, at: At, free: Any) -> None:
    made = make(house, "ada", "sala", at("2026-11-06 15:00", "17:00"))
    waiting = wait(house, "bice", "sala", at("2026-11-06 16:00", "17:00"))
    free(house, made, at)
    assert entry(house, waiting).state == "offered"


def test_a_declined_request_that_held_the_time_gives_it_to_who_waits(house: Any, at: At) -> None:
    span = at("2026-11-06 15:00", "17:00")
    made = make(house, "ada", "kept", span)
    waiting = wait(house, "bice", "kept", span)
    with house.writing("manager") as work:
        decline(work, made, "No.")
    assert entry(house, waiting).state == "offered"
    with house.writing("bice") as work:
        accept(work, offer(house, waiting))
    # Approval is asked there: the answer is a manager's, and meanwhile the time is kept.
    assert holders(house, "kept", span) == ["requested"]


def test_an_accepted_offer_that_waits_for_approval_is_not_offered_again(house: Any, at: At) -> None:
    span = at("2026-11-06 15:00", "17:00")
    made = make(house, "manager", "studio", span)
    first, second = wait(house, "bice", "studio", span), wait(house, "ada", "studio", span)
    give_up(house, "manager", made)
    with house.writing("bice") as work:
        accept(work, offer(house, first))
    with house.site.writing() as work:
        sweep(work)
    assert state(house, offer(house, first)) == "requested"
    assert entry(house, second).state == "waiting"
    with house.writing("manager") as work:
        decline(work, offer(house, first), "No.")
    assert entry(house, second).state == "offered"


def test_a_no_show_gives_its_rest_to_who_waits_for_it(house: Any, at: At) -> None:
    made = make(house, "ada", "night", at("2026-11-04 15:00", "19:00"))
    waiting = wait(house, "bice", "night", at("2026-11-04 18:00", "19:00"))
    with clock.frozen(datetime(2026, 11, 4, 14, 40, tzinfo=UTC)), house.writing("admin") as work:
        miss(work, made)
    assert entry(house, waiting).state == "offered"


def test_only_who_can_have_the_whole_time_is_offered_it(house: Any, at: At) -> None:
    made = make(house, "ada", "sala", at("2026-11-06 15:00", "16:00"))
    make(house, "ada", "sala", at("2026-11-06 16:00", "17:00"))
    long = wait(house, "bice", "sala", at("2026-11-06 15:00", "17:00"))
    short = wait(house, "rival", "sala", at("2026-11-06 15:00", "16:00"))
    give_up(house, "ada", made)
    assert (entry(house, long).state, entry(house, short).state) == ("waiting", "offered")


def test_buffers_belong_to_what_is_offered(house: Any, at: At) -> None:
    made = make(house, "ada", "tidy", at("2026-11-06 15:00", "16:00"))
    make(house, "rival", "tidy", at("2026-11-06 16:30", "17:30"))
    waiting = wait(house, "bice", "tidy", at("2026-11-06 15:00", "16:30"))
    give_up(house, "ada", made)
    assert entry(house, waiting).state == "waiting"


def test_an_offer_nobody_takes_lapses_and_the_next_is_asked(house: Any, at: At) -> None:
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "sala", span)
    first, second = wait(house, "bice", "sala", span), wait(house, "rival", "sala", span)
    give_up(house, "ada", made)
    until = entry(house, first).offered_until
    assert until == clock.now() + timedelta(hours=24)
    with clock.frozen(until + timedelta(minutes=1)), house.site.writing() as work:
        sweep(work)
    assert (entry(house, first).state, entry(house, second).state) == ("lapsed", "offered")
    assert state(house, offer(house, first)) == "expired"
    with clock.frozen(until + timedelta(minutes=2)):
        error = refusal(lambda: _accepts(house, "bice", offer(house, first)))
    assert error.code == "wrong_state"


def _accepts(house: Any, who: str, booking: str) -> None:
    with house.writing(who) as work:
        accept(work, booking)


def test_after_its_end_an_offer_is_accepted_only_if_still_free(house: Any, at: At) -> None:
    span = at("2026-11-12 15:00", "17:00")
    for other in (False, True):
        made = make(house, "ada", "sala", span)
        waiting = wait(house, "bice", "sala", span)
        give_up(house, "ada", made)
        until = entry(house, waiting).offered_until
        assert until is not None
        with clock.frozen(until + timedelta(minutes=1)):
            if other:
                make(house, "rival", "sala", span)
                error = refusal(lambda w=waiting: _accepts(house, "bice", offer(house, w)))
                assert error.code == "taken"
                continue
            _accepts(house, "bice", offer(house, waiting))
        assert holders(house, "sala", span) == ["confirmed"]
        give_up(house, "bice", offer(house, waiting))


def test_at_night_it_is_held_and_told_in_the_morning(house: Any, at: At) -> None:
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "sala", span)
    waiting = wait(house, "bice", "sala", span)
    night = datetime(2026, 11, 3, 23, 0, tzinfo=ROME)
    with clock.frozen(night.astimezone(UTC)):
        give_up(house, "ada", made)
        drain(house.site)
        assert holders(house, "sala", span) == ["held"]
        assert not _offers_told(house)
    morning = datetime(2026, 11, 4, 8, 0, tzinfo=ROME)
    with clock.frozen(morning.astimezone(UTC)):
        drain(house.site)
    assert _offers_told(house)
    assert entry(house, waiting).offered_until == morning + timedelta(hours=24)


def _offers_told(house: Any) -> list[str]:
    with house.site.reading() as work:
        return [b for b in work.session.scalars(sa.select(Mail.body)) if "/offers/" in b]


def test_a_closure_lifted_asks_the_list_at_once(house: Any, at: At) -> None:
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "sala", span)
    waiting = wait(house, "bice", "sala", span)
    with house.site.writing() as work:
        closing = close(work, house.venue, span, Texts(en="Paint"), room_id=house.ids["sala"])
        closing_id = closing.public_id
    give_up(house, "ada", made)
    assert entry(house, waiting).state == "waiting"
    with house.site.writing() as work:
        reopen(work, house.venue, closing_id)
    drain(house.site)
    assert entry(house, waiting).state == "offered"


def test_a_venue_says_how_long_its_offers_last(house: Any, at: At) -> None:
    with house.site.writing() as work:
        for row in work.session.scalars(sa.select(Policy)):
            row.rules = row.rules | {"offer_hours": 6}
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "sala", span)
    waiting = wait(house, "bice", "sala", span)
    give_up(house, "ada", made)
    assert entry(house, waiting).offered_until == clock.now() + timedelta(hours=6)


def test_a_link_refuses_once_and_opens_nothing_for_others(house: Any, at: At) -> None:
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "sala", span)
    wait(house, "bice", "sala", span)
    give_up(house, "ada", made)
    token = link_in_mail(house, "bice")
    with house.site.writing() as work:
        refuse_by_link(work, token)
        with pytest.raises(NotFound):
            accept_by_link(work, "tlo_nothing")
    assert holders(house, "sala", span) == []
    with house.site.writing() as work:
        assert refusal(lambda: accept_by_link(work, token)).code == "wrong_state"


def test_a_manager_changes_the_order_with_a_reason_that_stays_written(house: Any, at: At) -> None:
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "sala", span)
    first, second = wait(house, "bice", "sala", span), wait(house, "rival", "sala", span)
    with house.writing("manager") as work:
        assert refusal(lambda: put_at(work, second, 1, "")).code == "missing"
    with house.writing("manager") as work:
        put_at(work, second, 1, "The school has no other evening.")
    with pytest.raises(Forbidden), house.writing("bice") as work:
        put_at(work, first, 1, "Me first.")
    give_up(house, "ada", made)
    assert (entry(house, first).state, entry(house, second).state) == ("waiting", "offered")
    with house.site.reading() as work:
        written = work.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.verb == "waiting.order")
        ).one()
        assert written.detail["reason"] == "The school has no other evening."


def test_parts_and_wholes_wait_for_each_other(house: Any, at: At) -> None:
    from tierslieu.resources.division.services import divide

    with house.site.writing() as work:
        divide(work, house.ids["sala"], [house.ids["tidy"], house.ids["kept"]])
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "tidy", span)
    whole = wait(house, "bice", "sala", span)
    give_up(house, "ada", made)
    drain(house.site)
    assert entry(house, whole).state == "offered"


# -- races ---------------------------------------------------------------------------------------

MANY = 20


def together(n: int, act: Callable[[int], str]) -> Counter[str]:
    """Do something n times at once."""
    ready = threading.Barrier(n)

    def one(k: int) -> str:
        ready.wait()
        try:
            return act(k)
        except Refusal as error:
            return error.code
        except NotFound:
            return "not_found"

    with ThreadPoolExecutor(n) as pool:
        return Counter(pool.map(one, range(n)))


def test_twenty_accept_one_offer_and_one_booking_holds_the_room(house: Any, at: At) -> None:
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "sala", span)
    waiting = wait(house, "bice", "sala", span)
    give_up(house, "ada", made)
    token = link_in_mail(house, "bice")

    def act(k: int) -> str:
        with house.site.writing() as work:
            if k % 4 == 3:
                return refuse_by_link(work, token).state
            return accept_by_link(work, token).state

    answers = together(MANY, act)
    kept = holders(house, "sala", span)
    final = entry(house, waiting).state
    assert (kept, final) in ((["confirmed"], "accepted"), ([], "left")), answers
    assert set(answers) <= {"confirmed", "cancelled", "wrong_state"}


def test_twenty_join_while_one_cancels_and_the_first_in_line_holds_it(house: Any, at: At) -> None:
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "sala", span)
    with house.site.writing() as work:
        people = [an_account(work, f"p{n}@example.org").person_id for n in range(MANY)]

    def act(k: int) -> str:
        if k == MANY // 2:
            with house.writing("ada") as work:
                cancel(work, made)
            return "cancelled"
        with house.site.writing() as work:
            new = NewBooking(house.rooms["sala"], span, f"p{k}", person_id=people[k])
            join(work, new)
        return "joined"

    answers = together(MANY, act)
    assert answers["cancelled"] == 1
    with house.site.reading() as work:
        line = work.session.scalars(
            sa.select(WaitingEntry).order_by(WaitingEntry.rank, WaitingEntry.id)
        ).all()
    states = [each.state for each in line]
    # Whoever joined before the cancel is in line, and its first was offered the room: one holder.
    assert states.count("offered") == (1 if line else 0), (states, answers)
    assert states[:1] in (["offered"], [])
    assert holders(house, "sala", span) == (["held"] if line else [])
    assert answers["joined"] == len(line)


def test_ranks_follow_the_clock() -> None:
    early, late = (datetime(2026, 11, 3, 9, 0, n, tzinfo=UTC) for n in (0, 1))
    assert first_rank(early) < first_rank(late)


def test_what_was_declared_is_kept_and_answered_for_when_it_is_taken_up(house: Any, at: At) -> None:
    with house.site.writing() as work:
        for row in work.session.scalars(sa.select(Policy)):
            row.rules = row.rules | {"asks_for": ["alcohol"]}
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "sala", span)
    waiting = wait(house, "bice", "sala", span, declared=("alcohol",))
    give_up(house, "ada", made)
    held = offer(house, waiting)
    with house.writing("bice") as work:
        assert accept(work, held).state == "requested"
    with house.site.reading() as work:
        assert booking_view(work.session, held).booking.declared == ["alcohol"]


def test_one_waits_for_a_place_and_has_the_one_that_becomes_free(house: Any, at: At) -> None:
    desks(house, 2)
    span = at("2026-11-12 15:00", "17:00")
    first = make(house, "ada", "desks", span, place="Desk 1")
    second = make(house, "ada", "desks", span, place="Desk 2")
    any_desk = wait(house, "bice", "desks", span, places=1)
    that_desk = wait(house, "rival", "desks", span, place="Desk 1")
    give_up(house, "ada", second)
    assert (entry(house, any_desk).state, entry(house, that_desk).state) == ("offered", "waiting")
    give_up(house, "ada", first)
    assert entry(house, that_desk).state == "offered"
    for who, waiting, desk in (("bice", any_desk, "Desk 2"), ("rival", that_desk, "Desk 1")):
        with house.writing(who) as work:
            taken = accept(work, offer(house, waiting))
            assert taken.state == "confirmed"
            assert [one.name for one in places_of(work.session, [taken.id])[taken.id]] == [desk]


def test_one_waits_for_things_and_has_them_with_the_room(house: Any, at: At) -> None:
    projector, chairs = things(house)
    span = at("2026-11-12 15:00", "17:00")
    wanted = ((projector, 1), (chairs, 5))
    lent = make(house, "ada", "tidy", span, things=((projector, 1),))
    waiting = wait(house, "bice", "sala", span, things=wanted)
    give_up(house, "ada", lent)
    with house.site.writing() as work:
        sweep(work)
    drain(house.site)
    held = offer(house, waiting)
    error = refusal(lambda: make(house, "ada", "tidy", span, things=((projector, 1),)))
    assert [r.code for r in error.reasons] == ["accessory_taken"], "it is held with the room"
    with house.writing("bice") as work:
        taken = accept(work, held)
        assert taken.state == "confirmed"
        [pieces] = things_of(work.session, [taken.id]).values()
    assert [(str(one.name), one.quantity) for one in pieces] == [("Projector", 1), ("Chairs", 5)]


def test_who_waits_for_a_taken_room_with_things_is_offered_both(house: Any, at: At) -> None:
    projector, _ = things(house)
    span = at("2026-11-12 15:00", "17:00")
    made = make(house, "ada", "sala", span, things=((projector, 1),))
    waiting = wait(house, "bice", "sala", span, things=((projector, 1),))
    give_up(house, "ada", made)
    assert entry(house, waiting).state == "waiting", "a job takes the locks in their order"
    drain(house.site)
    assert entry(house, waiting).state == "offered"


def test_what_cannot_be_had_here_at_all_is_not_waited_for(house: Any, at: At) -> None:
    span = at("2026-11-12 15:00", "17:00")
    make(house, "ada", "sala", span)
    error = refusal(lambda: wait(house, "bice", "sala", span, things=(("chairs", 2),)))
    assert [(r.code, r.field) for r in error.reasons] == [("accessory_not_here", "accessories")]
