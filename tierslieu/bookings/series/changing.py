"""Changing or giving up several dates of a series; looked at first, by the same functions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from tierslieu.bookings import mails as booking_mails
from tierslieu.bookings.accessories.queries import wishes_all
from tierslieu.bookings.accessories.services import lock_kit
from tierslieu.bookings.buffers.services import give_back_buffers
from tierslieu.bookings.cases.queries import (
    Party,
    RoomCase,
    policy_of,
    room_case,
    room_case_by_id,
)
from tierslieu.bookings.chains.services import begin
from tierslieu.bookings.changes.services import Edit, other_use, put, write_words
from tierslieu.bookings.models import Booking, PendingChange, Series
from tierslieu.bookings.places.services import note_all
from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.quotas.services import lock_quotas
from tierslieu.bookings.rules import Ask, cancel_reasons, occupies
from tierslieu.bookings.rules.doors import change_reasons
from tierslieu.bookings.series import mails
from tierslieu.bookings.series.dates import Chosen, chosen, is_alone, settle_rule
from tierslieu.bookings.series.judging import Judged, judged
from tierslieu.bookings.series.kits import note_seats, note_things, things_of_dates
from tierslieu.bookings.series.rules import (
    Date,
    Fate,
    Scope,
    Shift,
    date_at,
    refusal_of,
    shift_between,
)
from tierslieu.bookings.states.services import same_version, settle_all, tell_all, time_freed
from tierslieu.contributions import Change
from tierslieu.kernel.errors import Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import clean
from tierslieu.kernel.work import Work
from tierslieu.resources.rules import Taking
from tierslieu.resources.services import release, take
from tierslieu.venues.queries import network


@dataclass(frozen=True)
class Plan:
    """What an act would do: the dates it is about, and the fate of each.

    ``fates`` go with ``views``: refused ones stay as they are. ``judged``: of those that move.
    """

    about: Chosen
    views: tuple[BookingView, ...]
    fates: tuple[Fate, ...]
    judged: Judged | None = None
    movers: tuple[BookingView, ...] = ()
    shift: Shift | None = None
    waits: bool = False

    @property
    def kept(self) -> list[Fate]:
        """The dates that stay as they are."""
        return [fate for fate in self.fates if not fate.free]

    @property
    def done(self) -> list[BookingView]:
        """The dates with which it can be done."""
        return [view for view, fate in zip(self.views, self.fates, strict=True) if fate.free]


@dataclass(frozen=True)
class Done:
    """What was done: the series after it, the dates it was done with, those that stayed."""

    series: Series
    views: tuple[BookingView, ...]
    kept: tuple[Fate, ...] = ()


# -- giving up -----------------------------------------------------------------------------------


def look_at_cancelling(work: Work, public_id: str, scope: Scope) -> Plan:
    """Which dates would be given up, and which it is too late for."""
    about = chosen(work, public_id, "bookings.cancel", scope)
    fates = []
    for view in about.targets:
        clerk = work.actor.may("bookings.cancel", venue=view.venue_id)
        against = [] if clerk else _too_late(work, about, view)
        wall = datetime.fromisoformat(view.booking.local_start)
        fates.append(Fate(Date(wall, view.span), tuple(against)))
    return Plan(about, about.targets, tuple(fates))


def _too_late(work: Work, about: Chosen, view: BookingView) -> list[Reason]:
    case = room_case_by_id(work.session, view.booking.room_id, view.span)
    policy = policy_of(work, view, case)
    return cancel_reasons(view.span, policy, work.now, case.zone)


def cancel_series(
    work: Work, public_id: str, scope: Scope, reason: str = "", version: int | None = None
) -> Done:
    """Give up the dates of a scope that are still to come; those it is too late for stay.

    Raises Refused when it is too late for all of them.
    """
    plan = look_at_cancelling(work, public_id, scope)
    same_version(plan.about.view, version)
    if not plan.done:
        refuse(refusal_of(plan.kept, plan.about.zone))
    text = clean(reason, lines=True, field="reason")
    settle_all(work, plan.done, "cancelled", text)
    _audit(work, "series.cancel", plan.about, len(plan.done), kept=len(plan.kept))
    by_staff = work.actor.person_id != plan.done[0].booking.booked_for_id
    mails.cancelled(work, plan.done, text, by_staff=by_staff)
    return Done(plan.about.series, tuple(plan.done), tuple(plan.kept))


def _audit(work: Work, verb: str, about: Chosen, dates: int, **more: object) -> None:
    booking = about.view.booking
    work.audit(verb, f"series:{about.series.public_id}", venue=about.view.venue_id,
               organisation=booking.organisation_id, person=booking.booked_for_id,
               scope=about.scope, dates=dates, **more)  # fmt: skip


# -- changing ------------------------------------------------------------------------------------


def look_at_changing(work: Work, public_id: str, edit: Edit, scope: Scope) -> Plan:
    """What would become of each date if it were changed so; nothing is written.

    What was moved for one date alone stays where it is; its words change with the others.
    """
    about = chosen(work, public_id, "bookings.change", scope, ("requested", "confirmed"))
    if edit.override:
        work.require("bookings.override", venue=about.view.venue_id)
    refuse(_kit_apart(edit))
    if not (edit.moves or edit.of_kit or other_use(about.view.booking, edit)):
        return _words_only(work, about)
    nominal = about.nominal()
    shift = _shift(about, nominal, edit)
    movers = tuple(v for v in about.targets if _goes_along(about, nominal, edit, v))
    movers = movers or (about.view,)
    dates = [_goes_to(about, nominal, view, shift) for view in movers]
    return _judged(work, about, edit, movers, dates, shift)


def _kit_apart(edit: Edit) -> list[Reason]:
    """Why a place of its own is no matter of several dates: each date has its own."""
    if not edit.place:
        return []
    return [Reason("kit_by_date", msg("A place is named date by date."), "place")]


def _words_only(work: Work, about: Chosen) -> Plan:
    fates = []
    for view in about.targets:
        clerk = work.actor.may("bookings.override", venue=view.venue_id)
        case = room_case_by_id(work.session, view.booking.room_id, view.span)
        policy = policy_of(work, view, case)
        against = [] if clerk else change_reasons(view.span, policy, work.now, case.zone)
        wall = datetime.fromisoformat(view.booking.local_start)
        fates.append(Fate(Date(wall, view.span), tuple(against)))
    return Plan(about, about.targets, tuple(fates))


def _shift(about: Chosen, nominal: dict[datetime, Date], edit: Edit) -> Shift | None:
    if edit.span is None:
        return None
    known = nominal.get(about.view.booking.original_starts_at)
    wall = known.local_start if known else datetime.fromisoformat(about.view.booking.local_start)
    return shift_between(wall, edit.span, about.zone)


def _goes_along(
    about: Chosen, nominal: dict[datetime, Date], edit: Edit, view: BookingView
) -> bool:
    """Whether a date moves with the others: not if it was moved for itself, but the one chosen."""
    if view.booking.places != about.view.booking.places:
        return False
    if view.booking.id == about.view.booking.id:
        return edit.room is not None or view.booking.room_id == about.series.room_id
    known = nominal.get(view.booking.original_starts_at)
    return not is_alone(view, about.series, known.span if known else None)


def _goes_to(
    about: Chosen, nominal: dict[datetime, Date], view: BookingView, shift: Shift | None
) -> Date:
    known = nominal.get(view.booking.original_starts_at)
    wall = known.local_start if known else datetime.fromisoformat(view.booking.local_start)
    if shift is None:
        return Date(wall, view.span)
    return date_at(shift.wall(wall), shift.minutes, about.zone)


def _judged(
    work: Work,
    about: Chosen,
    edit: Edit,
    movers: tuple[BookingView, ...],
    dates: Sequence[Date],
    shift: Shift | None,
) -> Plan:
    booking = about.view.booking
    whole = Span(min(d.span.starts_at for d in dates), max(d.span.ends_at for d in dates))
    case = _case(work, edit, movers[0].booking, whole)
    things = [edit.things] * len(movers) if edit.things is not None else wishes_all(
        work.session, [view.booking for view in movers])  # fmt: skip
    if work.is_writing:
        lock_quotas(work, case)
        named = {thing for wish in things for thing, _ in wish}
        lock_kit(work, {case.id, *(view.booking.room_id for view in movers)}, named)
        # Whoever closes or changes the room takes the same locks: what they wrote is seen now.
        case = _case(work, edit, movers[0].booking, whole)
    party = Party(work.actor, booking.booked_for_id, booking.organisation_id)
    people = booking.attendance if edit.attendance is None else edit.attendance
    declared = tuple(about.view.booking.declared)
    purpose = (booking.purpose or None) if edit.purpose is None else edit.purpose
    places = booking.places if edit.places is None else edit.places or None
    if case.places is None and edit.places is None:
        places = None
    like = Ask(about.view.span, people, by_clerk=party.is_clerk, override=bool(edit.override),
               purpose=purpose, declared=declared, places=places)  # fmt: skip
    ids, froms = [v.booking.id for v in movers], [v.span for v in movers]
    found = judged(work, "move", case, party, dates, like, moving=ids, froms=froms, things=things)
    clerk = work.actor.may("bookings.override", venue=about.view.venue_id)
    anew = edit.moves or (people or 0) > (booking.attendance or 0)
    waits = anew and found.verdicts[0].policy.asks_approval(people, declared) and not clerk
    if waits and edit.of_kit and any(view.booking.state == "confirmed" for view in movers):
        text = msg("Ask for the new time first; what goes with it can be changed afterwards.")
        refuse([Reason("one_at_a_time", text, "accessories")])
    by_id = {view.booking.id: fate for view, fate in zip(movers, found.fates, strict=True)}
    fates = tuple(by_id.get(view.booking.id) or _stays(view) for view in about.targets)
    return Plan(about, about.targets, fates, found, movers, shift, waits)


def _stays(view: BookingView) -> Fate:
    return Fate(Date(datetime.fromisoformat(view.booking.local_start), view.span))


def _case(work: Work, edit: Edit, booking: Booking, whole: Span) -> RoomCase:
    if edit.room is None:
        return room_case_by_id(work.session, booking.room_id, whole)
    case = room_case(work.session, edit.room, whole)
    if case.id != booking.room_id:
        own = booking.booked_for_id == work.actor.person_id
        body = booking.organisation_id
        work.require("bookings.create", venue=case.venue_id, organisation=body,
                     own=own or body in work.actor.organisations)  # fmt: skip
    return case


def change_series(
    work: Work, public_id: str, edit: Edit, scope: Scope, *, skip_conflicts: bool = False
) -> Done:
    """Change the dates of a scope that are still to come; a running series is split there.

    Without ``skip_conflicts`` any refusal changes nothing and all refused dates are said; with it
    those stay as they were. Where the new time needs an answer the old one stands until then.
    """
    plan = look_at_changing(work, public_id, edit, scope)
    same_version(plan.about.view, edit.version)
    counted = [r for v in (plan.judged.verdicts if plan.judged else ()) for r in v.counted]
    if plan.kept and (not skip_conflicts or not plan.done or counted):
        refuse(refusal_of(plan.kept, plan.about.zone))
    before = {view.booking.id: view.booking.state for view in plan.done}
    series = plan.about.series
    if plan.judged is not None:
        _move(work, plan, edit)
    if not plan.waits:
        room_id = plan.judged.case.id if plan.judged else series.room_id
        series = settle_rule(work, plan.about, plan.shift, room_id)
    for view in plan.done:
        write_words(view.booking, view.claim, edit)
        view.booking.revision += 1
        view.booking.version += 1
        view.booking.changed_at = work.now
    work.session.flush()
    return _changed(work, plan, edit, series, before)


def _changed(work: Work, plan: Plan, edit: Edit, series: Series, before: dict[int, str]) -> Done:
    what: Change = "moved" if edit.moves else "changed"
    # Earlier dates are told of as well: where the series was split, it ends with them now.
    tell_all(work, plan.about.all, {v.booking.id: v.booking.state for v in plan.about.all} | before,
             what)  # fmt: skip
    names = sorted(name for name in vars(edit) if getattr(edit, name) not in (None, ""))
    _audit(work, "series.change", plan.about, len(plan.done), kept=len(plan.kept), fields=names)
    if work.actor.person_id != plan.about.view.booking.booked_for_id:
        mails.changed(work, plan.done, plan.kept)
    return Done(series, tuple(plan.done), tuple(plan.kept))


def _move(work: Work, plan: Plan, edit: Edit) -> None:
    """Give those that can move their new time and room, all of them together."""
    found = plan.judged
    assert found is not None  # noqa: S101
    left: list[Left] = []
    moved: list[int] = []
    had = {view.booking.id for view in plan.movers if view.booking.things}
    sat = any(view.booking.places for view in plan.movers)
    for n in found.free:
        view, date = plan.movers[n], found.fates[n].date
        if plan.waits and view.booking.state == "confirmed":
            _let_wait(work, view.booking, found, date, edit)
            continue
        left.append((view.booking, view.booking.room_id, view.span))
        moved.append(n)
        put_date(work, view, found, n, edit)
        if plan.waits:
            begin(work, view.booking, found.case.venue_id, date.span.starts_at)
    if edit.things is not None:
        note_things(work, found, [(n, plan.movers[n].booking) for n in moved])
    seated = _take_moved(work, plan, found, moved, had)
    note_seats(work, seated)
    if sat:
        note_all(work, {booking.id: () for booking, _ in seated if not booking.places})
    give_back(work, left)
    if plan.waits:
        booking_mails.asked(work, plan.about.view.booking.public_id)


def _take_moved(
    work: Work, plan: Plan, found: Judged, moved: Sequence[int], had: Collection[int]
) -> list[tuple[Booking, Taking]]:
    """Take what occupies, with what goes with it (``had``: those that had things before).

    A request that held its time where it was asked first gives it back.
    """
    taken, given, spans = [], [], []
    for n in moved:
        booking = plan.movers[n].booking
        if occupies(booking.state, found.verdicts[n].policy.requests):
            taken.append((booking, found.takings[n]))
            spans.append((booking, found.fates[n].date.span))
        else:
            given.append(booking.id)
    if given:
        release(work, given)
    if taken:
        things = things_of_dates(work, spans, had)
        take(work, [*(taking for _, taking in taken), *things, *found.neighbours])
    return taken


#: A date, with the room and the time that it leaves.
Left = tuple[Booking, int, Span]


def give_back(work: Work, left: Sequence[Left]) -> None:
    """What the dates left is free: for the buffers of their neighbours, then for who waits."""
    for booking, room_id, span in left:
        give_back_buffers(work, booking, span, room_id)
    time_freed(work, (room_id for _, room_id, _ in left), [span for _, _, span in left])


def put_date(work: Work, view: BookingView, found: Judged, n: int, edit: Edit) -> None:
    """Write the n-th date as it was judged; what it takes is taken apart."""
    booking, span, verdict = view.booking, found.fates[n].date.span, found.verdicts[n]
    booking.before_minutes = verdict.policy.before_minutes
    booking.after_minutes = verdict.policy.after_minutes
    people = booking.attendance if edit.attendance is None else edit.attendance
    put(work, booking, view.claim, found.case.id, found.case.venue_id, span, people)
    booking.places = verdict.kit.places
    cost = verdict.price(span, network(work.session).currency)
    booking.price_cents = cost.total.cents
    booking.price_lines = [line.to_json() for line in cost.lines]


def _let_wait(work: Work, booking: Booking, found: Judged, date: Date, edit: Edit) -> None:
    work.session.merge(
        PendingChange(
            booking_id=booking.id,
            room_id=found.case.id,
            starts_at=date.span.starts_at,
            ends_at=date.span.ends_at,
            attendance=booking.attendance if edit.attendance is None else edit.attendance,
            asked_at=work.now,
            asked_by_id=work.actor.person_id,
        )
    )
    begin(work, booking, found.case.venue_id, date.span.starts_at, found.case.id)
