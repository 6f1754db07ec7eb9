"""The demo network as rows: whole, consistent, and only into an empty database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.bookings.chains.models import ApprovalChain, ApprovalProgress, ApprovalStep
from tierslieu.bookings.guests.links import opened
from tierslieu.bookings.models import Booking, Policy, Series, Tariff
from tierslieu.bookings.preconditions.models import Precondition, Qualification
from tierslieu.bookings.rules import stored_price
from tierslieu.bookings.series.models import SkippedDate
from tierslieu.bookings.series.queries import repeat_of_series
from tierslieu.bookings.terms.models import Terms
from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.config import load as settings
from tierslieu.demo.content import load as load_network
from tierslieu.demo.loader import load
from tierslieu.demo.loading.demands import HOLDERS, LINK
from tierslieu.demo.people import PASSWORD
from tierslieu.installation import open_site, upgrade
from tierslieu.kernel.errors import Conflict
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.memberships.models import Membership, Plan
from tierslieu.memberships.queries import venues_of_cards
from tierslieu.people.accounts.passwords import matches
from tierslieu.people.models import Account, Person, PersonVenue
from tierslieu.resources.models import Claim, Occupancy, ResourceLeaf
from tierslieu.resources.queries import free
from tierslieu.venues.models import Closure, Network, OpeningPeriod, Photo, Room, Venue
from tierslieu.venues.photos.pictures import SIZES, path_of

NETWORK = load_network()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The whole demo on SQLite, loaded once."""
    instance = tmp_path_factory.mktemp("demo")
    site = open_site(settings({}, instance, demo=True, secret_key="for tests only"))
    upgrade(site)
    load(site)
    yield site
    site.db.dispose()


def count(site: Site, model: type[Any], *where: Any) -> int:
    with site.reading() as work:
        return int(
            work.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0
        )


def check_nothing_overlaps(site: Site) -> None:
    one, two = sa.orm.aliased(Occupancy), sa.orm.aliased(Occupancy)
    with site.reading() as work:
        pairs = work.session.execute(
            sa.select(one.id)
            .join(two, sa.and_(two.resource_id == one.resource_id, two.id > one.id))
            .where(one.ends_at > two.starts_at, one.starts_at < two.ends_at)
            .limit(1)
        ).all()
    assert pairs == []


def test_a_part_of_it_loads_into_either_database_and_can_be_written_to_afterwards(
    site: Site,
) -> None:
    told: list[tuple[int, int, str]] = []
    load(site, lambda *step: told.append(step), one_in=40)
    assert count(site, Venue) == 29
    assert count(site, Booking) > 600
    assert {what for _, _, what in told} == {"venues", "bookings", "pictures"}
    assert all(0 <= done < total for done, total, _ in told)
    with site.writing() as work:
        venue_id = work.session.scalar(sa.select(Venue.id).limit(1))
        person = Person(name="New", name_folded="new", created_at=work.now)
        work.session.add(person)
        work.session.add(
            Claim(venue_id=venue_id, kind="booking", starts_at=work.now,
                  ends_at=work.now + timedelta(hours=1))
        )  # fmt: skip
        work.session.flush()
        assert person.id > len(NETWORK.people) + 1, "ids go on after those that were loaded"
    if site.db.is_sqlite:
        check_nothing_overlaps(site)


def test_a_database_with_somebody_in_it_is_refused_and_left_alone(site: Site) -> None:
    with site.writing() as work:
        work.session.add(Person(name="Ada", name_folded="ada", created_at=work.now))
    with pytest.raises(Conflict) as refused:
        load(site, one_in=1000)
    assert refused.value.code == "not_empty"
    assert count(site, Venue) == 0


def test_everything_of_the_content_is_there(whole: Site) -> None:
    rooms = [room for venue in NETWORK.venues for room in venue.rooms]
    assert count(whole, Network) == 1
    assert count(whole, Room) == len(rooms)
    assert count(whole, Tariff) == len([room for room in rooms if not room.units])
    said = Policy.room_id.is_not(None), Policy.audience == "everyone"
    assert count(whole, Policy, *said) == len(rooms)
    assert count(whole, Person) == len(NETWORK.people) + 1, "one guest came"
    assert count(whole, Plan) == 29
    assert count(whole, OpeningPeriod) >= 29
    shut = sum(venue.closed_on_holidays for venue in NETWORK.venues)
    # And the works that lie over two bookings.
    assert count(whole, Closure) == shut * len(NETWORK.closures) * 4 + 1
    assert count(whole, Membership) > 1000
    assert 26_000 < count(whole, Booking) < 32_000


def test_a_request_is_half_answered_and_one_waits_and_one_is_offered(whole: Site) -> None:
    assert count(whole, ApprovalChain) == 1
    assert count(whole, ApprovalStep) == 2
    with whole.reading() as work:
        second = sa.select(ApprovalStep.role).join(ApprovalProgress)
        assert work.session.scalars(second).all() == ["network_admin"]
        entries = work.session.scalars(sa.select(WaitingEntry.state).order_by(WaitingEntry.id))
        assert list(entries) == ["waiting", "offered"]
    assert count(whole, Booking, Booking.state == "held") == 1


