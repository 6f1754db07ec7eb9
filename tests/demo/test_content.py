"""The demo's data: complete, honest, and never twice in one place."""

from __future__ import annotations

import hashlib
import io
import time
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from tierslieu.bookings.rules.policy import AUDIENCES, PolicyRow, PolicyValues, resolve
from tierslieu.demo import hours
from tierslieu.demo.agenda import generate
from tierslieu.demo.cards import generate_memberships
from tierslieu.demo.content import DATA, load
from tierslieu.demo.hours import public_holidays
from tierslieu.demo.pictures import GROUNDS, PICTURES, draw_picture
from tierslieu.demo.records import LANGUAGES, ZONE, DemoBooking
from tierslieu.kernel.span import Span
from tierslieu.venues.rules import Closing, Holiday, OpeningFacts, is_open

NETWORK = load()
NOW = datetime(2026, 11, 26, 14, 5, tzinfo=UTC)
ROME = ZoneInfo(ZONE)
ROOMS = {(v.slug, r.slug): r for v in NETWORK.venues for r in v.rooms}
OCCUPYING = {"confirmed", "checked_in", "held"}
FEATURES = {
    "air_conditioning", "bar", "billiard_table", "chairs", "computers", "dishwasher",
    "folding_tables", "heating", "kitchen", "lights", "mirror", "outdoor", "oven", "piano",
    "power", "projector", "sound", "stage", "tools", "tv", "water", "whiteboard", "wifi",
}  # fmt: skip


@pytest.fixture(scope="module")
def bookings() -> list[DemoBooking]:
    return list(generate(1, NOW, NETWORK))


def test_the_29_venues_are_those_of_the_csv_and_each_has_two_to_nine_rooms() -> None:
    assert len(NETWORK.venues) == 29
    assert all(2 <= len(venue.rooms) <= 9 for venue in NETWORK.venues)


def test_slugs_of_rooms_and_leaves_are_unique_within_their_venue() -> None:
    for venue in NETWORK.venues:
        slugs = [room.slug for room in venue.rooms]
        slugs += [unit.slug for room in venue.rooms for unit in room.units]
        assert not [slug for slug, times in Counter(slugs).items() if times > 1], venue.slug


def test_parts_of_divisible_rooms_exist_and_one_room_belongs_to_two_wholes() -> None:
    shared = Counter((v.slug, part) for v in NETWORK.venues for r in v.rooms for part in r.parts)
    assert set(shared) <= set(ROOMS)
    assert max(shared.values()) == 2
    assert not any(ROOMS[key].parts for key in shared)


def test_gattaglio_has_four_lanes_and_tricolore_six() -> None:
    assert len(ROOMS["gattaglio", "bocciodromo"].units) == 4
    assert len(ROOMS["tricolore", "bocciodromo"].units) == 6


def test_every_text_is_written_in_the_three_languages() -> None:
    texts = [room.description for room in ROOMS.values()]
    texts += [room.access.note for room in ROOMS.values() if room.access.note]
    texts += [section.body for venue in NETWORK.venues for section in venue.sections]
    texts += [venue.lede for venue in NETWORK.venues if venue.lede]
    texts += [plan.name for plan in NETWORK.plans]
    texts += [closure.reason for closure in NETWORK.closures]
    texts += [picture.alt for picture in PICTURES.values()]
    assert all(set(text) == set(LANGUAGES) for text in texts)
    assert all(len(set(text.values())) == 3 for text in texts[: len(ROOMS)])


def test_what_is_said_of_a_real_venue_names_its_source() -> None:
    for venue in NETWORK.venues:
        if venue.position != "invented":
            claims = [s for s in venue.sections if s.key not in ("address_note", "contacts")]
            assert all(section.source.startswith("http") for section in claims), venue.slug
            assert venue.sources
            assert venue.operator.invented or venue.operator.source


def test_the_affiliation_is_that_of_the_csv_and_decides_the_season() -> None:
    starts = {venue.affiliation: set() for venue in NETWORK.venues}
    for venue, plan in zip(NETWORK.venues, NETWORK.plans, strict=True):
        assert plan.circuit == venue.affiliation
        starts[venue.affiliation].add((plan.season_month, plan.season_day))
    assert starts == {"ARCI": {(10, 1)}, "ANCeSCAO": {(1, 1)}, "": {(1, 1)}}


