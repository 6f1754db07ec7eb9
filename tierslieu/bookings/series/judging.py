"""What becomes of each date: judged together, by the rules of a single booking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tierslieu.bookings.accessories.queries import Wishes
from tierslieu.bookings.availability.kits import short_of
from tierslieu.bookings.availability.queries import Verdict, judge_all, with_taken_all
from tierslieu.bookings.buffers.services import Buffered, occupied_all
from tierslieu.bookings.cases.queries import Party, RoomCase
from tierslieu.bookings.places.services import choose_for_dates
from tierslieu.bookings.rules import Ask, Door
from tierslieu.bookings.rules.doors import taken_reason
from tierslieu.bookings.series.rules import Date, Fate
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.resources.locks.services import lock_leaves
from tierslieu.resources.queries import colliding, collisions
from tierslieu.resources.rules import Collision, PoolTaking, Taking, rows_of

#: So many nearest times are looked for, for each date that cannot be had.
CHOICES = 2


@dataclass(frozen=True)
class Judged:
    """The fates of dates in one room, with what is needed to make them."""

    case: RoomCase
    party: Party
    fates: tuple[Fate, ...]
    verdicts: tuple[Verdict, ...]
    #: What the free ones take, by their place; what the party's own neighbours keep.
    takings: Mapping[int, Taking]
    neighbours: tuple[Taking, ...] = ()

    @property
    def free(self) -> list[int]:
        """The places of the dates that can be had."""
        return [n for n, fate in enumerate(self.fates) if fate.free]


def judged(
    work: Work,
    door: Door,
    case: RoomCase,
    party: Party,
    dates: Sequence[Date],
    like: Ask,
    *,
    purpose: str = "",
    moving: Sequence[int] = (),
    froms: Sequence[Span] = (),
    beside: Sequence[int] = (),
    things: Sequence[Wishes] = (),
    kept: Sequence[Wishes] = (),
) -> Judged:
    """Judge many dates in one room. ``like``: a wish for any of them; ``moving``: their claims.

    ``beside``: bookings whose places are had before others, where places are wished. ``things``:
    what goes with each date, where that is not ``like``'s; ``kept``: what was granted before, and
    is only asked whether it is there.

    Under the locks of the room's leaves and things the answer stays true until the work ends.
    """
    things = things or [like.things] * len(dates)
    asks = [
        replace(like, span=date.span, things=wish) for date, wish in zip(dates, things, strict=True)
    ]
    if froms:
        asks = [replace(a, moving_from=left) for a, left in zip(asks, froms, strict=True)]
    verdicts = judge_all(
        work, door, case, party, asks, moving=moving, purpose=purpose, choices=CHOICES
    )
    keys = list(moving) or [-1 - n for n in range(len(dates))]
    spans = {keys[n]: dates[n].span for n, verdict in enumerate(verdicts) if not verdict.reasons}
    takings: list[Taking]
    neighbours: list[Taking] = []
    in_the_way: dict[int, list[Span]]
    if like.places and case.places is not None:
        takings = _placed(work, case, verdicts, like, spans, moving, beside)
        had = {taking.claim_id for taking in takings}
        in_the_way = {key: [span] for key, span in spans.items() if key not in had}
    else:
        takings, neighbours = _taken_by(work, case, party, verdicts, spans)
        in_the_way = _in_the_way(work, [*takings, *neighbours])
    by_key = {taking.claim_id: taking for taking in takings}
    conflicts = [n for n, key in enumerate(keys) if key in in_the_way]
    offers = with_taken_all(
        work, [verdicts[n] for n in conflicts], door, [asks[n] for n in conflicts], moving, CHOICES
    )
    reasons = {n: verdict.reasons for n, verdict in enumerate(verdicts)}
    for n, again in zip(conflicts, offers, strict=True):
        reasons[n] = (_taken(in_the_way[keys[n]], again),)
    if any(kept or things):
        wishes = [(date.span, wish) for date, wish in zip(dates, kept or things, strict=True)]
        for n, lacking in enumerate(short_of(work, case, wishes, moving)):
            reasons[n] = (*reasons[n], *lacking)
    fates = tuple(Fate(date, reasons[n]) for n, date in enumerate(dates))
    free = {n: by_key[keys[n]] for n, fate in enumerate(fates) if fate.free}
    return Judged(case, party, fates, tuple(verdicts), free, tuple(neighbours))


def _placed(
    work: Work,
    case: RoomCase,
    verdicts: Sequence[Verdict],
    like: Ask,
    spans: Mapping[int, Span],
    moving: Sequence[int],
    beside: Sequence[int],
) -> list[Taking]:
    """The places of each date, the same ones where it can be; those with too few are missing."""
    if not spans or case.places is None:
        return []
    policy = verdicts[0].policy
    wide = {key: span.widened(policy.before, policy.after) for key, span in spans.items()}
    wants = [PoolTaking(key, like.places or 1, span) for key, span in wide.items()]
    found = choose_for_dates(
        work, case.places.pool_id, wants, like.place, moving=moving, like=beside
    )
    return [Taking(key, leaves, wide[key]) for key, leaves in found.items()]


def _taken_by(
    work: Work,
    case: RoomCase,
    party: Party,
    verdicts: Sequence[Verdict],
    spans: Mapping[int, Span],
) -> tuple[list[Taking], list[Taking]]:
    if not spans:
        return [], []
    policy = verdicts[0].policy
    like = Buffered(
        case.id, policy.before_minutes, policy.after_minutes, party.person_id, party.organisation_id
    )
    return occupied_all(work, like, spans)


def _in_the_way(work: Work, takings: Sequence[Taking]) -> dict[int, list[Span]]:
    """By claim, what others hold of its time."""
    found: dict[int, list[Span]] = {}
    for hit in _hits(work, takings) if takings else ():
        found.setdefault(hit.claim_id, []).append(hit.span)
    return found


def _hits(work: Work, takings: Sequence[Taking]) -> list[Collision]:
    if not work.is_writing:
        return collisions(work.session, takings, work.now)
    # Whoever writes has locked the leaves by then, and knows them.
    leaves = lock_leaves(work, {one for taking in takings for one in taking.resource_ids})
    own = {taking.claim_id for taking in takings if taking.claim_id > 0}
    return colliding(work.session, rows_of(takings, leaves), work.now, ignoring=own)


def _taken(spans: Sequence[Span], again: Verdict) -> Reason:
    """The conflict, with times that are free."""
    said = next((r for r in again.reasons if r.code == "taken"), None)
    if said is not None and again.case.places is not None and again.kit.places:
        return said
    nearest = said.nearest if said is not None else ()
    return taken_reason(spans, again.case.zone, nearest)