def test_nothing_overlaps_and_only_what_occupies_is_taken(whole: Site) -> None:
    check_nothing_overlaps(whole)
    with whole.reading() as work:
        states = set(
            work.session.scalars(
                sa.select(Booking.state)
                .join(Occupancy, Occupancy.claim_id == Booking.id)
                .distinct()
            )
        )
        held = set(
            work.session.scalars(
                sa.select(Booking.id).join(Occupancy, Occupancy.claim_id == Booking.id).distinct()
            )
        )
        firm = set(
            work.session.scalars(
                sa.select(Booking.id).where(Booking.state.in_(("confirmed", "checked_in", "held")))
            )
        )
    # What is offered to who waits is held for her.
    assert states == {"confirmed", "checked_in", "held"}
    assert held == firm


def test_a_room_made_of_others_or_of_lanes_is_free_when_all_of_them_are(whole: Site) -> None:
    with whole.reading() as work:
        leaves = dict(
            work.session.execute(
                sa.select(Room.slug, sa.func.count())
                .join(ResourceLeaf, ResourceLeaf.resource_id == Room.id)
                .join(Venue, Venue.id == Room.venue_id)
                .where(Venue.slug == "gattaglio")
                .group_by(Room.slug)
            ).all()
        )
        trial = work.session.scalar(sa.select(Room.id).where(Room.slug == "prova-libera"))
        assert trial is not None
        span = Span(work.now, work.now + timedelta(days=300))
        assert free(work.session, [trial], span, work.now) == {trial}
    assert leaves["salone"] == 2
    assert leaves["bocciodromo"] == 4
    assert leaves["salone-bar"] == 1


def test_the_four_accounts_may_sign_in_and_their_cards_count(whole: Site) -> None:
    with whole.reading() as work:
        accounts = {a.email: a for a in work.session.scalars(sa.select(Account))}
        slugs = dict(work.session.execute(sa.select(Venue.id, Venue.slug)).all())
        assert set(accounts) == {
            "admin@demo.example",
            "manager@demo.example",
            "member@demo.example",
            "member2@demo.example",
        }
        assert all(matches(PASSWORD, a.password_hash) for a in accounts.values())
        assert all(a.confirmed_at for a in accounts.values())
        for email, venue in (
            ("member@demo.example", "gattaglio"),
            ("member2@demo.example", "orologio"),
        ):
            cards = venues_of_cards(work.session, accounts[email].person_id, work.now.date())
            assert venue in {slugs[each] for each in cards}


def test_a_price_is_the_sum_of_its_lines(whole: Site) -> None:
    with whole.reading() as work:
        rows = work.session.execute(sa.select(Booking.price_cents, Booking.price_lines)).all()
    assert all(stored_price(lines, "EUR").total.cents == cents for cents, lines in rows)
    assert sum(cents for cents, _ in rows) > 0


def test_who_booked_or_has_a_card_is_known_at_that_venue(whole: Site) -> None:
    known = sa.select(PersonVenue.person_id).where(
        PersonVenue.person_id == Booking.booked_for_id, PersonVenue.venue_id == Claim.venue_id
    )
    with whole.reading() as work:
        strangers = work.session.scalar(
            sa.select(sa.func.count())
            .select_from(Booking)
            .join(Claim, Claim.id == Booking.id)
            # The house's own evenings are booked for nobody.
            .where(Booking.booked_for_id.is_not(None), ~known.exists())
        )
    assert strangers == 0


def test_card_numbers_are_those_of_the_rules_and_the_next_is_free(whole: Site) -> None:
    with whole.reading() as work:
        rows = work.session.execute(
            sa.select(Membership.card_number, Plan.next_card)
            .join(Plan)
            .where(Membership.card_number.is_not(None))
        ).all()
    assert all(int(number[5:]) < following for number, following in rows)
    assert all(len(number) == 10 for number, _ in rows)


def test_every_room_has_its_picture_in_all_sizes(whole: Site) -> None:
    with whole.reading() as work:
        photos = work.session.scalars(sa.select(Photo)).all()
    assert len(photos) == 29 + sum(len(venue.rooms) for venue in NETWORK.venues)
    for photo in photos:
        for size in SIZES:
            file = path_of(whole.uploads, photo.public_id, size, "webp")
            assert Path(file).stat().st_size > 500


def test_the_bundled_plugin_is_on(whole: Site) -> None:
    assert whole.plugins.is_on("ical")


def test_what_comes_back_every_week_is_a_series_with_its_dates(whole: Site) -> None:
    with whole.reading() as work:
        series = {row.id: row for row in work.session.scalars(sa.select(Series))}
        dates: dict[int, set[datetime]] = defaultdict(set)
        question = sa.select(Booking).where(Booking.series_id.is_not(None))
        for booking in work.session.scalars(question):
            dates[booking.series_id or 0].add(booking.original_starts_at)
        skipped = work.session.scalars(sa.select(SkippedDate)).all()
        for row in skipped:
            dates[row.series_id].add(row.original_starts_at)
        assert len(series) > 300
        assert {row.code for row in skipped} >= {"closed"}
        for key in list(series)[::25]:
            rule = repeat_of_series(series[key])
            assert {each.span.starts_at for each in rule.dates()} == dates[key]


def test_what_is_asked_first_is_in_the_demo_and_a_guests_link_opens_her_booking(
    whole: Site,
) -> None:
    assert count(whole, Terms, Terms.published_at.is_not(None)) == 1
    assert count(whole, Precondition) == 1
    assert count(whole, Qualification) == HOLDERS
    with whole.reading() as work:
        _, view = opened(work, LINK)
        assert view.booking.state == "confirmed"
