"""One answer for a series, asked for or to be moved: approved but for some dates, or declined."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tierslieu.bookings.accessories.queries import Wishes, wishes_all
from tierslieu.bookings.accessories.services import lock_kit
from tierslieu.bookings.cases.queries import Party, room_case_by_id
from tierslieu.bookings.chains.queries import standing
from tierslieu.bookings.chains.services import approve_step, decline_step, to_answer
from tierslieu.bookings.models import Series
from tierslieu.bookings.queries import BookingView, booking_view
from tierslieu.bookings.rules import Ask
from tierslieu.bookings.series import mails
from tierslieu.bookings.series.agreeing import (
    Changes,
    Group,
    agree,
    changes_of,
    keep,
    look_at_changes,
    span_of,
    stand,
)
from tierslieu.bookings.series.dates import Chosen, among, seen_by
from tierslieu.bookings.series.judging import Judged, judged
from tierslieu.bookings.series.kits import note_seats, things_of_dates
from tierslieu.bookings.series.queries import dates_of, series_of
from tierslieu.bookings.series.rules import Date, Fate, Scope, refusal_of
from tierslieu.bookings.series.services import skipped_date
from tierslieu.bookings.states.services import same_version, settle_all, tell_all, touch_all
from tierslieu.kernel.errors import Conflict, NotFound, Reason
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import clean
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person
from tierslieu.resources.services import take
from tierslieu.venues.queries import network

WAITING = ("requested",)


@dataclass(frozen=True)
class Looked:
    """The dates that wait for one answer, each with what became of its time meanwhile.

    ``changes``: where it is another time that waits, that of each, by row id.
    """

    about: Chosen
    views: tuple[BookingView, ...]
    fates: tuple[Fate, ...]
    judged: tuple[Group, ...]
    changes: Changes = field(default_factory=dict)

    @property
    def lost(self) -> list[tuple[BookingView, Fate]]:
        """Those that cannot be approved any more."""
        pairs = zip(self.views, self.fates, strict=True)
        return [(view, fate) for view, fate in pairs if not fate.free]


@dataclass(frozen=True)
class Answered:
    """The series, the dates that were confirmed, and those that could not be."""

    series: Series
    views: tuple[BookingView, ...]
    lost: tuple[Fate, ...] = ()


def waiting(work: Work, public_id: str, scope: Scope) -> Chosen:
    """The dates of a scope that wait for the actor's answer.

    In a chain those whose step is hers; else whoever holds bookings.approve answers. Raises
    NotFound, Forbidden, and Conflict when it is somebody else's turn or she answered already.
    """
    view = to_answer(work, public_id) if work.is_writing else _shown_to(work, public_id)
    person, at = work.actor.person_id, standing(work.session, view, work.now)
    if at is not None and person in at.approved:
        text = msg("You answered this step already.")
        raise Conflict(Reason("already_answered", text, kind="state"))
    changes = _changes(work, view)
    if changes:
        return among(
            work,
            view,
            scope,
            ("confirmed",),
            lambda each: each.booking.id in changes and is_hers(work, each),
        )
    return among(work, view, scope, WAITING, lambda each: is_hers(work, each))


def _changes(work: Work, view: BookingView) -> Changes:
    """The changes that wait in its series, where this date waits for one."""
    if view.booking.state != "confirmed":
        return {}
    changes = changes_of(work.session, view.booking.series_id)
    return changes if view.booking.id in changes else {}


def _shown_to(work: Work, public_id: str) -> BookingView:
    view = booking_view(work.session, public_id)
    if view is not None and is_hers(work, view):
        return view
    return seen_by(work, public_id, "bookings.approve")


def is_hers(work: Work, view: BookingView) -> bool:
    """Whether a date waits for the actor's answer, and for nobody else's before it."""
    at = standing(work.session, view, work.now)
    if at is None:
        body = view.booking.organisation_id
        return work.actor.may("bookings.approve", venue=view.venue_id, organisation=body)
    person = work.actor.person_id
    return person in at.panel.may_answer and person not in at.approved


def asked_together(work: Work, view: BookingView) -> list[Span]:
    """The times that an answer to this date answers as well, its own too; none: it alone."""
    if view.booking.series_id is None:
        return []
    changes = _changes(work, view)
    together = [
        span_of(changes[each.booking.id]) if changes else each.span
        for each in dates_of(work.session, view.booking.series_id)
        if (each.booking.id in changes if changes else each.booking.state == "requested")
        and each.claim.starts_at > work.now
        and is_hers(work, each)
    ]
    return together if len(together) > 1 else []


def look_at_answering(work: Work, public_id: str, scope: Scope) -> Looked:
    """The dates of a scope that wait, with what is in the way of each."""
    about = waiting(work, public_id, scope)
    changes = _changes(work, about.view)
    if changes:
        found = look_at_changes(work, about.targets, changes)
        return Looked(about, about.targets, *found, changes)
    return Looked(about, about.targets, *_looked(work, about.targets))


def _looked(work: Work, views: Sequence[BookingView]) -> tuple[tuple[Fate, ...], tuple[Group, ...]]:
    """The fate of each date, and what was judged together: the dates in one room."""
    alike = dict.fromkeys((view.booking.room_id, view.booking.places) for view in views)
    things = dict(
        zip([view.booking.id for view in views],
            wishes_all(work.session, [view.booking for view in views]), strict=True)
    )  # fmt: skip
    if work.is_writing:
        named = {thing for wish in things.values() for thing, _ in wish}
        lock_kit(work, {room_id for room_id, _ in alike}, named)
    fates: dict[int, Fate] = {}
    groups = []
    for key in alike:
        room_id = key[0]
        here = tuple(v for v in views if (v.booking.room_id, v.booking.places) == key)
        found = _judged(work, room_id, here, [things[view.booking.id] for view in here])
        groups.append((found, here))
        fates |= {v.booking.id: fate for v, fate in zip(here, found.fates, strict=True)}
    return tuple(fates[view.booking.id] for view in views), tuple(groups)


def _judged(
    work: Work, room_id: int, views: Sequence[BookingView], things: Sequence[Wishes]
) -> Judged:
    booking = views[0].booking
    whole = Span(min(v.claim.starts_at for v in views), max(v.claim.ends_at for v in views))
    case = room_case_by_id(work.session, room_id, whole)
    party = Party(work.actor, booking.booked_for_id, booking.organisation_id)
    dates = [Date(datetime.fromisoformat(v.booking.local_start), v.span) for v in views]
    like = Ask(views[0].span, booking.attendance, by_clerk=True, places=booking.places)
    ids = [view.booking.id for view in views]
    return judged(work, "approve", case, party, dates, like, moving=ids, kept=things)


def approve_series(
    work: Work,
    public_id: str,
    scope: Scope,
    *,
    but: Collection[str] = (),
    reason: str = "",
    version: int | None = None,
) -> Answered:
    """Confirm the dates of a scope that wait, but for some (public ids), which are declined.

    In a chain it answers one step for all of them: confirmed are those for which none is left.
    Dates whose time was taken meanwhile are then skipped with that reason, and told; where another
    time is asked for a series, those and the excepted stay as they are. Raises Conflict when no
    date can be confirmed.
    """
    seen = look_at_answering(work, public_id, scope)
    same_version(seen.about.view, version)
    text = clean(reason, lines=True, field="reason")[:2000]
    excepted = [view for view in seen.views if view.booking.public_id in but]
    lost = [(view, fate) for view, fate in seen.lost if view not in excepted]
    gone = {view.booking.id for view in [*excepted, *(view for view, _ in lost)]}
    good = [view for view in seen.views if view.booking.id not in gone]
    if not good:
        raise Conflict(*refusal_of([fate for _, fate in lost], seen.about.zone) or [_nothing()])
    complete = _through(work, [view for view in seen.views if view not in excepted])
    good = [view for view in good if view.booking.id in complete]
    lost = [(view, fate) for view, fate in lost if view.booking.id in complete]
    if seen.changes:
        return _agreed(work, seen, good, lost, excepted, text)
    if good:
        _confirm(work, seen.judged, good)
    _lose(work, seen.about.series, lost)
    _leave_out(work, excepted, text)
    about, fates = seen.about, tuple(fate for _, fate in lost)
    told = [*good, *excepted] or [view for view, _ in lost]
    if told:
        _audit(work, "series.approve", about, len(good), lost=len(fates), declined=len(excepted))
        mails.answered(work, told, fates, text)
    return Answered(about.series, tuple(good), fates)


def _agreed(
    work: Work,
    seen: Looked,
    good: Sequence[BookingView],
    lost: Sequence[tuple[BookingView, Fate]],
    excepted: Sequence[BookingView],
    text: str,
) -> Answered:
    """The same where another time was asked for: the old one stands for what is not agreed to."""
    done = {view.booking.id for view in [*good, *(view for view, _ in lost), *excepted]}
    about = replace(seen.about, targets=tuple(v for v in seen.views if v.booking.id in done))
    series, fates = about.series, tuple(fate for _, fate in lost)
    kept = [*fates, *keep(work, excepted, text)]
    if about.targets:
        series = agree(work, about, seen.judged, good, seen.changes)
        _audit(work, "series.agree", about, len(good), kept=len(kept))
        mails.changed(work, good or about.targets, kept, text)
    return Answered(series, tuple(good), fates)


def _through(work: Work, views: Sequence[BookingView]) -> set[int]:
    """Let dates go one step on, told once; those for which no step is left."""
    told, complete = False, set()
    for view in views:
        if approve_step(work, view, quiet=told):
            complete.add(view.booking.id)
        else:
            told = True
    return complete


def _leave_out(work: Work, excepted: Sequence[BookingView], text: str) -> None:
    for view in excepted:
        decline_step(work, view, text)
    if excepted:
        settle_all(work, excepted, "declined", text)


def _nothing() -> Reason:
    return Reason("wrong_state", msg("Every date is left out: decline the request instead."))


def _confirm(work: Work, groups: Sequence[Group], good: Sequence[BookingView]) -> None:
    ids = {view.booking.id for view in good}
    before = {view.booking.id: view.booking.state for view in good}
    takings, seats = [], []
    for found, views in groups:
        free = [n for n in found.free if views[n].booking.id in ids]
        takings += [found.takings[n] for n in free]
        takings += found.neighbours if free else ()
        seats += [(views[n].booking, found.takings[n]) for n in free]
    takings += things_of_dates(work, [(view.booking, view.span) for view in good])
    for view in good:
        view.booking.state = "confirmed"
        view.booking.answer_by = None
    touch_all(work, [view.booking for view in good])
    take(work, takings)
    note_seats(work, seats)
    tell_all(work, good, before, "state")


def _lose(work: Work, series: Series, lost: Sequence[tuple[BookingView, Fate]]) -> None:
    """Dates whose time is somebody else's now: declined with that reason, to be tried again."""
    for view, fate in lost:
        person = view.booking.booked_for_id
        reader = work.session.get(Person, person) if person else None
        locale = reader.locale if reader and reader.locale else network(work.session).locale
        settle_all(work, [view], "declined", say(fate.reasons[0].message, locale))
        row = skipped_date(work, series, fate)
        row.original_starts_at = view.booking.original_starts_at
        work.session.add(row)
    work.session.flush()


