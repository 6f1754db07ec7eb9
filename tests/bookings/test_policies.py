"""House rules and prices as they are set: scopes, audiences, presets, and what they never touch."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tierslieu.bookings.models import Booking, Policy, Tariff
from tierslieu.bookings.policies.fields import GROUPS, SETTINGS, effect
from tierslieu.bookings.policies.forms import amount_of, cents_of
from tierslieu.bookings.policies.impact import impact
from tierslieu.bookings.policies.presets import PRESETS, current, with_preset
from tierslieu.bookings.policies.queries import said
from tierslieu.bookings.policies.scopes import Scope
from tierslieu.bookings.policies.services import put_policy, put_tariff, use_preset
from tierslieu.bookings.rules import PolicyRow, PolicyValues, resolve
from tierslieu.bookings.rules.policy import FIELDS
from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.errors import Conflict, Forbidden, Invalid
from tierslieu.kernel.span import Span

At = Callable[..., Span]
Browser = Callable[..., Any]
RULES = "/manage/alba/rules"
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ROME = ZoneInfo("Europe/Rome")


def text_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


# -- settings -------------------------------------------------------------------------------------


def test_every_rule_can_be_set() -> None:
    assert set(SETTINGS) == set(FIELDS)
    assert sum(len(settings) for _, _, settings in GROUPS) == len(FIELDS)


def test_every_rule_has_an_example_with_and_without_its_limit() -> None:
    usual = resolve([], ())
    free = resolve(
        [PolicyRow("venue", "everyone", PolicyValues.from_json(
            {name: "none" for name, setting in SETTINGS.items() if setting.unlimited}
        ))], ()
    )  # fmt: skip
    for name in FIELDS:
        for policy in (usual, free):
            assert str(effect(name, policy, NOW, ROME)), name


@pytest.mark.parametrize(
    ("rules", "name", "words"),
    [
        ({"longest_minutes": 180}, "longest_minutes", "until 21:00"),
        ({"step_minutes": 40}, "step_minutes", "18:40"),
        ({"before_minutes": 30}, "before_minutes", "from 17:30"),
        ({"horizon_days": 10}, "horizon_days", "2026-11-12"),
        ({"no_show_after_minutes": 20}, "no_show_after_minutes", "18:20"),
        ({"no_show_kept_days": 30}, "no_show_kept_days", "2026-12-02"),
        ({"reconfirm_weeks": 6}, "reconfirm_weeks", "2026-12-14"),
        ({"notice_cancel": "2d"}, "notice_cancel", "2026-11-07 23:59"),
        ({"notice_change": "3h"}, "notice_change", "2026-11-09 15:00"),
    ],
)
def test_an_example_says_what_the_value_does(rules: dict[str, Any], name: str, words: str) -> None:
    policy = resolve([PolicyRow("venue", "everyone", PolicyValues.from_json(rules))], ())
    assert words in str(effect(name, policy, NOW, ROME))


@pytest.mark.parametrize(
    ("written", "cents"),
    [("", None), ("12", 1200), ("12,5", 1250), ("12.50 €", 1250), ("0", 0)],
)
def test_an_amount_is_read_as_people_write_it(written: str, cents: int | None) -> None:
    assert cents_of(written, "hour") == cents


@pytest.mark.parametrize("written", ["twelve", "-3", "1,234", "12,345", "1e3"])
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(Invalid):
        cents_of(written, "hour")


def test_an_amount_is_written_as_it_is_read() -> None:
    for cents in (0, 5, 50, 1200, 1250):
        assert cents_of(amount_of(cents), "hour") == cents


# -- presets --------------------------------------------------------------------------------------


def test_a_preset_is_recognised_after_it_was_chosen() -> None:
    for preset in PRESETS:
        assert current(with_preset(preset, {})) == preset.key


def test_a_preset_forgets_the_one_before_and_keeps_the_rest() -> None:
    first = with_preset(PRESETS[2], {"everyone": {"longest_minutes": 60}})
    second = with_preset(PRESETS[0], first)
    assert second["everyone"]["longest_minutes"] == 60
    assert "horizon_days" not in second["everyone"]
    assert second["members"] == {}


# -- saving ---------------------------------------------------------------------------------------


def test_rules_are_saved_with_a_version_and_a_line_in_the_journal(house: Any) -> None:
    scope = Scope(house.venue)
    with house.writing("manager") as work:
        row = put_policy(work, scope, "members", {"horizon_days": 120}, version=0)
        assert row is not None
        assert row.version == 1
    with house.writing("manager") as work:
        row = put_policy(work, scope, "members", {"horizon_days": 90}, version=1)
        assert row is not None
        assert row.version == 2
        noted = work.session.scalars(sa.select(AuditEntry.detail).order_by(AuditEntry.id)).all()
    assert noted[-1] == {"audience": "members", "rules": {"horizon_days": 90}}


def test_an_old_form_does_not_overwrite(house: Any) -> None:
    scope = Scope(house.venue)
    with house.writing("manager") as work:
        put_policy(work, scope, "everyone", {"horizon_days": 120})
    with pytest.raises(Conflict), house.writing("manager") as work:
        put_policy(work, scope, "everyone", {"horizon_days": 60}, version=0)


def test_a_wrong_value_names_its_field(house: Any) -> None:
    with pytest.raises(Invalid) as refused, house.writing("manager") as work:
        put_policy(work, Scope(house.venue), "everyone", {"longest_minutes": -1})
    assert refused.value.reasons[0].field == "longest_minutes"


def test_saying_nothing_leaves_no_row(house: Any) -> None:
    with house.writing("manager") as work:
        put_policy(work, Scope(house.venue), "everyone", {"horizon_days": 120})
        assert put_policy(work, Scope(house.venue), "everyone", {}) is None
        found = sa.select(Policy).where(Policy.venue_id == house.venue, Policy.room_id.is_(None))
        assert work.session.scalars(found).all() == []


@pytest.mark.parametrize("who", ["ada", "rival"])
def test_only_who_runs_a_venue_sets_its_rules(house: Any, who: str) -> None:
    with pytest.raises(Forbidden), house.writing(who) as work:
        put_policy(work, Scope(house.venue), "everyone", {"approval": "none"})
    with pytest.raises(Forbidden), house.writing(who) as work:
        put_tariff(work, house.ids["sala"], 100)


def test_only_the_network_sets_the_network_s_rules(house: Any) -> None:
    with pytest.raises(Forbidden), house.writing("manager") as work:
        use_preset(work, Scope(), "open")
    with house.writing("admin") as work:
        use_preset(work, Scope(), "open")
        assert said(work, Scope(), "everyone").in_force.approval == "none"


def test_what_a_room_does_not_say_the_venue_says(house: Any) -> None:
    with house.writing("manager") as work:
        put_policy(work, Scope(house.venue), "everyone", {"before_minutes": 45})
        put_policy(work, Scope(house.venue, house.ids["sala"]), "everyone", {})
        found = said(work, Scope(house.venue, house.ids["sala"]), "everyone")
    assert found.below.before_minutes == 45
    assert found.below.origins["before_minutes"].scope == "venue"
    assert found.own == PolicyValues()


def test_bookings_already_made_stay_and_are_named_first(house: Any, at: At) -> None:
    span = at("2026-11-04 15:00", "18:00")
    with house.writing("ada") as work:
        made = book(work, NewBooking(room=house.rooms["sala"], span=span, title="Long")).public_id
    scope = Scope(house.venue, house.ids["sala"])
    shorter = PolicyValues.from_json({"longest_minutes": 60, "step_minutes": 10})
    with house.writing("manager") as work:
        found = impact(work, scope, "everyone", shorter)
        assert [view.booking.public_id for view in found.views] == [made]
        put_policy(work, scope, "everyone", shorter.to_json())
    with house.site.reading() as work:
        kept = work.session.scalars(sa.select(Booking).where(Booking.public_id == made)).one()
        assert (kept.state, kept.version) == ("confirmed", 1)


def test_a_price_is_said_and_bookings_keep_theirs(house: Any, at: At) -> None:
    with house.writing("manager") as work:
        put_tariff(work, house.ids["sala"], 1000, 500, version=0)
    with house.writing("ada") as work:
        new = NewBooking(
            room=house.rooms["sala"], span=at("2026-11-04 15:00", "16:00"), title="Paid"
        )
        made = book(work, new).public_id
    with house.writing("manager") as work:
        put_tariff(work, house.ids["sala"], None, version=1)
        assert work.session.get(Tariff, house.ids["sala"]) is None
        kept = work.session.scalars(sa.select(Booking).where(Booking.public_id == made)).one()
        assert kept.price_cents == 1000


# -- pages ----------------------------------------------------------------------------------------


def written(client: Any, address: str, **fields: str) -> dict[str, str]:
    """The form of a page as a browser would send it back, with some fields changed."""
    page = client.get(address).text
    part = page[page.index('id="single"') :]
    found = {
        name: unescape(value)
        for name, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', part)
    }
    for select in re.findall(r"<select.*?</select>", part, re.DOTALL):
        name = re.search(r'name="([^"]+)"', select)
        chosen = re.search(r'<option selected value="([^"]*)"', select)
        if name:
            found[name[1]] = chosen[1] if chosen else ""
    return found | fields


def test_the_page_says_where_each_value_comes_from(house: Any, browser: Browser) -> None:
    client = browser("manager")
    shown = text_of(client.get(f"{RULES}?room={house.rooms['sala']}"))
    assert "From 18:00 one stays until 22:00 at most." in shown
    assert "Said here." in shown
    assert "Not said here" in shown


def test_a_form_sent_back_unchanged_changes_nothing(house: Any, browser: Browser) -> None:
    client, address = browser("manager"), f"{RULES}?room={house.rooms['sala']}"
    with house.site.reading() as work:
        before = work.session.scalars(sa.select(Policy.rules).order_by(Policy.id)).all()
    assert client.post(address, data=written(client, address)).status_code == 302
    with house.site.reading() as work:
        assert work.session.scalars(sa.select(Policy.rules).order_by(Policy.id)).all() == before


def test_the_page_names_who_is_touched_before_it_saves(
    house: Any, browser: Browser, at: At
) -> None:
    with house.writing("ada") as work:
        span = at("2026-11-04 15:00", "18:00")
        book(work, NewBooking(room=house.rooms["sala"], span=span, title="Long rehearsal"))
    client, address = browser("manager"), f"{RULES}?room={house.rooms['sala']}"
    form = written(client, address, longest_minutes="set", longest_minutes_n="60")
    asked = client.post(address, data=form)
    assert asked.status_code == 200
    assert "Long rehearsal" in asked.text
    assert client.post(address, data=form | {"sure": "1"}).status_code == 302
    with house.site.reading() as work:
        row = work.session.scalars(
            sa.select(Policy).where(Policy.room_id == house.ids["sala"])
        ).one()
        assert row.rules["longest_minutes"] == 60


@pytest.mark.parametrize(
    "fields",
    [{"longest_minutes": "set", "longest_minutes_n": ""},
     {"longest_minutes": "set", "longest_minutes_n": "99999999"},
     {"who_may_book": "kings"}],
    ids=["no number", "too much", "no such choice"],
)  # fmt: skip
def test_a_wrong_form_is_shown_again(house: Any, browser: Browser, fields: dict[str, str]) -> None:
    client = browser("manager")
    answer = client.post(RULES, data=written(client, RULES, **fields))
    assert answer.status_code == 422


def test_a_price_is_set_on_the_room_s_page(house: Any, browser: Browser) -> None:
    client, room = browser("manager"), house.rooms["sala"]
    form = written(client, f"{RULES}?room={room}")
    fields = {"csrf_token": form["csrf_token"], "hour": "12,50", "member_hour": "", "version": "0"}
    answer = client.post(f"{RULES}/tariff?room={room}", data=fields)
    assert answer.status_code == 302
    with house.site.reading() as work:
        assert work.session.get_one(Tariff, house.ids["sala"]).hour_cents == 1250


def test_strangers_and_the_desk_do_not_set_rules(house: Any, browser: Browser) -> None:
    assert browser("rival").get(RULES).status_code == 404
    assert browser("ada").get(RULES).status_code in (403, 404)
    assert browser("manager").get("/admin/rules").status_code == 403
    assert browser("admin").get("/admin/rules").status_code == 200
