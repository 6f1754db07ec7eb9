"""What rooms are for, on which days, what is declared, and for whom days open first. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tierslieu.bookings.houserules.words import listed, plain
from tierslieu.bookings.rules import Applicant, Ask, PolicyRow, PolicyValues, RoomFacts, check
from tierslieu.bookings.rules import resolve as in_force
from tierslieu.bookings.rules.uses import Purpose, known_facts
from tierslieu.bookings.rules.windows import last_day, opens_on
from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.span import Span, at_wall
from tierslieu.kernel.texts import Texts
from tierslieu.venues.rules import ALL_DAY, OpeningFacts, Period

ROME = ZoneInfo("Europe/Rome")
#: A Monday.
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
USES = {
    "party": Purpose("party", Texts(en="Private party")),
    "course": Purpose("course", Texts(en="Course"), public=True),
    "concert": Purpose("concert", Texts(en="Concert"), public=True),
}
OPEN = OpeningFacts((Period("room", dict.fromkeys(range(7), ALL_DAY)),))


def rows(said: dict[str, Any], audience: str = "everyone") -> tuple[PolicyRow, ...]:
    usual = {"approval": "none", "horizon_days": "none", "longest_minutes": "none"}
    base = PolicyRow("venue", "everyone", PolicyValues.from_json(usual))
    return (base, PolicyRow("room", audience, PolicyValues.from_json(said)))


def on(day: int, start: int, end: int) -> Span:
    """Hours by the clock of Rome, so many days after Monday."""
    midnight = date(2026, 11, 2) + timedelta(days=day)
    last = midnight + timedelta(days=end // 24)
    return Span(at_wall(midnight, 60 * start, ROME), at_wall(last, 60 * (end % 24), ROME))


def judged(said: dict[str, Any], span: Span, purpose: str | None, **more: Any) -> Any:
    room = RoomFacts(ROME, OPEN, 30, purposes=USES, policies=rows(said))
    ask = Ask(span, more.pop("people", 10), purpose=purpose, **more)
    return check("book", ask, room, in_force(rows(said), ()), Applicant(), NOW)


@pytest.mark.parametrize(
    ("said", "day", "purpose", "expected"),
    [
        ({}, 2, "", []),
        ({}, 2, "anything", []),
        ({"purpose_required": True}, 2, "", ["purpose_needed"]),
        ({"purpose_required": True}, 2, None, []),
        ({"purpose_required": True}, 2, "anything", ["unknown_purpose"]),
        ({"purpose_required": True}, 2, "course", []),
        ({"public_only": True}, 2, "party", ["public_only"]),
        ({"public_only": True}, 2, "concert", []),
        ({"allowed_purposes": ["course"]}, 2, "concert", ["purpose_not_allowed"]),
        ({"allowed_purposes": ["course"]}, 2, "", ["purpose_needed"]),
        ({"weekend_purposes": ["party"]}, 2, "party", ["weekend_only"]),
        ({"weekend_purposes": ["party"]}, 5, "party", []),
        ({"weekend_purposes": ["party"]}, 2, "course", []),
        ({"booking_days": [5, 6]}, 2, None, ["wrong_day"]),
        ({"booking_days": [5, 6]}, 6, None, []),
    ],
)
def test_what_a_room_is_for(
    said: dict[str, Any], day: int, purpose: str | None, expected: list[str]
) -> None:
    assert judged(said, on(day, 18, 20), purpose).codes() == expected


def test_a_use_that_is_not_allowed_offers_those_that_are() -> None:
    (reason,) = judged({"public_only": True}, on(2, 18, 20), "party").refused
    assert [choice.values for choice in reason.nearest] == [
        {"purpose": "course"}, {"purpose": "concert"}
    ]  # fmt: skip


def test_a_party_on_wednesday_is_offered_the_next_saturday() -> None:
    (reason,) = judged({"weekend_purposes": ["party"]}, on(2, 18, 22), "party").refused
    days = {choice.values["starts_at"][:10] for choice in reason.nearest}
    assert days <= {"2026-11-07", "2026-11-08", "2026-11-14", "2026-11-15"}
    assert {"starts_at": "2026-11-07T17:00:00Z", "ends_at": "2026-11-07T21:00:00Z"} in [
        dict(choice.values) for choice in reason.nearest
    ]


@pytest.mark.parametrize(
    ("span", "expected"),
    [(on(5, 20, 26), []), (on(6, 22, 26), ["weekend_only"]), (on(6, 20, 24), [])],
    ids=["into Sunday", "into Monday", "until midnight"],
)
def test_a_party_at_the_week_end_ends_there(span: Span, expected: list[str]) -> None:
    assert judged({"weekend_purposes": ["party"]}, span, "party").codes() == expected


def test_too_few_people_for_a_big_room() -> None:
    assert judged({"fewest_people": 12}, on(2, 18, 20), None).codes() == ["too_few"]
    assert judged({"fewest_people": 12}, on(2, 18, 20), None, people=12).codes() == []
    assert judged({"fewest_people": 12}, on(2, 18, 20), None, people=None).codes() == []


def test_what_is_declared_may_ask_for_an_answer() -> None:
    policy = in_force(rows({"asks_for": ["alcohol", "open_fire"]}), ())
    assert policy.asks_approval(5, ["alcohol"])
    assert not policy.asks_approval(5, ["music"])
    assert not policy.asks_approval(5)
    assert known_facts(["music", "nothing", "alcohol"]) == ("alcohol", "music")


def test_requests_at_a_time_are_counted_only_for_what_would_be_a_request() -> None:
    said = rows({"max_open_requests": 2, "asks_for": ["alcohol"]})
    room = RoomFacts(ROME, OPEN)
    who = Applicant(open_requests=2)
    for declared, expected in ((("alcohol",), ["too_many_requests"]), ((), [])):
        ask = Ask(on(2, 18, 20), declared=declared)
        assert check("book", ask, room, in_force(said, ()), who, NOW).codes() == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("booking_days", [7]), ("booking_days", ["5"]), ("booking_days", 5), ("asks_for", ["war"]),
        ("asks_for", "none"), ("allowed_purposes", [""]), ("allowed_purposes", [3]),
        ("season_opens", "6-1"), ("season_opens", "06-31"), ("season_opens", "13-01"),
        ("request_order", "beauty"), ("booking_days", [True]),
    ],
)  # fmt: skip
def test_what_cannot_be_said(name: str, value: object) -> None:
    with pytest.raises(Invalid) as caught:
        PolicyValues.from_json({name: value})
    assert caught.value.reasons[0].field == name


def test_lists_come_back_as_they_were_said_and_more_uses_are_more_favourable() -> None:
    said = {"allowed_purposes": ["a", "b"], "booking_days": [0, 5], "asks_for": ["alcohol"]}
    assert PolicyValues.from_json(said).to_json() == said
    policy = in_force(
        [*rows({"allowed_purposes": ["a"]}), *rows({"allowed_purposes": ["a", "b"]}, "members")],
        {"members"},
    )
    assert policy.allowed_purposes == ("a", "b")


# -- who may book first ---------------------------------------------------------------------------

FIRST = (
    *rows({"horizon_days": 10}),
    *rows({"horizon_days": 60}, "members"),
    *rows({"horizon_days": 30}, "residents"),
)


def test_members_then_residents_then_everyone() -> None:
    for audiences, last in (
        ((), date(2026, 11, 12)),
        (("residents",), date(2026, 12, 2)),
        (("members",), date(2027, 1, 1)),
        (("members", "residents"), date(2027, 1, 1)),
    ):
        assert in_force(FIRST, audiences).last_day(NOW, ROME) == last


def test_too_far_says_when_it_opens_and_for_whom_it_is_open() -> None:
    room = RoomFacts(ROME, OPEN, policies=FIRST)
    for day, who in ((20, "members, residents"), (40, "members")):
        ask = Ask(on(day, 18, 20))
        (reason,) = check("book", ask, room, in_force(FIRST, ()), Applicant(), NOW).refused
        opens = date(2026, 11, 2) + timedelta(days=day - 10)
        expected = f"That day opens on {opens}; it is open already for: {who}."
        assert (reason.code, expected in str(reason.message)) == ("too_far", True)


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-05-31", date(2026, 8, 31)),
        ("2026-06-01", date(2027, 8, 31)),
        ("2026-08-31", date(2027, 8, 31)),
        ("2026-09-01", date(2027, 8, 31)),
        ("2027-05-31", date(2027, 8, 31)),
        ("2027-06-01", date(2028, 8, 31)),
    ],
)
def test_a_season_opens_on_its_day(now: str, last: date) -> None:
    policy = in_force(rows({"season_opens": "06-01", "horizon_days": "none"}), ())
    moment = datetime.fromisoformat(now).replace(hour=12, tzinfo=UTC)
    assert last_day(policy, moment, ROME) == last
    beyond = last + timedelta(days=1)
    opens = opens_on(policy, beyond, ROME, moment)
    assert opens == date(beyond.year, 6, 1)
    assert last_day(policy, datetime(opens.year, 6, 1, 12, tzinfo=UTC), ROME) == date(
        beyond.year + 1, 8, 31
    )


def test_every_rule_is_listed_and_told_with_its_uses() -> None:
    said = {
        "allowed_purposes": ["course", "gone"], "weekend_purposes": ["party"], "public_only": True,
        "booking_days": [5, 6], "asks_for": ["music"], "season_opens": "06-01",
    }  # fmt: skip
    policy = in_force(rows(said), ())
    values = {each.key: str(each.value) for each in listed(policy, USES)}
    assert "gone" in values["allowed_purposes"]
    assert values["booking_days"] == "Saturday, Sunday"
    assert values["season_opens"] == "1/6"
    told = " ".join(str(rule.title) for rule in plain(policy, USES))
    assert "The venue answers first if there is: music with a licence." in told
