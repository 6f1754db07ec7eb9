"""What becomes free is offered to who waits: in order, held, told, and lapsed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.bookings.lines import (
    entry,
    give_up,
    holders,
    link_in_mail,
    make,
    offer,
    refusal,
    state,
    wait,
)
from tierslieu.bookings.answers.services import decline
from tierslieu.bookings.attendance.services import miss
from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.jobs import sweep
from tierslieu.bookings.models import Policy
from tierslieu.bookings.services import cancel
from tierslieu.bookings.waiting.models import WaitingLink
from tierslieu.bookings.waiting.services import (
    accept,
    accept_by_link,
    refuse_by_link,
    refuse_offer,
)
from tierslieu.kernel import clock
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.jobs import drain
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.resources.models import Claim, Occupancy
from tierslieu.venues.opening.services import close, reopen

At = Callable[..., Span]

ROME = ZoneInfo("Europe/Rome")


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
