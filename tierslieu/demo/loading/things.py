"""What goes with rooms in the demo: projectors, chairs and tables of some venues."""

from __future__ import annotations

from tierslieu.bookings.accessories.models import Accessory
from tierslieu.bookings.accessories.rules import RoomSaid, ThingSaid
from tierslieu.bookings.accessories.services import put_accessory, put_room_rule
from tierslieu.demo.content import read
from tierslieu.demo.loading.tables import Known
from tierslieu.demo.records import LANGUAGES, DemoVenue
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work


def write_things(work: Work, venue: DemoVenue, known: Known) -> None:
    """The things of a venue, and what its rooms say of them."""
    for found in read("things.toml").get(venue.slug, ()):
        said = ThingSaid(
            name=Texts({language: found[language] for language in LANGUAGES}),
            numbered=bool(found.get("numbered")),
            quantity=found["quantity"],
            out_of_use=found.get("out_of_use", 0),
            price_cents=found.get("price", 0),
            price_per=found.get("per", "use"),
        )
        row = put_accessory(work, known.venues[venue.slug], said)
        for slug, included in found.get("included", {}).items():
            _include(work, row, known.resources[venue.slug, slug], included)


def _include(work: Work, row: Accessory, room_id: int, included: int) -> None:
    put_room_rule(work, row, RoomSaid(room_id, included=included))