def test_only_hours_that_a_source_gives_count_as_sourced() -> None:
    sourced = {v.slug: set(v.sourced_days) for v in NETWORK.venues if v.sourced_days}
    every = set(range(7))
    assert sourced == {"gattaglio": every, "catomes-tot": every, "orologio": {1}}
    assert NETWORK.venue("orologio").hours[1] == ((540, 780), (880, 1110))
    assert 0 not in NETWORK.venue("catomes-tot").hours


def test_some_facts_stay_unknown() -> None:
    assert any(room.access.step_free is None for room in ROOMS.values())
    assert any(room.area_m2 is None for room in ROOMS.values())


def test_keys_of_features_pictures_accents_and_policies_are_known() -> None:
    for room in ROOMS.values():
        assert set(room.features) <= FEATURES, room.slug
        assert room.picture in PICTURES
        assert room.policy in NETWORK.policies
        assert set(room.layouts) <= {"theatre", "classroom", "tables", "board", "standing"}
    assert {venue.accent for venue in NETWORK.venues} == set(GROUNDS)


def test_house_rules_are_rules_that_the_site_knows() -> None:
    for venue in NETWORK.venues:
        for room in venue.rooms:
            for audience, rules in NETWORK.rules_of(venue, room).items():
                assert audience in AUDIENCES
                assert PolicyValues.from_json(rules).to_json() == rules


def test_the_room_for_trying_the_api_asks_for_nothing() -> None:
    venue = NETWORK.venue("demo-28")
    rules = NETWORK.rules_of(venue, venue.room("prova-libera"))["everyone"]
    found = resolve([PolicyRow("room", "everyone", PolicyValues.from_json(rules))], ["everyone"])
    assert (found.step_minutes, found.horizon_days, found.approval) == (1, 3660, "none")
    assert found.notice_add is found.longest_minutes is found.max_open_bookings is None


def test_groups_meet_at_venues_that_exist() -> None:
    assert len(NETWORK.groups) >= 25
    assert {group.venue for group in NETWORK.groups} <= {venue.slug for venue in NETWORK.venues}


def test_people_are_four_hundred_and_some_have_only_a_telephone() -> None:
    people = NETWORK.people
    assert len(people) == 400
    assert len({p.slug for p in people}) == len({p.name for p in people}) == 400
    without = [person for person in people if person.email is None]
    assert 100 <= len(without) <= 140
    assert all(person.phone for person in without)
    shared = Counter(person.email for person in people if person.email)
    assert sum(times > 1 for times in shared.values()) >= 20


def test_every_address_is_of_an_example_domain_and_every_number_unassigned() -> None:
    addresses = [p.email for p in NETWORK.people if p.email]
    addresses += [venue.email for venue in NETWORK.venues]
    assert all(address.endswith(".example") for address in addresses)
    assert all(p.phone.startswith("+39 300 ") for p in NETWORK.people if p.phone)
    assert all(venue.phone.startswith("+39 0522 000") for venue in NETWORK.venues)


def test_the_four_accounts_are_those_that_the_demo_prints() -> None:
    accounts = {person.email: person for person in NETWORK.people if person.account}
    assert set(accounts) == {
        "admin@demo.example",
        "manager@demo.example",
        "member@demo.example",
        "member2@demo.example",
    }
    roles = {(role.person, role.role, role.venue) for role in NETWORK.roles}
    assert (accounts["admin@demo.example"].slug, "network_admin", "") in roles
    assert (accounts["manager@demo.example"].slug, "venue_manager", "gattaglio") in roles
    managed = [role.venue for role in NETWORK.roles if role.role == "venue_manager"]
    assert sorted(managed) == sorted(venue.slug for venue in NETWORK.venues)


def test_a_year_either_side_has_twenty_to_thirty_thousand_bookings_made_quickly() -> None:
    began = time.process_time()
    rows = list(generate(1, NOW, NETWORK))
    assert time.process_time() - began < 10  # about one second alone; a busy machine is slower
    assert 20_000 <= len(rows) <= 30_000
    assert rows[0].starts_at < NOW - timedelta(days=350)
    assert rows[-1].starts_at > NOW + timedelta(days=340)


