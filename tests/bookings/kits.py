"""What the stories of places and things begin with: desks, a hall in two parts, a projector."""

from __future__ import annotations

from typing import Any

from tierslieu.bookings.accessories.rules import RoomSaid, ThingSaid
from tierslieu.bookings.accessories.services import put_accessory, put_room_rule
from tierslieu.bookings.places.rules import PlacesSaid, numbered
from tierslieu.bookings.places.services import put_places
from tierslieu.kernel.texts import Texts
from tierslieu.testing import a_room
from tierslieu.venues.models import Venue
from tierslieu.venues.rooms.services import set_parts


def desks(house: Any, count: int = 3, hour_cents: int = 200, **rules: Any) -> str:
    """A room with so many desks at two euros an hour; gives its public id."""
    with house.writing("manager") as work:
        venue = work.session.get_one(Venue, house.venue)
        room = a_room(work, venue, "desks", kind="desk", capacity=count, rules=rules)
        names = numbered("Desk", count, ())
        put_places(work, room.id, PlacesSaid(new=names, hour_cents=hour_cents))
        house.rooms["desks"], house.ids["desks"] = room.public_id, room.id
        return str(room.public_id)


def hall(house: Any, **rules: Any) -> None:
    """A hall that consists of two rooms, at ten and six euros an hour."""
    from tierslieu.bookings.models import Tariff

    with house.writing("manager") as work:
        venue = work.session.get_one(Venue, house.venue)
        for name in ("left", "right", "hall"):
            room = a_room(work, venue, name, capacity=40, rules=rules)
            house.rooms[name], house.ids[name] = room.public_id, room.id
        set_parts(work, house.ids["hall"], [house.ids["left"], house.ids["right"]])
        for name, cents in (("left", 1000), ("right", 600)):
            work.session.add(Tariff(room_id=house.ids[name], hour_cents=cents))


def things(house: Any) -> tuple[str, str]:
    """One projector at five euros a use, and thirty chairs of which ten come with the sala."""
    with house.writing("manager") as work:
        said = ThingSaid(Texts(en="Projector"), numbered=True, quantity=1, price_cents=500)
        projector = put_accessory(work, house.venue, said)
        said = ThingSaid(Texts(en="Chairs"), numbered=False, quantity=30, price_cents=10,
                         price_per="hour")  # fmt: skip
        chairs = put_accessory(work, house.venue, said)
        put_room_rule(work, chairs, RoomSaid(house.ids["sala"], included=10, most=25))
        return projector.public_id, chairs.public_id
