"""The verbs of places, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.resources.models import Resource
from tierslieu.resources.rules import Taking
from tierslieu.resources.services import new_claim, take
from tierslieu.venues.models import Closure, Room, Venue
from tierslieu.venues.network.services import (
    put_holiday,
    put_kind,
    remove_holiday,
    remove_kind,
    set_up_network,
)
from tierslieu.venues.opening.queries import (
    to_be_handled,
    touched,
    week_shown,
    weeks_of,
    whole_days,
)
from tierslieu.venues.opening.services import (
    close,
    put_exception,
    put_week,
    remove_exception,
    remove_week,
    reopen,
)
from tierslieu.venues.places import services as places
from tierslieu.venues.places.queries import listed, search_places, sections, venues, venues_where
from tierslieu.venues.places.rules import VenueValues
from tierslieu.venues.queries import network, venue_opening_facts
from tierslieu.venues.rooms import services as rooms
from tierslieu.venues.rooms.queries import parts_of, room_by_public_id, rooms_of
from tierslieu.venues.rooms.rules import RoomValues
from tierslieu.venues.rules import weekly_from

MAY = datetime(2027, 5, 4, 16, tzinfo=UTC)


def codes(refusal: pytest.ExceptionInfo[Any]) -> set[tuple[str, str | None]]:
    return {(reason.code, reason.field) for reason in refusal.value.reasons}


def test_a_change_is_counted_audited_and_keeps_the_rest(town: Any) -> None:
    with town.site.writing() as work:
        venue = work.session.get_one(Venue, town.orologio)
        before = (venue.version, venue.revision)
        values = replace(places.values_of(venue), phone="0522 123456")
        places.change_venue(work, town.orologio, values, before[0])
        assert (venue.version, venue.revision) == (before[0] + 1, before[1] + 1)
        assert venue.street == "via Massenet"
        last = work.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert last is not None
        assert (last.verb, last.detail) == ("venue.changed", {"fields": ["phone"]})


def test_saving_what_is_there_already_changes_nothing(town: Any) -> None:
    with town.site.writing() as work:
        venue = work.session.get_one(Venue, town.orologio)
        before = (venue.version, venue.revision)
        places.change_venue(work, town.orologio, places.values_of(venue))
        rooms.change_room(
            work, town.saletta, rooms.values_of(work.session.get_one(Room, town.saletta))
        )
        assert (venue.version, venue.revision) == before


def test_a_change_on_an_old_version_is_refused(town: Any) -> None:
    with town.site.writing() as work:
        venue = work.session.get_one(Venue, town.orologio)
        values = replace(places.values_of(venue), phone="0522 123456")
        with pytest.raises(Conflict) as refused:
            places.change_venue(work, town.orologio, values, venue.version - 1)
        assert codes(refused) == {("changed_meanwhile", "version")}


WRONG_VENUES = {
    "no name": ({"name": ""}, ("missing", "name")),
    "an address with spaces": ({"slug": "via Massenet"}, ("bad_slug", "slug")),
    "an address of another venue": ({"slug": "gattaglio"}, ("slug_taken", "slug")),
    "a kind nobody named": ({"kind": "castle"}, ("unknown_kind", "kind")),
    "a colour of one's own": ({"accent": "#ff0000"}, ("bad_accent", "accent")),
    "a zone that is not": ({"zone": "Europe/Reggio"}, ("bad_zone", "zone")),
    "a zone that climbs out": ({"zone": "../../etc/passwd"}, ("bad_zone", "zone")),
    "half a position": ({"latitude": 44.7}, ("half_position", "latitude")),
    "off the globe": ({"latitude": 91.0, "longitude": 10.0}, ("bad_latitude", "latitude")),
    "a website that is a script": ({"website": "javascript:alert(1)"}, ("bad_website", "website")),
    "an e-mail without host": ({"email": "desk"}, ("bad_email", "email")),
    "a phone with words": ({"phone": "call me"}, ("bad_phone", "phone")),
}


@pytest.mark.parametrize("name", WRONG_VENUES)
def test_wrong_facts_of_a_venue_are_refused_with_their_field(town: Any, name: str) -> None:
    wrong, expected = WRONG_VENUES[name]
    with town.site.writing() as work:
        values = places.values_of(work.session.get_one(Venue, town.orologio))
        with pytest.raises(Refused) as refused:
            places.change_venue(work, town.orologio, replace(values, **wrong))
        assert codes(refused) == {expected}


WRONG_ROOMS = {
    "no name": ({"name": ""}, ("missing", "name")),
    "an address that is taken": ({"slug": "saletta"}, ("slug_taken", "slug")),
    "nobody fits": ({"capacity": 0}, ("out_of_range", "capacity")),
    "a layout for a stadium": ({"layouts": {"theatre": 60000}}, ("out_of_range", "layout_theatre")),
    "a layout nobody draws": ({"layouts": {"pyramid": 4}}, ("out_of_range", "layout_pyramid")),
    "a feature with markup": ({"features": ("<b>",)}, ("invalid", "features")),
    "step-free with a step": ({"step_free": True, "step_cm": 18}, ("step_not_free", "step_cm")),
}


@pytest.mark.parametrize("name", WRONG_ROOMS)
def test_wrong_facts_of_a_room_are_refused_with_their_field(town: Any, name: str) -> None:
    wrong, expected = WRONG_ROOMS[name]
    with town.site.writing() as work:
        values = replace(RoomValues("teatro", "Teatro"), **wrong)
        with pytest.raises(Refused) as refused:
            rooms.add_room(work, town.orologio, values)
        assert codes(refused) == {expected}


def test_a_room_has_a_resource_and_holds_what_its_largest_layout_holds(town: Any) -> None:
    with town.site.reading() as work:
        room = room_by_public_id(work.session, "orologio.saletta")
        assert (room.id, room.capacity, room.public_id) == (town.saletta, 28, town.saletta_id)
        resource = work.session.get_one(Resource, room.id)
        assert (resource.kind, resource.name, resource.bookable) == ("room", "Saletta", True)
        assert rooms.values_of(room).capacity is None


def test_a_retired_room_keeps_its_row_and_cannot_be_taken(town: Any) -> None:
    with town.site.writing() as work:
        rooms.retire_room(work, town.saletta)
        claim = new_claim(work, venue_id=town.orologio, kind="booking", span=_evening())
        with pytest.raises(Conflict) as refused:
            take(work, [Taking(claim.id, [town.saletta], _evening())])
        assert refused.value.code == "resource_retired"
        assert rooms_of(work.session, town.orologio) == []
        rooms.restore_room(work, town.saletta)
        take(work, [Taking(claim.id, [town.saletta], _evening())])
        assert [r.id for r in rooms_of(work.session, town.orologio)] == [town.saletta]


def test_a_room_made_of_two_is_divided_and_made_one_again(town: Any) -> None:
    with town.site.writing() as work:
        half = [
            rooms.add_room(work, town.orologio, RoomValues(slug, slug)).id for slug in ("a", "b")
        ]
        whole = rooms.add_room(work, town.orologio, RoomValues("whole", "Whole"), parts=half)
        assert parts_of(work.session, whole.id) == sorted(half)
        rooms.set_parts(work, whole.id, [])
        assert parts_of(work.session, whole.id) == []
        work.session.expire_all()
        assert all(work.session.get_one(Resource, part).active for part in half)


def test_another_venues_manager_may_change_nothing(town: Any, actor_of: Any) -> None:
    stranger = actor_of("gattaglio")
    with town.site.reading() as work:
        values = places.values_of(work.session.get_one(Venue, town.orologio))
    acts = [
        lambda work: places.change_venue(work, town.orologio, values),
        lambda work: places.write_section(work, town.orologio, "history", Texts(it="x")),
        lambda work: places.publish(work, town.orologio, False),
        lambda work: places.archive(work, town.orologio),
        lambda work: rooms.add_room(work, town.orologio, RoomValues("x", "x")),
        lambda work: rooms.retire_room(work, town.saletta),
        lambda work: put_week(work, town.orologio, {}),
        lambda work: put_exception(work, town.orologio, date(2027, 1, 1), []),
        lambda work: close(work, town.orologio, _evening(), Texts()),
        lambda work: places.add_venue(work, VenueValues("new", "New", "social_centre")),
        lambda work: put_kind(work, "castle", Texts(it="Castello")),
        lambda work: set_up_network(work, name="Mine"),
    ]
    for act in acts:
        with pytest.raises(Forbidden), town.site.writing(actor=stranger) as work:
            act(work)


def test_rows_of_another_venue_are_not_found_through_ones_own(town: Any, actor_of: Any) -> None:
    with town.site.reading() as work:
        week = weeks_of(work.session, town.orologio)[0]
    manager = actor_of("gattaglio")
    for act in (
        lambda work: put_week(work, town.gattaglio, {}, period_id=week.id),
        lambda work: remove_week(work, town.gattaglio, week.id),
        lambda work: put_week(work, town.gattaglio, {}, room_id=town.saletta),
        lambda work: close(work, town.gattaglio, _evening(), Texts(), room_id=town.saletta),
    ):
        with pytest.raises(NotFound), town.site.writing(actor=manager) as work:
            act(work)


def test_an_unpublished_venue_is_in_no_list(town: Any) -> None:
    with town.site.writing() as work:
        places.publish(work, town.gattaglio, False)
        assert [venue.slug for venue in venues(work.session)] == ["orologio"]
        assert venues_where(work.session, "gattaglio") == frozenset()
        assert "gattaglio" not in [value for value, _ in search_places(work.session)]
        with pytest.raises(NotFound):
            room_by_public_id(work.session, "gattaglio.saletta")


def test_archiving_deletes_nothing_and_can_be_undone(town: Any) -> None:
    with town.site.writing() as work:
        places.archive(work, town.orologio)
        with pytest.raises(NotFound):
            room_by_public_id(work.session, town.saletta_id)
        assert work.session.get(Room, town.saletta) is not None
        places.restore(work, town.orologio)
        assert room_by_public_id(work.session, town.saletta_id).id == town.saletta


def test_sections_are_written_and_taken_away(town: Any) -> None:
    with town.site.writing() as work:
        places.write_section(work, town.orologio, "activities", Texts(it="Carte"))
        places.write_section(work, town.orologio, "history", Texts(it="Casino"))
        assert list(sections(work.session, town.orologio)) == ["history", "activities"]
        places.write_section(work, town.orologio, "history", Texts())
        assert list(sections(work.session, town.orologio)) == ["activities"]
        with pytest.raises(Invalid):
            places.write_section(work, town.orologio, "gossip", Texts(it="x"))


def test_a_week_keeps_its_minutes(town: Any) -> None:
    with town.site.writing() as work:
        week = put_week(work, town.orologio, {0: [(880, 1440), (541, 779)]}, name="Summer")
        stored = weekly_from(week.weekly)[0]
        assert [(item.opens, item.closes) for item in stored] == [(541, 779), (880, 1440)]
        remove_week(work, town.orologio, week.id)
        assert len(weeks_of(work.session, town.orologio)) == 1


WRONG_WEEKS = {
    "overlapping": ({0: [(540, 780), (700, 800)]}, {}, "overlapping_hours"),
    "backwards": ({0: [(780, 540)]}, {}, "bad_hours"),
    "beyond midnight": ({0: [(780, 1500)]}, {}, "bad_hours"),
    "an end before its start": (
        {},
        {"valid_from": date(2027, 6, 1), "valid_until": date(2027, 5, 1)},
        "bad_days",
    ),
}


@pytest.mark.parametrize("name", WRONG_WEEKS)
def test_a_week_that_makes_no_sense_is_refused(town: Any, name: str) -> None:
    weekly, more, code = WRONG_WEEKS[name]
    with town.site.writing() as work, pytest.raises(Invalid) as refused:
        put_week(work, town.orologio, weekly, **more)
    assert refused.value.code == code


def test_a_day_unlike_the_others_is_written_once_and_removed(town: Any) -> None:
    day = date(2027, 5, 4)
    with town.site.writing() as work:
        first = put_exception(work, town.orologio, day, [(600, 660)], note=Texts(it="Prova"))
        again = put_exception(work, town.orologio, day, [])
        assert first.id == again.id
        facts = venue_opening_facts(work.session, [town.orologio], day, day)[town.orologio]
        shown = week_shown(facts, day)[day.weekday()]
        assert shown.intervals == ()
        assert shown.today
        remove_exception(work, town.orologio, again.id)


def test_a_closure_is_told_whom_it_touches_and_cancels_nobody(town: Any) -> None:
    with town.site.writing() as work:
        claim = new_claim(
            work, venue_id=town.orologio, kind="booking", span=_evening(), label="Prove"
        )
        take(work, [Taking(claim.id, [town.saletta], _evening())])
        july = Span(MAY - timedelta(days=1), MAY + timedelta(days=1))
        before = touched(work.session, town.orologio, None, july, work.now)
        assert [(item.claim_id, item.room, item.label) for item in before] == [
            (claim.id, "Saletta", "Prove")
        ]
        made = close(work, town.orologio, july, Texts(it="Lavori"))
        assert [item.claim_id for item in to_be_handled(work.session, town.orologio, work.now)] == [
            claim.id
        ]
        assert to_be_handled(work.session, town.gattaglio, work.now) == []
        reopen(work, town.orologio, made.public_id)
        assert to_be_handled(work.session, town.orologio, work.now) == []


def test_a_closure_that_has_begun_ends_now_and_its_past_stays(town: Any) -> None:
    with town.site.writing() as work:
        span = Span(work.now - timedelta(days=1), work.now + timedelta(days=1))
        made = close(work, town.orologio, span, Texts())
        reopen(work, town.orologio, made.public_id)
        assert work.session.get_one(Closure, made.id).ends_at == work.now
        with pytest.raises(Invalid):
            reopen(work, town.orologio, made.public_id)


def test_kinds_and_holidays_of_the_network(town: Any) -> None:
    with town.site.writing() as work:
        with pytest.raises(Conflict):
            remove_kind(work, "social_centre")
        put_kind(work, "house", Texts(it="Casa"))
        remove_kind(work, "house")
        put_holiday(work, 11, 24, Texts(it="San Prospero"))
        with pytest.raises(Invalid):
            put_holiday(work, 2, 30, Texts(it="Mai"))
        remove_holiday(work, 11, 24)
        with pytest.raises(NotFound):
            remove_holiday(work, 11, 24)


def test_settings_of_the_network_are_checked_and_versioned(town: Any) -> None:
    with town.site.writing() as work:
        here = network(work.session)
        with pytest.raises(Refused) as refused:
            set_up_network(work, name="", currency="euro", accent="pink", zone="Mars", locale="de")
        assert {field for _, field in codes(refused)} == {
            "name",
            "currency",
            "accent",
            "zone",
            "locale",
        }
        with pytest.raises(Conflict):
            set_up_network(work, name="New", version=here.version + 1)
        set_up_network(work, name="New", version=here.version)
        assert network(work.session).name == "New"


def test_the_list_knows_who_is_open(town: Any) -> None:
    with town.site.reading() as work:
        shown = listed(work.session, venues(work.session), datetime(2027, 5, 4, 8, tzinfo=UTC))
    by_slug = {item.venue.slug: item for item in shown}
    assert by_slug["orologio"].open
    assert by_slug["orologio"].changes_at == datetime(2027, 5, 4, 11, tzinfo=UTC)
    assert (by_slug["orologio"].rooms, by_slug["orologio"].step_free) == (1, True)
    assert (by_slug["gattaglio"].open, by_slug["gattaglio"].changes_at) == (False, None)


def test_whole_days_are_recognised_across_a_change_of_clocks() -> None:
    from zoneinfo import ZoneInfo

    rome = ZoneInfo("Europe/Rome")
    start, end = datetime(2027, 3, 27, 23, tzinfo=UTC), datetime(2027, 3, 28, 22, tzinfo=UTC)
    assert whole_days(Span(start, end), rome) == (date(2027, 3, 28), date(2027, 3, 28))
    assert whole_days(Span(start, end + timedelta(hours=1)), rome) is None


def _evening() -> Span:
    return Span(MAY, MAY + timedelta(hours=2))