def test_the_same_seed_and_moment_give_the_same_bookings(bookings: list[DemoBooking]) -> None:
    assert list(generate(1, NOW, NETWORK)) == bookings
    assert len({booking.key for booking in bookings}) == len(bookings)


@pytest.mark.parametrize(
    "now",
    [NOW, datetime(2027, 7, 20, 9, tzinfo=UTC), datetime(2028, 2, 29, 21, tzinfo=UTC)],
    ids=["in autumn", "in summer", "on a leap day"],
)
def test_no_two_bookings_share_a_leaf_at_one_time_buffers_included(now: datetime) -> None:
    rows = list(generate(1, now, NETWORK))
    assert 18_000 <= len(rows) <= 32_000
    taken = defaultdict(list)
    for row in rows:
        if row.state in OCCUPYING:
            begins = row.starts_at - timedelta(minutes=row.before_minutes)
            ends = row.ends_at + timedelta(minutes=row.after_minutes)
            for leaf in row.leaves:
                taken[row.venue, leaf].append((begins, ends))
    for spans in taken.values():
        spans.sort()
        assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_requests_ask_for_time_that_is_free(bookings: list[DemoBooking]) -> None:
    taken = {(row.venue, leaf): [] for row in bookings for leaf in row.leaves}
    for row in bookings:
        if row.state in OCCUPYING:
            for leaf in row.leaves:
                taken[row.venue, leaf].append((row.starts_at, row.ends_at))
    asked = [row for row in bookings if row.state == "requested"]
    assert len(asked) >= 15
    for row in asked:
        for leaf in row.leaves:
            assert all(e <= row.starts_at or row.ends_at <= s for s, e in taken[row.venue, leaf])
    spans = Counter((row.venue, row.room, row.starts_at) for row in asked)
    assert max(spans.values()) == 2


def test_every_booking_lies_within_the_hours_that_the_house_rules_give(
    bookings: list[DemoBooking],
) -> None:
    years = range(2025, 2028)
    holidays = tuple(Holiday(day) for year in years for day in public_holidays(year))
    facts = {}
    for venue in NETWORK.venues:
        closings = tuple(
            Closing(_days(*hours.closed_days(closure, year)))
            for closure in NETWORK.closures
            for year in years
            if venue.closed_on_holidays
        )
        for room in venue.rooms:
            periods = (*hours.periods(venue, None, years), *hours.periods(venue, room, years))
            facts[venue.slug, room.slug] = OpeningFacts(
                tuple(periods), (), closings, holidays, venue.closed_on_holidays, room.keys
            )
    for row in bookings[::7]:
        span = Span(row.starts_at, row.ends_at)
        assert is_open(facts[row.venue, row.room], span, ROME), (row.venue, row.room, row.starts_at)


def _days(first: date, after: date) -> Span:
    return Span(*(datetime(d.year, d.month, d.day, tzinfo=ROME) for d in (first, after)))


def test_wall_times_stay_when_the_clocks_change(bookings: list[DemoBooking]) -> None:
    for row in bookings:
        local = row.starts_at.astimezone(ROME)
        assert local.strftime("%Y-%m-%dT%H:%M") == row.local_start
    offsets = defaultdict(set)
    for row in bookings:
        if row.series:
            offsets[row.series].add(row.starts_at.astimezone(ROME).utcoffset())
    assert any(len(found) == 2 for found in offsets.values())


def test_states_fit_the_moment(bookings: list[DemoBooking]) -> None:
    for row in bookings:
        assert row.starts_at < row.ends_at
        assert row.created_at <= NOW
        assert row.created_at < row.starts_at
        assert row.state != "no_show" or row.ends_at <= NOW
        assert row.state != "requested" or row.starts_at > NOW
        assert (row.state == "checked_in") == (row.checked_in_at is not None)
    here = [row for row in bookings if row.starts_at <= NOW < row.ends_at]
    assert "checked_in" in {row.state for row in here}
    states = {row.state for row in bookings}
    assert states == OCCUPYING - {"held"} | {
        "requested", "declined", "cancelled", "no_show", "expired"
    }  # fmt: skip


