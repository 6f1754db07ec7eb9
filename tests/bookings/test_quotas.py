"""Quotas as bookings meet them: at each door, for each kind of applicant, raced by processes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings import services as booking_services
from tierslieu.bookings.cases.queries import Party, applicants, room_case
from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.policies.scopes import Scope
from tierslieu.bookings.quotas.judging import series_reasons
from tierslieu.bookings.quotas.models import QuotaRow
from tierslieu.bookings.quotas.services import QuotaValues, put_quota, remove_quota
from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.kernel import clock
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.errors import Conflict, Forbidden, NotFound, Refused
from tierslieu.kernel.span import Span

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
At = Callable[..., Span]
FOUR_HOURS = QuotaValues("hours", 240, "week", whose="person")


def say(house: Any, values: QuotaValues, room: str | None = None) -> str:
    scope = Scope(house.venue, house.ids[room] if room else None)
    with house.writing("manager") as work:
        return str(put_quota(work, scope, values).public_id)


def wish(house: Any, room: str, span: Span, **more: Any) -> NewBooking:
    return NewBooking(house.rooms[room], span, "Coro", **more)


def booked(house: Any, who: str, room: str, span: Span, **more: Any) -> str:
    with house.writing(who) as work:
        return str(book(work, wish(house, room, span, **more)).public_id)


def refused(house: Any, who: str, room: str, span: Span, **more: Any) -> Any:
    with pytest.raises(Refused) as caught, house.writing(who) as work:
        book(work, wish(house, room, span, **more))
    assert [reason.code for reason in caught.value.reasons] == ["quota"]
    return caught.value.reasons[0]


def test_a_venue_s_quota_counts_in_all_its_rooms_and_offers_what_would_do(
    house: Any, at: At
) -> None:
    say(house, FOUR_HOURS)
    booked(house, "ada", "sala", at("2026-11-04 15:00", "18:00"))
    reason = refused(house, "ada", "studio", at("2026-11-05 15:00", "17:00"))
    assert "At most 4:00:00 a week. Used already: 3:00:00." in str(reason.message)
    offered = [dict(choice.values) for choice in reason.nearest]
    assert offered[0] == {"starts_at": "2026-11-05T14:00:00Z", "ends_at": "2026-11-05T15:00:00Z"}
    assert offered[1]["starts_at"] == "2026-11-12T14:00:00Z"
    booked(house, "bice", "studio", at("2026-11-05 15:00", "17:00"))
    booked(house, "ada", "studio", at("2026-11-12 15:00", "17:00"))


def test_what_is_taken_is_not_offered(house: Any, at: At) -> None:
    say(house, FOUR_HOURS)
    booked(house, "ada", "sala", at("2026-11-04 15:00", "18:00"))
    booked(house, "bice", "sala", at("2026-11-12 15:00", "16:00"))
    reason = refused(house, "ada", "sala", at("2026-11-05 15:00", "17:00"))
    starts = [choice.values["starts_at"] for choice in reason.nearest]
    assert "2026-11-12T14:00:00Z" not in starts
    assert "2026-11-19T14:00:00Z" in starts


def test_of_a_room_only_its_own_bookings_count(house: Any, at: At) -> None:
    say(house, replace(FOUR_HOURS, over="room"), "sala")
    booked(house, "ada", "studio", at("2026-11-04 15:00", "18:00"))
    booked(house, "ada", "sala", at("2026-11-05 15:00", "18:00"))
    refused(house, "ada", "sala", at("2026-11-06 15:00", "17:00"))


def test_an_organisation_s_bookings_count_for_it_and_not_for_who_books(house: Any, at: At) -> None:
    say(house, QuotaValues("count", 1, "month"))
    booked(house, "ada", "sala", at("2026-11-04 15:00", "16:00"), organisation_id=house.body)
    booked(house, "ada", "sala", at("2026-11-05 15:00", "16:00"))
    refused(house, "ada", "sala", at("2026-11-06 15:00", "16:00"), organisation_id=house.body)
    refused(house, "ada", "sala", at("2026-11-06 15:00", "16:00"))


def test_a_group_shares_its_quota(house: Any, at: At) -> None:
    say(house, QuotaValues("count", 1, "week", whose="group", audience="others"))
    booked(house, "ada", "sala", at("2026-11-04 15:00", "16:00"))
    refused(house, "bice", "sala", at("2026-11-05 15:00", "16:00"))
    booked(house, "bice", "sala", at("2026-11-11 15:00", "16:00"))


def test_requests_count_and_what_was_cancelled_does_not(house: Any, at: At) -> None:
    """Invariant 4."""
    say(house, QuotaValues("count", 1, "week"))
    asked = booked(house, "ada", "studio", at("2026-11-04 15:00", "16:00"))
    refused(house, "ada", "sala", at("2026-11-05 15:00", "16:00"))
    with house.writing("ada") as work:
        cancel(work, asked)
    booked(house, "ada", "sala", at("2026-11-05 15:00", "16:00"))


def test_a_move_is_judged_without_what_moves(house: Any, at: At) -> None:
    """Invariant 3."""
    made = booked(house, "ada", "sala", at("2026-11-04 15:00", "18:00"))
    say(house, replace(FOUR_HOURS, amount=120))
    with house.writing("ada") as work:
        change(work, made, Edit(span=at("2026-11-05 15:00", "18:00")))
    with pytest.raises(Refused) as caught, house.writing("ada") as work:
        change(work, made, Edit(span=at("2026-11-05 15:00", "18:30")))
    assert caught.value.code == "quota"
    with pytest.raises(Refused), house.writing("ada") as work:
        change(work, made, Edit(span=at("2026-11-12 15:00", "18:00")))


def test_a_clerk_is_told_too_and_may_override(house: Any, at: At) -> None:
    say(house, QuotaValues("count", 0, "week"))
    ada = house.people["ada"]
    refused(house, "manager", "sala", at("2026-11-04 15:00", "16:00"), person_id=ada)
    span = at("2026-11-04 15:00", "16:00")
    booked(house, "manager", "sala", span, person_id=ada, override="A birthday")
    booked(house, "manager", "sala", at("2026-11-05 15:00", "16:00"), kind="staff")


def test_a_series_is_told_how_many_of_its_first_dates_fit(house: Any, at: At) -> None:
    """Invariant 2."""
    say(house, QuotaValues("count", 2, "month"))
    dates = [at(f"2026-11-{day:02d} 15:00", "16:00") for day in (4, 11, 18)]
    with house.reading("ada") as work:
        case = room_case(work.session, house.rooms["sala"], dates[0])
        party = Party(work.actor, work.actor.person_id)
        people = applicants(work.session, party, {case.venue_id}, work.now.date(), work.now)
        applicant = people[case.venue_id]
        (reason,) = series_reasons(work, case, party, applicant, dates)
        assert dict(reason.nearest[0].values) == {"first_dates": "2"}
        assert series_reasons(work, case, party, applicant, dates[:2]) == []


def test_search_and_api_say_the_same(house: Any, at: At, browser: Any) -> None:
    say(house, QuotaValues("count", 0, "week"))
    client = browser("ada")
    query = {"starts_at": "2026-11-04T15:00", "ends_at": "2026-11-04T16:00", "explain": "1"}
    items = client.get("/api/v1/availability", query_string=query).json["items"]
    sala = next(item for item in items if item["id"] == house.rooms["sala"])
    assert [reason["code"] for reason in sala["reasons"]] == ["quota"]


def test_who_may_set_them_and_what_is_kept(house: Any) -> None:
    made = say(house, FOUR_HOURS)
    scope = Scope(house.venue)
    for verb in (lambda w: put_quota(w, scope, FOUR_HOURS), lambda w: remove_quota(w, scope, made)):
        with pytest.raises(Forbidden), house.writing("rival") as work:
            verb(work)
    with pytest.raises(NotFound), house.writing("rival") as work:
        remove_quota(work, Scope(house.elsewhere), made)
    with pytest.raises(Conflict), house.writing("manager") as work:
        put_quota(work, scope, FOUR_HOURS, made, version=7)
    with pytest.raises(Refused) as caught, house.writing("manager") as work:
        put_quota(work, scope, replace(FOUR_HOURS, per="fortnight", amount=-1, until_minute=0))
    assert [r.field for r in caught.value.reasons] == ["per", "amount", "until"]
    with house.writing("manager") as work:
        remove_quota(work, scope, made)
        assert work.session.scalar(sa.select(sa.func.count()).select_from(QuotaRow)) == 0
        verbs = work.session.scalars(sa.select(AuditEntry.verb).order_by(AuditEntry.id)).all()
    assert [verb for verb in verbs if verb.startswith("quotas.")] == ["quotas.put", "quotas.remove"]


# -- two at once ----------------------------------------------------------------------------------


def race(house: Any, spans: list[Span], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ada books two rooms from two places; whoever was judged waits for the other to be judged."""
    both = threading.Barrier(2)
    occupy = booking_services.occupy

    def when_both_are_judged(*told: Any) -> None:
        with suppress(threading.BrokenBarrierError):
            both.wait(0.6)
        occupy(*told)

    monkeypatch.setattr(booking_services, "occupy", when_both_are_judged)
    came: list[str] = []

    def ask(room: str, span: Span) -> None:
        try:
            booked(house, "ada", room, span)
            came.append("won")
        except Refused as refusal:
            came.append(refusal.code)

    threads = [
        threading.Thread(target=ask, args=pair)
        for pair in zip(("sala", "studio"), spans, strict=True)
    ]
    with clock.frozen(NOW):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    return sorted(came)


def test_of_two_wishes_at_once_that_pass_a_quota_together_one_is_refused(
    house: Any, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariant 1."""
    say(house, QuotaValues("count", 1, "week"))
    spans = [at("2026-11-04 15:00", "16:00"), at("2026-11-05 15:00", "16:00")]
    assert race(house, spans, monkeypatch) == ["quota", "won"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_without_the_lock_both_would_win(
    house: Any, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the race above can be lost. (On SQLite whoever writes is alone.)"""
    say(house, QuotaValues("count", 1, "week"))
    monkeypatch.setattr(booking_services, "lock_quotas", lambda *_: None)
    spans = [at("2026-11-04 15:00", "16:00"), at("2026-11-05 15:00", "16:00")]
    assert race(house, spans, monkeypatch) == ["won", "won"]
