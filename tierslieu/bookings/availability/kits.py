"""What is wished beside the time of a room: its places, and things that go with it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tierslieu.bookings.accessories import rules as things
from tierslieu.bookings.accessories.queries import Uses, Wishes, things_of_room
from tierslieu.bookings.accessories.rules import Thing
from tierslieu.bookings.cases.queries import RoomCase
from tierslieu.bookings.places import rules as places
from tierslieu.bookings.places.queries import members
from tierslieu.bookings.rules import Ask, Price, TariffFacts, price, with_lines
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.span import LocalSpan, Span
from tierslieu.kernel.work import Work


@dataclass(frozen=True)
class Kit:
    """So many places (None: the whole room) and these things, as they may be had."""

    places: int | None = None
    things: tuple[tuple[Thing, int], ...] = ()
    #: The place that was named, as a row id.
    place_id: int | None = None
    #: How many places are free meanwhile, where that was asked.
    free: int | None = None

    def price(self, span: Span, case: RoomCase, currency: str, *, member: bool) -> Price:
        """What room or places and things cost together."""
        tariff, quantity = case.tariff, 1
        if self.places and case.places is not None:
            facts = case.places
            tariff = TariffFacts(facts.hour_cents, facts.member_hour_cents, "place_")
            quantity = self.places
        cost = price(span, tariff, member=member, currency=currency, quantity=quantity)
        if not self.things:
            return cost
        lines = [things.line(thing, n, span, currency) for thing, n in self.things]
        return with_lines(cost, [line for line in lines if line is not None])


NO_KIT = Kit()


def kits_of(
    work: Work,
    case: RoomCase,
    asks: Sequence[Ask],
    moving: Collection[int] = (),
    *,
    taken: bool = False,
) -> list[tuple[Kit, list[Reason]]]:
    """What each wish may have, and why not; all ask for the same places.

    ``taken``: say also of what too few are free.
    """
    ask = asks[0]
    found = []
    if ask.place and case.places is not None:
        found = members(work.session, [case.places.pool_id])[case.places.pool_id]
    names = {place.name: place.id for place in found}
    reasons = places.wish_reasons(case.places, ask.places, ask.place, list(names))
    offered = things_of_room(work.session, case.id) if any(each.things for each in asks) else []
    known = {wish: things.wish_reasons(offered, wish) for wish in {each.things for each in asks}}
    kits = []
    for each in asks:
        wanted, refused = known[each.things]
        kits.append((Kit(ask.places, tuple(wanted), names.get(ask.place)), [*reasons, *refused]))
    if not (taken and offered):
        return kits
    lacking = short_of(work, case, [(each.span, each.things) for each in asks], moving)
    return [(kit, [*said, *more]) for (kit, said), more in zip(kits, lacking, strict=True)]


def short_of(
    work: Work,
    case: RoomCase,
    wishes: Sequence[tuple[Span, Wishes]],
    moving: Collection[int] = (),
) -> list[list[Reason]]:
    """Of what too few are free for each wish; ``moving``: claims that it replaces."""
    named = {key for _, wish in wishes for key, _ in wish}
    offered = [one for one in things_of_room(work.session, case.id) if one.public_id in named]
    around = Span(min(s.starts_at for s, _ in wishes), max(s.ends_at for s, _ in wishes))
    uses = Uses(work.session, offered, around, work.now, moving)
    found = []
    for span, wish in wishes:
        counts, when = dict(wish), LocalSpan(span, case.zone)
        wanted = [(one, counts[one.public_id]) for one in offered if one.public_id in counts]
        found.append(
            [
                things.short(thing, free, n, when)
                for thing, n in wanted
                if (free := uses.free(thing, span)) < min(n, thing.limit)
            ]
        )
    return found