def test_nobody_brings_more_people_than_there_are_seats(bookings: list[DemoBooking]) -> None:
    for row in bookings:
        room = ROOMS[row.venue, row.room]
        most = room.layouts[row.layout] if row.layout else room.capacity
        assert most is None or (row.attendance or 0) <= most, (row.venue, row.room, row.title)


def test_bookings_keep_the_lengths_and_steps_of_their_rooms(bookings: list[DemoBooking]) -> None:
    rules = {
        (v.slug, r.slug): resolve(
            [
                PolicyRow("room", audience, PolicyValues.from_json(said))
                for audience, said in NETWORK.rules_of(v, r).items()
            ],
            ["everyone"],
        )
        for v in NETWORK.venues
        for r in v.rooms
    }
    for row in bookings:
        rule = rules[row.venue, row.room]
        minutes = (row.ends_at - row.starts_at) // timedelta(minutes=1)
        start = int(row.local_start[11:13]) * 60 + int(row.local_start[14:])
        assert (rule.shortest_minutes or 0) <= minutes <= (rule.longest_minutes or 1440)
        assert start % (rule.step_minutes or 1) == minutes % (rule.step_minutes or 1) == 0


def test_the_room_for_trying_the_api_stays_free_and_opens_at_all_hours(
    bookings: list[DemoBooking],
) -> None:
    room = ROOMS["demo-28", "prova-libera"]
    assert room.always_free
    assert not [b for b in bookings if (b.venue, b.room) == ("demo-28", "prova-libera")]
    assert room.hours == dict.fromkeys(range(7), ((0, 1440),))
    assert room.keys
    assert not NETWORK.venue("demo-28").closed_on_holidays


def test_every_other_room_is_used(bookings: list[DemoBooking]) -> None:
    used = {(row.venue, row.room) for row in bookings}
    assert set(ROOMS) - used == {("demo-28", "prova-libera")}


def test_the_accounts_find_bookings_of_their_own(bookings: list[DemoBooking]) -> None:
    accounts = {p.slug: p.email for p in NETWORK.people if p.account}
    own = Counter(accounts[row.booked_for] for row in bookings if row.booked_for in accounts)
    assert own["member@demo.example"] >= 8
    assert own["member2@demo.example"] >= 6


def test_about_twelve_hundred_memberships_with_a_card_each() -> None:
    found = list(generate_memberships(1, NOW, NETWORK))
    assert 1_100 <= len(found) <= 1_400
    assert {row.state for row in found} == {"applied", "admitted", "refused", "left"}
    cards = Counter((r.plan, r.season_starts_on, r.card_number) for r in found if r.card_number)
    assert max(cards.values()) == 1
    once = Counter((row.plan, row.person, row.season_starts_on) for row in found)
    assert max(once.values()) == 1
    for row in found:
        assert row.season_starts_on < row.season_ends_on
        assert (row.state in ("admitted", "left")) == (row.card_number is not None)
        assert row.applied_at <= NOW
    assert any(row.state == "admitted" and not row.dues for row in found)


@pytest.mark.parametrize(
    ("email", "venue"), [("member@demo.example", "gattaglio"), ("member2@demo.example", "orologio")]
)
def test_the_member_accounts_hold_a_running_card(email: str, venue: str) -> None:
    person = next(p for p in NETWORK.people if p.email == email)
    running = [
        row
        for row in generate_memberships(1, NOW, NETWORK)
        if row.person == person.slug and row.season_starts_on <= NOW.date() < row.season_ends_on
    ]
    assert [(row.plan, row.state) for row in running] == [(venue, "admitted")]
    assert running[0].dues


@pytest.mark.parametrize("key", sorted(PICTURES))
def test_a_picture_is_drawn_the_same_each_time(key: str) -> None:
    first, second = (draw_picture(key, "prugna", 480) for _ in range(2))
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()
    with Image.open(io.BytesIO(first)) as image:
        assert image.size == (480, 280)
    assert PICTURES[key].alt["it"].startswith("Disegno")


def test_the_data_name_no_picture_that_is_missing_and_every_venue_has_its_file() -> None:
    files = {path.stem for path in (DATA / "venues").glob("*.toml")}
    assert files == {venue.slug for venue in NETWORK.venues}
