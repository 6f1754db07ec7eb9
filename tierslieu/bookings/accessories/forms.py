"""What a room offers beside its time, as fields of the forms in which it is booked or changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from wtforms import SelectField
from wtforms.validators import ValidationError

from tierslieu.bookings.accessories.queries import Uses, things_of_room
from tierslieu.bookings.accessories.rules import MOST, Thing
from tierslieu.bookings.places.models import PlacePool
from tierslieu.bookings.places.queries import busy_places, members
from tierslieu.bookings.places.rules import Place, free_places
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.money import Money
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.queries import network
from tierslieu.web.forms import Form, Lazy, OptionalInteger, lazy
from tierslieu.web.requests import current_locale

F = TypeVar("F", bound=Form)

#: So many places are counted up in a choice.
SHOWN = 40


@dataclass(frozen=True)
class Offer:
    """The places of a room in the order of their ranks, and the things that may go with it."""

    places: tuple[Place, ...] = ()
    things: tuple[Thing, ...] = ()
    currency: str = "EUR"
    locale: str = "it"

    def __bool__(self) -> bool:
        return bool(self.places or self.things)


@dataclass(frozen=True)
class Free:
    """How much of an offer is free at a time."""

    places: int | None
    of: int
    things: tuple[tuple[Thing, int], ...]


@dataclass(frozen=True)
class Wanted:
    """What a form asks for of an offer."""

    places: int | None = None
    place: str = ""
    things: tuple[tuple[str, int], ...] = ()

    @property
    def values(self) -> dict[str, Any]:
        """As the verbs of booking take it."""
        return {"places": self.places, "place": self.place, "things": self.things}


def offered(work: Work, room: str) -> Offer:
    """What a room offers, by its public id or slugs; nothing for a room that is not there."""
    question = sa.select(Room.id, PlacePool.pool_id).outerjoin(
        PlacePool, PlacePool.room_id == Room.id
    )
    if "." in room:
        venue, _, slug = room.partition(".")
        question = question.join(Venue, Venue.id == Room.venue_id)
        question = question.where(Venue.slug == venue, Room.slug == slug)
    else:
        question = question.where(Room.public_id == room)
    row = work.session.execute(question).first()
    if row is None:
        return Offer()
    places = members(work.session, [row.pool_id])[row.pool_id] if row.pool_id else []
    things = [t for t in things_of_room(work.session, row.id) if t.offered and t.limit]
    here = network(work.session)
    return Offer(tuple(places), tuple(things), here.currency, here.locale)


def free_at(work: Work, offer: Offer, span: Span, ignoring: int | None = None) -> Free | None:
    """How much of an offer is free for a whole span; None where nothing is offered."""
    if not offer:
        return None
    own = () if ignoring is None else (ignoring,)
    busy = busy_places(work.session, offer.places, span, work.now, ignoring=own)
    uses = Uses(work.session, offer.things, span, work.now, own)
    return Free(
        len(free_places(busy, span)) if offer.places else None,
        len(offer.places),
        tuple((thing, uses.free(thing, span)) for thing in offer.things),
    )


def with_kit(kind: type[F], offer: Offer) -> type[F]:
    """The form with a field for every thing, and for places where the room has some."""
    fields: dict[str, Any] = {}
    if offer.places:
        fields["places"] = SelectField(lazy("How many places"), default="1", choices=_counts(offer))
        fields["place"] = SelectField(lazy("Which one"), default="", choices=_named(offer))
    for thing in offer.things:
        fields[thing.field] = _Number(
            Lazy(msg("%(thing)s", thing=thing.name)), description=Lazy(about(thing, offer))
        )
    of_forms: Any = type(kind)
    made: type[F] = of_forms(kind.__name__, (kind,), fields)
    return made


class _Number(OptionalInteger):
    """How many; empty or 0: none."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(say(msg("Write a number."), current_locale())) from error

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and not 0 <= self.data <= MOST:
            text = msg("Write a number from %(least)s to %(most)s.", least=0, most=MOST)
            raise ValidationError(say(text, current_locale()))


def about(thing: Thing, offer: Offer) -> Message:
    """How many there are, how many are included, and what more cost."""
    said: list[Message] = [nmsg("%(n)s at most", "%(n)s at most", thing.limit)]
    if thing.included:
        said.append(nmsg("%(n)s included", "%(n)s included", thing.included))
    price = Money(thing.price_cents, offer.currency)
    if price and thing.price_per == "hour":
        said.append(msg("%(price)s each an hour", price=price))
    elif price:
        said.append(msg("%(price)s each", price=price))
    else:
        said.append(msg("free of charge"))
    return msg("%(list)s", list=tuple(said))


def _counts(offer: Offer) -> list[tuple[str, str]]:
    locale = current_locale()
    counted = [
        (str(n), say(nmsg("%(n)s place", "%(n)s places", n), locale))
        for n in range(1, min(len(offer.places), SHOWN) + 1)
    ]
    return [*counted, ("0", say(msg("The whole room"), locale))]


def _named(offer: Offer) -> list[tuple[str, str]]:
    named = [(place.name, place.name) for place in offer.places]
    return [("", say(msg("whichever is free"), current_locale())), *named]


def wanted_of(form: Form) -> Wanted:
    """What a form made by `with_kit` asks for."""
    fields = form._fields
    places, place = None, ""
    if "places" in fields:
        written = str(fields["places"].data or "1")
        places = int(written) if written.isascii() and written.isdigit() else 1
        place = str(fields["place"].data or "") if places == 1 else ""
    things = tuple(
        (name.removeprefix("thing-"), int(field.data))
        for name, field in fields.items()
        if name.startswith("thing-") and field.data
    )
    return Wanted(places or None, place, things)


def kept(form: Form) -> dict[str, str]:
    """What was written of it, to be kept while one signs in."""
    found = {}
    for name, field in form._fields.items():
        if name in ("places", "place") or name.startswith("thing-"):
            raw = field.raw_data
            if raw and raw[0]:
                found[name] = str(raw[0])
    return found


def as_fields(
    places: int | None, names: list[str], things: Mapping[str, int] | dict[str, int]
) -> dict[str, str]:
    """What a booking has, as fields of such a form."""
    found = {f"thing-{public_id}": str(n) for public_id, n in things.items()}
    found["places"] = str(places or 0)
    if places == 1 and names:
        found["place"] = names[0]
    return found


def named(thing: Thing | Texts) -> Message:
    """A thing's name, in the reader's language."""
    return msg("%(thing)s", thing=thing.name if isinstance(thing, Thing) else thing)
