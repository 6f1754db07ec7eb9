"""The API of venues and rooms: public facts, readable by anybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from flask import Response, url_for

from tierslieu.kernel.span import iso, local_date
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work
from tierslieu.venues.managing import in_words
from tierslieu.venues.models import Photo, Room, Venue
from tierslieu.venues.modes.queries import limits_of, modes_by_venue
from tierslieu.venues.modes.rules import Mode, least, mode_on
from tierslieu.venues.photos.pictures import address
from tierslieu.venues.photos.queries import photos_by_room
from tierslieu.venues.places.queries import Listed, kinds, listed, venue_by_slug, venues
from tierslieu.venues.rooms.queries import (
    parts_by_whole,
    room_by_public_id,
    shown_rooms,
)
from tierslieu.venues.schemas import (
    AccessibilityAnswer,
    ModeAnswer,
    PhotoAnswer,
    PositionAnswer,
    RoomAnswer,
    RoomList,
    RoomsQuery,
    VenueAnswer,
    VenueList,
    VenuesQuery,
)
from tierslieu.web.api import answer, blueprint, operation, read_query
from tierslieu.web.requests import PUBLIC, allow, current_site, reading

bp = blueprint("venues_api", __name__)


@bp.get("/venues")
@allow(PUBLIC)
@operation(answer=VenueList, query=VenuesQuery)
def list_venues() -> Response:
    """The venues of the network, by slug."""
    asked = read_query(VenuesQuery)
    with reading() as work:
        every = sorted(venues(work.session), key=lambda venue: venue.slug)
        rest = [venue for venue in every if venue.slug > (asked.cursor or "")]
        shown = rest[: asked.limit]
        items = _venues(work, shown)
    more = shown[-1].slug if len(rest) > len(shown) else None
    return answer(VenueList(items=items, next=more))


@bp.get("/venues/<slug>")
@allow(PUBLIC)
@operation(answer=VenueAnswer, errors=(404,), etag=True)
def get_venue(slug: str) -> Response:
    """One venue, with whether it is open now."""
    with reading() as work:
        venue = venue_by_slug(work.session, slug)
        item = _venues(work, [venue])[0]
    mode = "" if item.mode.mode == "open" else f"-{item.mode.mode}-{item.mode.until}"
    return answer(item, etag=f"{venue.version}{mode}")


@bp.get("/rooms")
@allow(PUBLIC)
@operation(answer=RoomList, query=RoomsQuery, errors=(404,))
def list_rooms() -> Response:
    """The rooms in use of the network or of one venue, by id."""
    asked = read_query(RoomsQuery)
    with reading() as work:
        only = [venue_by_slug(work.session, asked.venue).id] if asked.venue else None
        found = shown_rooms(work.session, only, after=asked.cursor or "", limit=asked.limit + 1)
        shown = found[: asked.limit]
        items = _rooms(work, shown)
    more = shown[-1][0].public_id if len(found) > len(shown) else None
    return answer(RoomList(items=items, next=more))


@bp.get("/rooms/<room_id>")
@allow(PUBLIC)
@operation(answer=RoomAnswer, errors=(404,), etag=True)
def get_room(room_id: str) -> Response:
    """One room, by its id or by `<venue>.<room>`."""
    with reading() as work:
        room = room_by_public_id(work.session, room_id)
        item = _rooms(work, [(room, work.session.get_one(Venue, room.venue_id))])[0]
    return answer(item, etag=str(room.version))


def _venues(work: Work, shown: Sequence[Venue]) -> list[VenueAnswer]:
    labels = kinds(work.session)
    return [_venue(item, labels) for item in listed(work.session, shown, work.now)]


def _venue(item: Listed, labels: dict[str, Texts]) -> VenueAnswer:
    row = item.venue
    changes = iso(item.changes_at) if item.changes_at else None
    return VenueAnswer(
        id=row.slug,
        slug=row.slug,
        name=row.name,
        kind=row.kind,
        kind_label=in_words(labels.get(row.kind)),
        lede=in_words(row.lede),
        street=row.street,
        area=row.area,
        town=row.town,
        position=_position(row),
        timezone=row.zone,
        phone=row.phone,
        email=row.email,
        website=row.website,
        affiliation=row.affiliation,
        closed_on_holidays=row.closed_on_holidays,
        open_now=item.open,
        open_until=changes if item.open else None,
        opens_at=None if item.open else changes,
        mode=_mode(item.mode),
        url=_outside(url_for("venues.venue", slug=row.slug)),
    )


def _mode(mode: Mode | None) -> ModeAnswer:
    if mode is None or mode.kind == "open":
        return ModeAnswer(mode="open", until=None, reason="")
    until = mode.last.isoformat() if mode.last else None
    return ModeAnswer(mode=mode.kind, until=until, reason=in_words(mode.reason))


def _position(row: Venue) -> PositionAnswer | None:
    if row.latitude is None or row.longitude is None:
        return None
    return PositionAnswer(latitude=row.latitude, longitude=row.longitude, accuracy=row.position)


def _rooms(work: Work, shown: Sequence[tuple[Room, Venue]]) -> list[RoomAnswer]:
    ids = [room.id for room, _ in shown]
    photos = photos_by_room(work.session, ids)
    parts = parts_by_whole(work.session, ids)
    modes = modes_by_venue(work.session, {venue.id for _, venue in shown}, work.now.date())
    return [
        _room(
            room,
            venue,
            photos.get(room.id, []),
            parts.get(room.id, []),
            _takes(room, modes[venue.id], local_date(work.now, ZoneInfo(venue.zone))),
        )
        for room, venue in shown
    ]


def _takes(room: Room, modes: tuple[Mode, ...], today: date) -> int | None:
    """How many people a room takes today; none where the venue is closed by its mode."""
    mode = mode_on(modes, today)
    if mode is not None and mode.kind == "closed":
        return 0
    return least(room.capacity, limits_of(modes, room).on(today))


def _room(
    room: Room, venue: Venue, photos: list[Photo], parts: list[str], takes: int | None
) -> RoomAnswer:
    return RoomAnswer(
        id=room.public_id,
        slug=f"{venue.slug}.{room.slug}",
        name=room.name,
        venue=venue.slug,
        kind=room.kind,
        description=in_words(room.description),
        capacity=room.capacity,
        capacity_now=takes,
        layouts={key: int(seats) for key, seats in room.layouts.items()},
        area_m2=room.area_m2,
        features=[str(feature) for feature in room.features],
        accessibility=_accessibility(room),
        timezone=venue.zone,
        photos=[_photo(photo) for photo in photos],
        parts=parts,
        retired=room.retired_at is not None,
        url=_outside(url_for("venues.room", public_id=room.public_id)),
    )


def _accessibility(room: Room) -> AccessibilityAnswer:
    return AccessibilityAnswer(
        step_free=room.step_free,
        accessible_toilet=room.accessible_toilet,
        hearing_loop=room.hearing_loop,
        lift=room.lift,
        door_cm=room.door_cm,
        step_cm=room.step_cm,
        parking_m=room.parking_m,
        note=in_words(room.access_note),
    )


def _photo(photo: Photo) -> PhotoAnswer:
    return PhotoAnswer(
        url=_outside(address(photo, 1600, "jpg")),
        alt=in_words(photo.alt),
        width=photo.width,
        height=photo.height,
    )


def _outside(path: str) -> str:
    return current_site().config.base_url.rstrip("/") + path
