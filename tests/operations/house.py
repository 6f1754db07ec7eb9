"""One venue with a divisible hall, three people and what they booked: rows to plant faults in."""

from __future__ import annotations

from datetime import datetime, timedelta

from tierslieu.bookings.models import Booking
from tierslieu.kernel import clock
from tierslieu.kernel.site import Site
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person
from tierslieu.resources.models import Claim, Occupancy, Resource, ResourceLeaf, ResourcePart
from tierslieu.venues.models import Photo, Room, Venue, VenueKind

#: Resources: the whole hall and its two halves.
HALL, LEFT, RIGHT = 1, 2, 3


def build(site: Site, bookings: int = 3) -> None:
    """Write the house; booking n is in n days from 10 to 11, in the hall's left half."""
    with site.writing() as work:
        session = work.session
        session.add(VenueKind(key="hall", label=Texts({"en": "Hall", "it": "Sàla “x”"})))
        session.flush()
        session.add(Venue(id=1, slug="a", name="A\u00e8 😀", kind="hall", latitude=44.5))
        session.flush()
        for number, name in ((HALL, "Hall"), (LEFT, "Left"), (RIGHT, "Right")):
            session.add(Resource(id=number, venue_id=1, kind="room", name=name))
            session.flush()
            session.add(Room(id=number, venue_id=1, slug=name.lower(), name=name, step_free=True))
        for part in (LEFT, RIGHT):
            session.add(ResourcePart(whole_id=HALL, part_id=part))
            session.add(ResourceLeaf(resource_id=HALL, leaf_id=part))
            session.add(ResourceLeaf(resource_id=part, leaf_id=part))
        session.add(
            Photo(
                id=1,
                public_id="photo1",
                venue_id=1,
                alt=Texts(),
                width=1,
                height=1,
                created_at=work.now,
            )
        )
        for number in (1, 2, 3):
            person(work, number)
        session.flush()
        for number in range(1, bookings + 1):
            book(work, number, work.now + timedelta(days=number))
        work.audit("venue.opened", "venue:a", venue=1, what=["x", 1, None])
        photo = site.uploads / "photos" / "photo1-320.webp"
        photo.parent.mkdir(parents=True, exist_ok=True)
        photo.write_bytes(b"\x00\xffpicture")


def person(work: Work, number: int) -> None:
    work.session.add(
        Person(
            id=number,
            public_id=f"person{number:010d}",
            name=f"Person {number}",
            email=f"p{number}@example.org",
            created_at=work.now,
        )
    )


def book(work: Work, number: int, at: datetime, *, state: str = "confirmed") -> None:
    """One booking of an hour with its claim and occupancy, past every rule."""
    ends = at + timedelta(hours=1)
    work.session.add(
        Claim(id=number, venue_id=1, resource_id=LEFT, kind="booking", starts_at=at, ends_at=ends)
    )
    work.session.flush()
    work.session.add(
        Booking(
            id=number,
            room_id=LEFT,
            state=state,
            booked_for_id=1 + number % 3,
            uid=f"uid-{number}",
            original_starts_at=at,
            local_start=f"{at:%Y-%m-%dT%H:%M}",
            zone="UTC",
            created_at=work.now,
            changed_at=work.now,
        )
    )
    work.session.add(Occupancy(resource_id=LEFT, claim_id=number, starts_at=at, ends_at=ends))
    work.session.flush()


def tomorrow() -> datetime:
    return clock.now() + timedelta(days=1)
