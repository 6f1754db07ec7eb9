"""What is refused at which door.

Rules come in four groups. *Always*: the room takes bookings and is free. *Closure*. *House*:
hours, length, step, capacity. *Personal*: who may book, notice, horizon, quota, membership, as
judged for the applicant at the moment of asking. Each door refuses, warns about, or passes over
a group; the table below is the whole of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from tierslieu.bookings.rules.capacity import capacity_reasons, closed_by
from tierslieu.bookings.rules.demands import ALL_MET, Unmet, unmet_reasons
from tierslieu.bookings.rules.nearest import end_ok, nearest_slots, slot_choices, start_ok
from tierslieu.bookings.rules.policy import EffectivePolicy, PolicyRow, audiences_of
from tierslieu.bookings.rules.standing import open_reasons
from tierslieu.bookings.rules.uses import Purposes, days_of, people_reasons, use_reasons
from tierslieu.bookings.rules.windows import too_far
from tierslieu.kernel.errors import Choice, Reason
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.span import LocalSpan, Span, local_date
from tierslieu.kernel.texts import Texts
from tierslieu.venues.modes.rules import Limits
from tierslieu.venues.rules import OpeningFacts, day_hours, open_spans, spans_of_days, why_shut

Door = Literal["book", "move", "approve", "accept", "import"]
Group = Literal["always", "closure", "house", "personal"]
Weight = Literal["refuse", "warn", "pass"]

DOORS: Final[Mapping[Door, Mapping[Group, Weight]]] = {
    "book": {"always": "refuse", "closure": "refuse", "house": "refuse", "personal": "refuse"},
    "move": {"always": "refuse", "closure": "refuse", "house": "refuse", "personal": "refuse"},
    "approve": {"always": "refuse", "closure": "warn", "house": "warn", "personal": "pass"},
    "accept": {"always": "refuse", "closure": "refuse", "house": "warn", "personal": "pass"},
    "import": {"always": "refuse", "closure": "refuse", "house": "refuse", "personal": "refuse"},
}

HARD_LONGEST: Final = timedelta(days=31)
"""No booking is longer, whatever a policy says: longer things are series or closures."""

#: Days before and after in which other times are looked for: near first, then farther.
_LOOK_AROUND: Final = ((1, 1), (4, 10))

#: Reasons that another time would do away with.
_ABOUT_TIME: Final = frozenset(
    {
        "past", "too_soon", "too_far", "closure", "closed", "outside_hours", "off_step",
        "too_short", "too_long", "taken", "wrong_day", "weekend_only",
    }
)  # fmt: skip


@dataclass(frozen=True)
class RoomFacts:
    """What the rules need to know of a room.

    ``purposes``: the uses known there; ``policies``: all that is said, to say whom it suits.
    """

    zone: ZoneInfo
    opening: OpeningFacts
    capacity: int | None = None
    bookable: bool = True
    limits: Limits | None = None
    purposes: Purposes = field(default_factory=dict)
    policies: tuple[PolicyRow, ...] = ()


@dataclass(frozen=True)
class Applicant:
    """For whom it is booked, at the moment of asking.

    ``member``: her card counts here today; ``member_then``: on the booking's date.
    ``open_bookings``: hers (or her organisation's) not yet over, without the one in question;
    ``open_requests`` those of them that wait. ``resident``: she lives by; ``unmet``: she lacks it.
    """

    signed_in: bool = True
    member: bool = False
    member_then: bool = False
    manages: bool = False
    open_bookings: int = 0
    open_requests: int = 0
    resident: bool = False
    unmet: Unmet = ALL_MET

    def audiences(self, *, organisation: bool) -> frozenset[str]:
        """The audiences of house rules that fit."""
        return audiences_of(
            member=self.member,
            for_organisation=organisation,
            manages=self.manages,
            resident=self.resident and not organisation,
        )


@dataclass(frozen=True)
class Ask:
    """What is asked: a span, for how many; when moving, the span it leaves.

    ``by_clerk``: asked at the desk on her behalf, so she needs no account. ``override``: a
    clerk's tick that passes every rule but those of group *always*. ``purpose``: what the room is
    for, None = not asked yet; ``declared``: alcohol, open fire and the like; ``accepts``: terms.
    """

    span: Span
    attendance: int | None = None
    moving_from: Span | None = None
    by_clerk: bool = False
    override: bool = False
    #: So many places of a room booked by place (None: the whole room), or one by its name.
    places: int | None = None
    place: str = ""
    #: (public id of a thing, how many) of what shall go with it.
    things: tuple[tuple[str, int], ...] = ()
    purpose: str | None = None
    declared: tuple[str, ...] = ()
    accepts: frozenset[str] = frozenset()
    sponsored: bool = False


@dataclass(frozen=True)
class Judgement:
    """Reasons that refuse, and those that only warn (or were overridden)."""

    refused: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether nothing refuses."""
        return not self.refused

    def codes(self) -> list[str]:
        """The codes that refuse, in order."""
        return [reason.code for reason in self.refused]


def check(
    door: Door,
    ask: Ask,
    room: RoomFacts,
    policy: EffectivePolicy,
    applicant: Applicant,
    now: datetime,
    busy: Sequence[Span] = (),
    choices: int = 3,
) -> Judgement:
    """Judge one wish at one door. Asks no database: `busy` is the occupied time known around.

    Every reason that another time would do away with carries up to `choices` slots that all
    rules and `busy` would allow.
    """
    groups: dict[Group, list[Reason]] = {
        "always": list(_always(ask, room, policy, busy)),
        "closure": list(_closure(ask.span, room)),
        "house": list(_house(ask, room, policy)),
        "personal": list(_personal(door, ask, room, policy, applicant, now)),
    }
    refused, warnings = _weighed(DOORS[door], groups, ask.override)
    if choices and any(reason.code in _ABOUT_TIME for reason in (*refused, *warnings)):
        offers = _offers(ask, room, policy, now, busy, choices)
        refused = [_offering(reason, offers) for reason in refused]
        warnings = [_offering(reason, offers) for reason in warnings]
    return Judgement(tuple(refused), tuple(warnings))


def also(judgement: Judgement, door: Door, ask: Ask, reasons: Sequence[Reason]) -> Judgement:
    """The judgement with personal reasons that were found by counting (quotas)."""
    if not reasons:
        return judgement
    refused, warnings = _weighed(DOORS[door], {"personal": list(reasons)}, ask.override)
    return Judgement((*judgement.refused, *refused), (*judgement.warnings, *warnings))


def _weighed(
    weights: Mapping[Group, Weight], groups: Mapping[Group, list[Reason]], override: bool
) -> tuple[list[Reason], list[Reason]]:
    refused: list[Reason] = []
    warnings: list[Reason] = []
    for group, reasons in groups.items():
        if weights[group] == "refuse" and (group == "always" or not override):
            refused += reasons
        elif weights[group] != "pass":
            warnings += reasons
    return refused, warnings


def _always(
    ask: Ask, room: RoomFacts, policy: EffectivePolicy, busy: Sequence[Span]
) -> Iterator[Reason]:
    if not room.bookable:
        yield Reason("inactive", msg("This room takes no bookings at present."), "room_id")
    if ask.span.duration > HARD_LONGEST:
        yield _too_long(HARD_LONGEST)
    ours = ask.span.widened(policy.before, policy.after)
    taken = [span for span in busy if span.overlaps(ours)]
    if taken:
        yield taken_reason(taken, room.zone)


def taken_reason(taken: Iterable[Span], zone: ZoneInfo, nearest: tuple[Choice, ...] = ()) -> Reason:
    """The conflict with what is already there: when, and nothing more."""
    when = tuple(LocalSpan(span, zone) for span in sorted(taken)[:5])
    return Reason("taken", msg("Taken %(when)s.", when=when), "starts_at", nearest, "conflict")


def _closure(span: Span, room: RoomFacts) -> Iterator[Reason]:
    for closing in room.opening.closings:
        if closing.span.overlaps(span):
            when = LocalSpan(closing.span, room.zone)
            said = closed_by(closing.mode) if closing.mode else _closed_during(when, closing.reason)
            yield Reason("closure", said, "starts_at")


def _closed_during(when: LocalSpan, name: Texts) -> Message:
    if name:
        return msg("Closed %(when)s: %(name)s.", when=when, name=name)
    return msg("Closed %(when)s.", when=when)


def _closed_on(day: date, name: Texts) -> Message:
    if name:
        return msg("Closed on %(day)s: %(name)s.", day=day, name=name)
    return msg("Closed on %(day)s.", day=day)


def _house(ask: Ask, room: RoomFacts, policy: EffectivePolicy) -> Iterator[Reason]:
    if ask.span.duration <= HARD_LONGEST:
        hours = spans_of_days(room.opening, ask.span, room.zone)
        if not any(item.contains(ask.span) for item in hours):
            yield from _hours(ask.span, room)
        yield from _steps(ask.span, hours, room.zone, policy)
    yield from _length(ask.span, policy)
    yield from use_reasons(ask.span, ask.purpose, room.purposes, policy, room.zone)
    yield from people_reasons(ask.attendance, policy)
    yield from capacity_reasons(ask.attendance, room.capacity, room.limits, ask.span, room.zone)


def _hours(span: Span, room: RoomFacts) -> Iterator[Reason]:
    for shut in why_shut(room.opening, span, room.zone):
        if shut.cause == "closure":
            continue
        hours = day_hours(room.opening, shut.day)
        if hours.closed:
            yield Reason("closed", _closed_on(shut.day, shut.name), "starts_at")
        else:
            shown = tuple(str(interval) for interval in hours.intervals)
            text = msg("On %(day)s it is open %(hours)s.", day=shut.day, hours=shown)
            yield Reason("outside_hours", text, "starts_at")


def _steps(
    span: Span, hours: Sequence[Span], zone: ZoneInfo, policy: EffectivePolicy
) -> Iterator[Reason]:
    step = policy.step_minutes
    bounds = {moment for item in hours for moment in (item.starts_at, item.ends_at)}
    wrong = [
        field
        for field, fits in (("starts_at", start_ok), ("ends_at", end_ok))
        if not fits(span, step, bounds, zone)
    ]
    if wrong:
        text = nmsg(
            "Times here are whole minutes.",
            "Times here go in steps of %(n)s minutes.",
            step or 1,
        )
        yield Reason("off_step", text, wrong[0])


def _length(span: Span, policy: EffectivePolicy) -> Iterator[Reason]:
    if policy.shortest_minutes and span.duration < timedelta(minutes=policy.shortest_minutes):
        least = timedelta(minutes=policy.shortest_minutes)
        text = msg("A booking here lasts at least %(length)s.", length=least)
        yield Reason("too_short", text, "ends_at")
    if policy.longest_minutes and span.duration > timedelta(minutes=policy.longest_minutes):
        most = timedelta(minutes=policy.longest_minutes)
        if span.duration <= HARD_LONGEST:
            yield _too_long(most)


def _too_long(longest: timedelta) -> Reason:
    text = msg("A booking here lasts at most %(length)s.", length=longest)
    return Reason("too_long", text, "ends_at")


def _personal(
    door: Door,
    ask: Ask,
    room: RoomFacts,
    policy: EffectivePolicy,
    applicant: Applicant,
    now: datetime,
) -> Iterator[Reason]:
    if DOORS[door]["personal"] == "pass" or (door == "import" and ask.span.ends_at <= now):
        return
    yield from _who(ask, policy, applicant)
    yield from unmet_reasons(applicant.unmet, ask)
    if ask.span.starts_at <= now and door != "import":
        yield Reason("past", msg("This time has already begun."), "starts_at")
    else:
        yield from _notice(ask, room, policy, now)
    if ask.moving_from is not None:
        yield from change_reasons(ask.moving_from, policy, now, room.zone)
    far = too_far(ask.span, room.policies, policy, now, room.zone)
    if far is not None:
        yield far
    yield from open_reasons(ask, policy, applicant)


def _who(ask: Ask, policy: EffectivePolicy, applicant: Applicant) -> Iterator[Reason]:
    manages = applicant.manages or ask.by_clerk
    if not (applicant.signed_in or ask.by_clerk) and policy.who_may_book != "anyone":
        yield Reason("sign_in_needed", msg("Sign in to book this room."))
        return
    if policy.who_may_book == "managers" and not manages:
        yield Reason("managers_only", msg("Only the people who run the venue book this room."))
    needs_card = policy.who_may_book == "members" or policy.membership_required
    if needs_card and not applicant.member and not applicant.manages:
        yield Reason("members_only", msg("This room is for members: ask for membership first."))
    elif policy.membership_required and not applicant.member_then and not applicant.manages:
        yield Reason("membership_ends", msg("The membership does not reach that date."))


def _notice(ask: Ask, room: RoomFacts, policy: EffectivePolicy, now: datetime) -> Iterator[Reason]:
    unmoved = ask.moving_from is not None and ask.moving_from.starts_at == ask.span.starts_at
    earliest = policy.earliest(now, room.zone)
    if policy.notice_add and ask.span.starts_at < earliest and not unmoved:
        text = msg(
            "Book at least %(notice)s ahead: now from %(earliest)s.",
            notice=policy.notice_add.length,
            earliest=earliest.astimezone(room.zone),
        )
        yield Reason("too_soon", text, "starts_at")


def change_reasons(
    span: Span, policy: EffectivePolicy, now: datetime, zone: ZoneInfo
) -> list[Reason]:
    """What is against changing a booking of this span now: the notice for changes."""
    if policy.notice_change and span.starts_at < policy.notice_change.earliest(now, zone):
        length = policy.notice_change.length
        text = msg("Changes are possible until %(notice)s before.", notice=length)
        return [Reason("too_late_to_change", text)]
    return []


def cancel_reasons(
    span: Span, policy: EffectivePolicy, now: datetime, zone: ZoneInfo, *, clerk: bool = False
) -> list[Reason]:
    """What is against cancelling now: the notice, which a clerk need not keep."""
    if clerk or not policy.notice_cancel:
        return []
    if span.starts_at < policy.notice_cancel.earliest(now, zone):
        length = policy.notice_cancel.length
        text = msg(
            "Cancelling is possible until %(notice)s before. Please call the venue.", notice=length
        )
        return [Reason("too_late_to_cancel", text)]
    return []


def _offers(
    ask: Ask,
    room: RoomFacts,
    policy: EffectivePolicy,
    now: datetime,
    busy: Sequence[Span],
    n: int,
) -> tuple[Choice, ...]:
    """Free slots near the asked one, or near the first or last day that may be booked."""
    if not room.bookable:
        return ()
    asked, days = ask.span, days_of(policy, ask.purpose)
    day = max(
        local_date(asked.starts_at, room.zone),
        local_date(policy.earliest(now, room.zone), room.zone),
    )
    last = policy.last_day(now, room.zone)
    day = min(day, last) if last else day
    slots: list[Span] = []
    for back, ahead in _LOOK_AROUND:
        first, final = day - timedelta(days=back), day + timedelta(days=ahead)
        around = open_spans(room.opening, first, final, room.zone)
        slots = nearest_slots(asked, around, busy, policy, now, room.zone, n, days)
        if len(slots) == n:
            break
    return slot_choices(slots, room.zone)


def _offering(reason: Reason, offers: tuple[Choice, ...]) -> Reason:
    if reason.code in _ABOUT_TIME and not reason.nearest:
        return replace(reason, nearest=offers)
    return reason