def decline_series(
    work: Work, public_id: str, scope: Scope, reason: str = "", version: int | None = None
) -> Answered:
    """Decline the dates of a scope that wait, with one reason and one mail."""
    about = waiting(work, public_id, scope)
    same_version(about.view, version)
    text = clean(reason, lines=True, field="reason")[:2000]
    changes = _changes(work, about.view)
    if changes:
        keep(work, about.targets, text)
        _stay(work, about, changes, text)
        return Answered(about.series, about.targets)
    _leave_out(work, about.targets, text)
    _audit(work, "series.decline", about, len(about.targets))
    mails.answered(work, about.targets, (), text)
    return Answered(about.series, about.targets)


def _stay(work: Work, about: Chosen, changes: Changes, text: str) -> None:
    """The old times stand, and one mail says so."""
    stand(work, about.targets, changes)
    _audit(work, "series.decline_change", about, len(about.targets))
    mails.stays(work, about.targets, text)


def answer_for_nobody(work: Work, views: Sequence[BookingView], outcome: str) -> None:
    """The time to answer these dates of a series is over: confirmed, declined or expired.

    Confirmed are those whose time is free still, the others are skipped with the reason. One mail
    says it for all of them.
    """
    series = series_of(work.session, views[0].booking)
    if series is None:
        raise NotFound
    good: list[BookingView] = []
    fates: tuple[Fate, ...] = ()
    if outcome == "confirm":
        for view in views:
            approve_step(work, view)
        all_fates, groups = _looked(work, views)
        pairs = list(zip(views, all_fates, strict=True))
        good = [view for view, fate in pairs if fate.free]
        lost = [(view, fate) for view, fate in pairs if not fate.free]
        if good:
            _confirm(work, groups, good)
        _lose(work, series, lost)
        fates = tuple(fate for _, fate in lost)
    else:
        settle_all(work, views, "declined" if outcome == "decline" else "expired")
    first = views[0]
    work.audit("series.deadline", f"series:{series.public_id}", venue=first.venue_id,
               organisation=first.booking.organisation_id, person=first.booking.booked_for_id,
               outcome=outcome, dates=len(good) if outcome == "confirm" else len(views),
               lost=len(fates))  # fmt: skip
    mails.answered(work, good or views, fates, "")


def agree_for_nobody(work: Work, views: Sequence[BookingView], outcome: str) -> None:
    """The time to answer another time of these dates is over: they go there, or stay."""
    series = series_of(work.session, views[0].booking)
    if series is None:
        raise NotFound
    changes = changes_of(work.session, series.id)
    everything = tuple(dates_of(work.session, series.id, lock=True))
    about = Chosen(views[0], series, "all", everything, tuple(views))
    if outcome != "confirm":
        keep(work, views, "")
        _stay(work, about, changes, "")
        return
    for view in views:
        approve_step(work, view)
    fates, groups = look_at_changes(work, views, changes)
    pairs = list(zip(views, fates, strict=True))
    good = [view for view, fate in pairs if fate.free]
    lost = [(view, fate) for view, fate in pairs if not fate.free]
    _agreed(work, Looked(about, about.targets, fates, groups, changes), good, lost, (), "")


def _audit(work: Work, verb: str, about: Chosen, dates: int, **more: object) -> None:
    booking = about.view.booking
    work.audit(verb, f"series:{about.series.public_id}", venue=about.view.venue_id,
               organisation=booking.organisation_id, person=booking.booked_for_id,
               scope=about.scope, dates=dates, **more)  # fmt: skip
