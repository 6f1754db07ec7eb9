"""Taking a time over: by whom the policy names, with notice and reason, nobody in between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.attendance.services import check_in
from tierslieu.bookings.models import Booking, Policy
from tierslieu.bookings.preemption.services import preempt
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.errors import Conflict, Forbidden, Invalid, Refusal
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.span import Span
from tierslieu.people.services import add_person, create_organisation
from tierslieu.testing import csrf_token

At = Callable[..., Span]


def says(house: Any, **rules: Any) -> None:
    with house.site.writing() as work:
        for policy in work.session.scalars(sa.select(Policy)):
            policy.rules = policy.rules | rules


def made(house: Any, who: str, span: Span, **more: Any) -> str:
    with house.writing(who) as work:
        new = NewBooking(house.rooms["sala"], span, "Sewing", **more)
        return str(book(work, new).public_id)


def taken(house: Any, who: str, span: Span, reason: str = "Election day", **more: Any) -> str:
    with house.writing(who) as work:
        new = NewBooking(house.rooms["sala"], span, "Polling station")
        return str(preempt(work, new, reason, **more).public_id)


def states(house: Any) -> list[str]:
    with house.site.reading() as work:
        return list(work.session.scalars(sa.select(Booking.state).order_by(Booking.id)))


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [("nobody", ""), ("network", "admin"), ("venue", "admin manager"), ("city", "admin")],
)
def test_only_whom_the_policy_names_takes_over(
    house: Any, at: At, policy: str, allowed: str
) -> None:
    says(house, preemption=policy)
    span = at("2026-11-26 15:00", "17:00")
    made(house, "bice", span)
    for who in ("ada", "rival", "manager", "admin"):
        if who in allowed:
            continue
        with pytest.raises(Forbidden):
            taken(house, who, span)
    assert states(house) == ["confirmed"]
    for who in allowed.split()[-1:]:
        taken(house, who, span)
        assert states(house) == ["cancelled", "confirmed"]


def test_who_acts_for_the_city_takes_over_where_the_policy_names_it(house: Any, at: At) -> None:
    says(house, preemption="city", approval="asked")
    span = at("2026-11-26 15:00", "17:00")
    made(house, "admin", span)
    with house.site.writing() as work:
        city = create_organisation(work, "Comune", kind="city")
        add_person(work, city.id, house.people["bice"], function="", may_act=True)
    from dataclasses import replace

    actor = replace(house.act("bice"), organisations=frozenset({city.id}))
    with house.site.writing(actor, "en") as work:
        new = NewBooking(house.rooms["sala"], span, "Polling", organisation_id=city.id)
        assert preempt(work, new, "Election day").state == "confirmed", "decided, not asked"


def test_whoever_loses_the_time_reads_why_and_what_is_free(
    house: Any, at: At, browser: Any
) -> None:
    says(house, preemption="network")
    span = at("2026-11-26 15:00", "17:00")
    lost = made(house, "bice", span)
    won = taken(house, "admin", span)
    with house.site.reading() as work:
        mail = work.session.scalars(sa.select(Mail).order_by(Mail.id.desc())).first()
        row = work.session.scalars(sa.select(Booking).where(Booking.public_id == lost)).one()
        entry = work.session.scalars(
            sa.select(AuditEntry).where(
                AuditEntry.verb == "bookings.preempt", AuditEntry.subject == f"booking:{won}"
            )
        ).one()
    assert mail is not None
    assert mail.to_address == "bice@example.org"
    for text in ("Election day", "Free instead", "Tidy", "You pay nothing"):
        assert text in mail.body
    assert (row.price_cents, row.reason) == (0, "Election day")
    assert entry.detail["taken_from"] == [lost]
    page = browser("bice").get(f"/bookings/{lost}").text
    assert "Free instead" in page
    assert f"/book/{house.rooms['tidy']}?date=2026-11-26" in page


def test_the_notice_is_kept_and_a_reason_asked_for(house: Any, at: At) -> None:
    says(house, preemption="network", preemption_notice="14d")
    soon, later = at("2026-11-10 15:00", "17:00"), at("2026-11-26 15:00", "17:00")
    made(house, "bice", soon)
    made(house, "bice", later)
    with pytest.raises(Refusal, match="too_late_to_preempt") as refused:
        taken(house, "admin", soon)
    assert refused.value.reasons[0].nearest, "what is free near it is to be had at once"
    with pytest.raises(Invalid, match="missing"):
        taken(house, "admin", later, reason="  ")
    assert states(house) == ["confirmed", "confirmed"]


def test_what_is_in_the_way_only_since_the_preview_is_looked_at_again(house: Any, at: At) -> None:
    says(house, preemption="network")
    first = made(house, "bice", at("2026-11-26 15:00", "16:00"))
    made(house, "bice", at("2026-11-26 16:00", "17:00"))
    with pytest.raises(Conflict, match="changed_meanwhile"):
        taken(house, "admin", at("2026-11-26 15:00", "17:00"), seen=[first])
    assert states(house) == ["confirmed", "confirmed"]


def test_a_refused_new_booking_takes_nothing_over(house: Any, at: At) -> None:
    says(house, preemption="network")
    made(house, "bice", at("2026-11-26 17:00", "18:30"))
    with pytest.raises(Refusal, match="outside_hours"):
        taken(house, "admin", at("2026-11-26 17:00", "19:30"))
    assert states(house) == ["confirmed"]


def test_preempting_and_checking_in_at_once_have_one_winner(house: Any, at: At) -> None:
    says(house, preemption="network", preemption_notice="none", check_in_before_minutes=1440)
    span = at("2026-11-02 15:00", "17:00")
    booking = made(house, "bice", span)
    start, said = threading.Barrier(2), []

    def run(act: Callable[[], Any]) -> None:
        start.wait(10)
        try:
            act()
            said.append("done")
        except (Conflict, Refusal) as error:
            said.append(error.code)

    def arrive() -> None:
        with house.writing("bice") as work:
            check_in(work, booking)

    threads = [
        threading.Thread(target=run, args=(arrive,)),
        threading.Thread(target=run, args=(lambda: taken(house, "admin", span),)),
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert sorted(said) == ["done", "wrong_state"]
    assert states(house) in (["checked_in"], ["cancelled", "confirmed"])


def test_the_page_shows_whom_it_hurts_before_it_is_done(house: Any, browser: Any, at: At) -> None:
    says(house, preemption="network")
    lost = made(house, "bice", at("2026-11-26 15:00", "17:00"))
    client, page = browser("admin"), f"/book/{house.rooms['sala']}/take-over"
    assert browser("ada").get(page).status_code == 403
    assert "take-over" in client.get(f"/manage/alba/bookings/{lost}").text
    data = {"csrf_token": csrf_token(client, page), "date": "2026-11-26", "start": "15:00",
            "end": "17:00", "title": "Polling station", "who": "me", "n": "",
            "reason": "Election day"}  # fmt: skip
    shown = client.post(page, data=data)
    assert shown.status_code == 200
    assert "Sewing" in shown.text
    assert "They are offered" in shown.text
    assert states(house) == ["confirmed"], "looking changes nothing"
    done = client.post(page, data=data | {"sure": "1", "seen": lost})
    assert done.status_code == 303
    assert states(house) == ["cancelled", "confirmed"]


def test_the_page_offers_what_is_free_where_the_notice_is_too_short(
    house: Any, browser: Any, at: At
) -> None:
    says(house, preemption="network", preemption_notice="14d")
    made(house, "bice", at("2026-11-10 15:00", "17:00"))
    room = house.rooms["sala"]
    wanted = f"/book/{room}/take-over?date=2026-11-10&start=15:00&end=17:00"
    page = browser("admin").get(wanted).text
    assert "at least 14 days before" in page
    assert "Free near it" in page
    assert f'class="slot" href="/book/{room}?' in page


def test_the_way_to_take_over_stands_where_the_time_is_seen_to_be_taken(
    house: Any, browser: Any, at: At
) -> None:
    made(house, "bice", at("2026-11-26 15:00", "17:00"))
    wanted = f"/book/{house.rooms['sala']}?date=2026-11-26&start=15:00&end=17:00"
    pages = (wanted, "/manage/alba/timeline?day=2026-11-26")
    for named in (False, True):
        says(house, preemption="venue" if named else "nobody")
        for page in pages:
            assert ("/take-over?" in browser("manager").get(page).text) is named, page
        assert "/take-over?" not in browser("ada").get(wanted).text
