"""What is in the way of wishes for a room, by its places or parts, and how that is said."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tierslieu.bookings.cases.queries import RoomCase
from tierslieu.bookings.places import rules as places
from tierslieu.bookings.places.queries import busy_places, members, parts_named
from tierslieu.bookings.places.rules import Place
from tierslieu.bookings.rules import Ask, EffectivePolicy
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import LocalSpan, Span, merged
from tierslieu.kernel.work import Work
from tierslieu.resources.queries import busy_spans

#: How far around a refused wish other times are looked for.
AROUND = timedelta(days=11)


@dataclass(frozen=True)
class Way:
    """Occupied time around some wishes, in order; of places or parts also by name."""

    spans: Sequence[Span]
    units: Mapping[int, Sequence[Span]] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)

    def said(
        self, reasons: Sequence[Reason], case: RoomCase, policy: EffectivePolicy, ask: Ask
    ) -> tuple[Reason, ...]:
        """The reasons, with what is taken said by places or parts where the room has some."""
        if not self.units:
            return tuple(reasons)
        found: list[Reason] = []
        for reason in reasons:
            if reason.code == "taken":
                found += self._taken(reason, case, policy, ask)
            else:
                found.append(reason)
        return tuple(found)

    def _taken(
        self, reason: Reason, case: RoomCase, policy: EffectivePolicy, ask: Ask
    ) -> list[Reason]:
        wide = ask.span.widened(policy.before, policy.after)
        if case.places is not None:
            free = len(places.free_places(self.units, wide))
            when = LocalSpan(ask.span, case.zone)
            count = case.places.count
            return [places.taken_reason(free, count, when, reason.nearest, ask.place)]
        taken = {
            unit: [span for span in spans if span.overlaps(wide)]
            for unit, spans in self.units.items()
        }
        hit = {unit: spans for unit, spans in taken.items() if spans}
        if len(hit) == len(taken):
            return [reason]
        return [
            Reason(
                "taken",
                msg(
                    "“%(part)s” is taken %(when)s.",
                    part=self.names.get(unit, case.name),
                    when=tuple(LocalSpan(span, case.zone) for span in merged(spans)[:5]),
                ),
                "starts_at",
                reason.nearest if n == 0 else (),
                "conflict",
            )
            for n, (unit, spans) in enumerate(hit.items())
        ]


def way_of(
    work: Work,
    case: RoomCase,
    asks: Sequence[Ask],
    policy: EffectivePolicy,
    moving: Collection[int] = (),
) -> Way:
    """What is occupied around all these wishes for a room, without what ``moving`` hold."""
    first, last = min(a.span.starts_at for a in asks), max(a.span.ends_at for a in asks)
    around = Span(first, last).widened(AROUND, AROUND)
    if case.places is not None:
        return _of_places(work, case, asks, policy, around, moving)
    if case.divided:
        names = parts_named(work.session, case.id)
        busy = _without(busy_spans(work.session, [case.id, *names], around, work.now), moving)
        return Way(busy.pop(case.id), busy, names)
    return Way(_without(busy_spans(work.session, [case.id], around, work.now), moving)[case.id])


def _without(
    found: Mapping[int, Sequence[object]], moving: Collection[int]
) -> dict[int, list[Span]]:
    own = set(moving)
    return {
        unit: [item.span for item in items if item.claim_id not in own]  # type: ignore[attr-defined]
        for unit, items in found.items()
    }


def _of_places(
    work: Work,
    case: RoomCase,
    asks: Sequence[Ask],
    policy: EffectivePolicy,
    around: Span,
    moving: Collection[int],
) -> Way:
    pool_id = case.places.pool_id if case.places else 0
    known = members(work.session, [pool_id])[pool_id]
    busy = busy_places(work.session, known, around, work.now, ignoring=moving)
    return place_way(known, busy, asks, policy)


def place_way(
    known: Sequence[Place],
    busy: Mapping[int, Sequence[Span]],
    asks: Sequence[Ask],
    policy: EffectivePolicy,
) -> Way:
    """What is in the way of wishes for places, from what is occupied of each."""
    return Way(_spans(busy, known, asks, policy), busy, {one.id: one.name for one in known})


def _spans(
    busy: Mapping[int, Sequence[Span]],
    known: Sequence[Place],
    asks: Sequence[Ask],
    policy: EffectivePolicy,
) -> list[Span]:
    """When the wishes (all alike) cannot be had: too few places are free, or the named one."""
    ask = asks[0]
    if ask.place:
        named = [one.id for one in known if one.name == ask.place]
        return sorted(span for one in named for span in busy[one])
    wanted = ask.places or len(known)
    found = places.crowded(busy, wanted)
    for each in asks:
        wide = each.span.widened(policy.before, policy.after)
        short = len(places.free_places(busy, wide)) < wanted
        if short and not any(span.overlaps(wide) for span in found):
            # Some are free at each moment, but too few for the whole of it.
            found.append(each.span)
    return sorted(found)
