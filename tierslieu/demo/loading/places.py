"""The network, its venues and rooms, when they are open, and their house rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tierslieu.bookings.models import Policy, Tariff
from tierslieu.bookings.places.models import PlacePool
from tierslieu.bookings.rules import PolicyValues
from tierslieu.demo.content import read
from tierslieu.demo.hours import closed_days, periods
from tierslieu.demo.loading.tables import Known, Progress, put
from tierslieu.demo.loading.things import write_things
from tierslieu.demo.records import LANGUAGES, ZONE, DemoNetwork, DemoRoom, DemoVenue
from tierslieu.kernel.span import at_wall
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work
from tierslieu.resources.division.services import divide
from tierslieu.resources.pools.services import add_pool, add_to_pool
from tierslieu.resources.services import add_resource
from tierslieu.venues.models import Closure
from tierslieu.venues.network.services import put_holiday, put_kind, set_up_network
from tierslieu.venues.opening.services import put_week
from tierslieu.venues.places.rules import SECTIONS, VenueValues
from tierslieu.venues.places.services import add_venue, write_section
from tierslieu.venues.rooms.rules import RoomValues
from tierslieu.venues.rooms.services import add_room

ROME = ZoneInfo(ZONE)


def write_network(work: Work) -> None:
    """The network's settings, its kinds of venue and its own holidays."""
    said = read("network.toml")
    set_up_network(
        work,
        name=said["name"],
        place=said["place"],
        zone=ZONE,
        accent=said["accent"],
        help_text=_texts(said["help"]),
    )
    for rank, kind in enumerate(said["kind"]):
        put_kind(work, kind["key"], _texts(kind), rank)
    for day in said["holiday"]:
        put_holiday(work, day["month"], day["day"], _texts(day))


def write_places(work: Work, network: DemoNetwork, known: Known, progress: Progress) -> None:
    """Every venue with its texts, rooms, hours, closures, house rules and prices."""
    years = range(work.now.year - 1, work.now.year + 3)
    for number, venue in enumerate(network.venues):
        progress(number, len(network.venues), "venues")
        row = add_venue(work, _venue(venue, known))
        known.venues[venue.slug] = row.id
        for section in venue.sections:
            if section.key in SECTIONS:
                write_section(work, row.id, section.key, _with_source(section.body, section.source))
        _write_rooms(work, venue, known)
        write_things(work, venue, known)
        _write_hours(work, venue, known, years)
    put(work, Closure, list(_closures(network, known, years, work.now)))
    put(work, Policy, list(_policies(network, known)))
    put(work, Tariff, list(_tariffs(network, known)))


def _venue(venue: DemoVenue, known: Known) -> VenueValues:
    return VenueValues(
        slug=venue.slug,
        name=venue.name,
        kind=venue.kind,
        street=venue.street,
        area=venue.area,
        town=venue.town,
        latitude=venue.latitude,
        longitude=venue.longitude,
        position=venue.position,
        zone=ZONE,
        phone=venue.phone,
        email=venue.email,
        affiliation=venue.affiliation,
        accent=venue.accent,
        lede=venue.lede,
        source=" ".join(venue.sources),
        closed_on_holidays=venue.closed_on_holidays,
        operator_id=known.organisations[venue.operator.slug],
    )


def _with_source(body: Texts, source: str) -> Texts:
    """A text with the address it comes from under it."""
    if not source:
        return body
    return Texts({language: f"{text}\n\n{source}" for language, text in body.items()})


def _write_rooms(work: Work, venue: DemoVenue, known: Known) -> None:
    """Undivided rooms first, then those that are made of them."""
    venue_id = known.venues[venue.slug]
    for rank, room in sorted(enumerate(venue.rooms), key=lambda each: bool(each[1].parts)):
        row = add_room(
            work,
            venue_id,
            _room(room, rank),
            parts=[known.resources[venue.slug, part] for part in room.parts],
        )
        known.resources[venue.slug, room.slug] = row.id
        if room.units:
            _write_units(work, venue, room, known)


def _write_units(work: Work, venue: DemoVenue, room: DemoRoom, known: Known) -> None:
    """Lanes, desks and plots: the room is the whole of them, the pool gives them out singly."""
    venue_id, made = known.venues[venue.slug], []
    for unit in room.units:
        made.append(add_resource(work, venue_id=venue_id, kind=room.kind, name=unit.name).id)
        known.resources[venue.slug, unit.slug] = made[-1]
    pool = add_pool(work, venue_id=venue_id, kind=room.kind, name=room.name)
    add_to_pool(work, pool.id, made)
    room_id = known.resources[venue.slug, room.slug]
    divide(work, room_id, made)
    prices = {"hour_cents": room.hour_cents, "member_hour_cents": room.member_hour_cents}
    work.session.add(PlacePool(room_id=room_id, pool_id=pool.id, version=1, **prices))
    work.session.flush()


def _room(room: DemoRoom, rank: int) -> RoomValues:
    access = room.access
    return RoomValues(
        slug=room.slug,
        name=room.name,
        kind=room.kind,
        description=room.description,
        area_m2=room.area_m2,
        layouts=dict(room.layouts),
        features=room.features,
        step_free=access.step_free,
        accessible_toilet=access.accessible_toilet,
        hearing_loop=access.hearing_loop,
        lift=access.lift,
        door_cm=access.door_cm,
        step_cm=access.step_cm,
        parking_m=access.parking_m,
        access_note=access.note,
        keys=room.keys,
        rank=rank,
    )


def _write_hours(work: Work, venue: DemoVenue, known: Known, years: range) -> None:
    places: list[DemoRoom | None] = [None, *venue.rooms]
    for room in places:
        for period in periods(venue, room, years):
            put_week(
                work,
                known.venues[venue.slug],
                period.weekly,
                room_id=known.resources[venue.slug, room.slug] if room else None,
                valid_from=period.valid_from,
                valid_until=period.valid_until,
                priority=period.priority,
            )


def _closures(
    network: DemoNetwork, known: Known, years: range, now: datetime
) -> Iterator[dict[str, Any]]:
    for venue in network.venues:
        for closure in network.closures if venue.closed_on_holidays else ():
            for year in years:
                first, after = closed_days(closure, year)
                yield {
                    "venue_id": known.venues[venue.slug],
                    "room_id": None,
                    "starts_at": _midnight(first),
                    "ends_at": _midnight(after),
                    "reason": closure.reason,
                    "created_at": now,
                    "created_by_id": None,
                }


def _midnight(day: date) -> datetime:
    return at_wall(day, 0, ROME)


def _policies(network: DemoNetwork, known: Known) -> Iterator[dict[str, Any]]:
    for venue, room in _rooms(network):
        for audience, rules in network.rules_of(venue, room).items():
            yield {
                "venue_id": known.venues[venue.slug],
                "room_id": known.resources[venue.slug, room.slug],
                "audience": audience,
                "rules": PolicyValues.from_json(rules).to_json(),
            }


def _tariffs(network: DemoNetwork, known: Known) -> Iterator[dict[str, Any]]:
    for venue, room in _rooms(network):
        if room.units:
            # Priced by the place; the whole costs as much as all of them.
            continue
        yield {
            "room_id": known.resources[venue.slug, room.slug],
            "hour_cents": room.hour_cents,
            "member_hour_cents": room.member_hour_cents,
        }


def _rooms(network: DemoNetwork) -> Iterator[tuple[DemoVenue, DemoRoom]]:
    for venue in network.venues:
        for room in venue.rooms:
            yield venue, room


def _texts(found: dict[str, Any]) -> Texts:
    return Texts({language: found[language] for language in LANGUAGES if language in found})
