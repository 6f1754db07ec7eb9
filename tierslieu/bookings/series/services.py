"""Verbs of a series: look at what would become of each date, book them, try a skipped one again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tierslieu.bookings import mails as booking_mails
from tierslieu.bookings import services as bookings
from tierslieu.bookings.accessories.queries import wishes
from tierslieu.bookings.accessories.services import lock_kit
from tierslieu.bookings.cases.queries import RoomCase, room_case, zone_of
from tierslieu.bookings.models import Booking, Series
from tierslieu.bookings.queries import BookingView, remember
from tierslieu.bookings.quotas.services import lock_quotas
from tierslieu.bookings.rules import first_state, occupies
from tierslieu.bookings.series import mails
from tierslieu.bookings.series.judging import Judged, judged
from tierslieu.bookings.series.kits import note_seats, note_things, things_of_dates
from tierslieu.bookings.series.models import SkippedDate
from tierslieu.bookings.series.queries import nearest_to, skipped_by_id
from tierslieu.bookings.series.rules import (
    Fate,
    Repeat,
    date_at,
    first_dates,
    over_limit,
    overlapping,
    refusal_of,
    repeat_of,
    rule_text,
)
from tierslieu.bookings.services import (
    KINDS,
    VISIBILITIES,
    Draft,
    NewBooking,
    ask_of,
    known,
    needs_sponsor,
    nobody,
    party_of,
)
from tierslieu.bookings.states.services import may_read, tell_all
from tierslieu.bookings.terms.services import accept
from tierslieu.config import LANGUAGES
from tierslieu.kernel.errors import Conflict, NotFound, Reason, refuse
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.kernel.recurrence import Rule
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import new_public_id
from tierslieu.kernel.work import Work
from tierslieu.people.services import relate
from tierslieu.resources.models import Claim
from tierslieu.resources.services import take


@dataclass(frozen=True)
class NewSeries:
    """What is asked for: the first date as a booking, and how it repeats.

    ``rule`` None: only the first and the days of ``also``; ``without``: days that are left out.
    ``skip_conflicts``: dates that cannot be had are kept with their reason, the others booked.
    """

    first: NewBooking
    rule: Rule | None = None
    also: tuple[date, ...] = ()
    without: tuple[date, ...] = ()
    skip_conflicts: bool = False


@dataclass(frozen=True)
class Preview:
    """Every date with its fate, before anything is written.

    ``whole``: what is against so many dates at once, though each by itself would do.
    """

    repeat: Repeat
    judged: Judged
    whole: tuple[Reason, ...] = ()
    attendance: int | None = None
    declared: tuple[str, ...] = ()

    @property
    def fates(self) -> tuple[Fate, ...]:
        return self.judged.fates

    @property
    def case(self) -> RoomCase:
        return self.judged.case

    @property
    def refused(self) -> list[Fate]:
        return [fate for fate in self.fates if not fate.free]

    @property
    def asks(self) -> bool:
        """Whether somebody will have to answer."""
        verdict = self.judged.verdicts[0]
        return verdict.policy.asks_approval(self.attendance, self.declared)


@dataclass(frozen=True)
class Made:
    """A series as it was booked."""

    series: Series
    views: tuple[BookingView, ...]
    skipped: tuple[Fate, ...] = ()


def preview(work: Work, new: NewSeries) -> Preview:
    """What becomes of each date if the series were booked now; nothing is written.

    Raises BadRule for a repetition that cannot be meant, and what booking one date would raise.
    """
    zone = zone_of(work, new.first.room)
    repeat = repeat_of(new.rule, new.first.span, zone, new.also, new.without)
    dates = repeat.dates()
    refuse(overlapping(dates))
    whole = Span(dates[0].span.starts_at, dates[-1].span.ends_at)
    case = room_case(work.session, new.first.room, whole)
    if new.first.layout:
        known(new.first.layout, tuple(case.layouts), "layout")
    case = case.arranged(new.first.layout)
    party = party_of(work, case, new.first)
    refuse(nobody(work, party))
    if new.first.override:
        work.require("bookings.override", venue=case.venue_id)
    if work.is_writing:
        lock_quotas(work, case)
        lock_kit(work, [case.id], [thing for thing, _ in new.first.things])
        # Whoever closes or changes the room takes the same locks: what they wrote is seen now.
        case = room_case(work.session, new.first.room, whole).arranged(new.first.layout)
    found = judged(work, "book", case, party, dates, ask_of(new.first, party),
                   purpose=new.first.purpose)  # fmt: skip
    if needs_sponsor(found.verdicts[0], new.first):
        text = msg("Where a member must vouch for you, book each date by itself.")
        refuse([Reason("sponsor_for_each", text, "rrule")])
    return Preview(
        repeat, found, _against_all(found, new), new.first.attendance, new.first.declared
    )


def _against_all(found: Judged, new: NewSeries) -> tuple[Reason, ...]:
    """Limits over the whole set: open bookings, and the quotas that were counted for all dates."""
    if new.first.override:
        return ()
    verdict = found.verdicts[0]
    limit, open_ = verdict.policy.max_open_bookings, verdict.applicant.open_bookings
    counted = {
        str(reason): reason
        for each in found.verdicts
        for reason in each.counted
        if reason in each.reasons
    }
    fit = first_dates([fate for fate in found.fates if fate.free], len(found.free), new.rule)
    over = [replace(reason, nearest=fit) for reason in counted.values()]
    return (*over_limit(limit, open_, found.fates, new.rule), *over)


def book_series(work: Work, new: NewSeries, *, quiet: bool = False) -> Made:
    """Book every date of a series, or ask for all of them at once.

    Without ``skip_conflicts`` any refusal makes nothing and all refused dates are said; with it
    they are kept as skipped dates. ``quiet``: told by whoever books several. Raises Refused,
    Conflict (also when no date is left), NotFound, Forbidden.
    """
    title = bookings.title_of(new.first.title)
    known(new.first.visibility, VISIBILITIES, "visibility")
    known(new.first.kind, KINDS, "kind")
    seen = preview(work, new)
    _refuse(seen, new)

    clerk = work.actor.may("bookings.override", venue=seen.case.venue_id)
    may_approve = clerk or bool(new.first.override)
    policy = seen.judged.verdicts[0].policy
    state = first_state(policy, new.first.attendance, new.first.declared, may_approve=may_approve)
    series = _write_series(work, seen, new)
    rows = _write_dates(work, seen, replace(new.first, title=title), series, state)
    pairs = list(zip(seen.judged.free, (booking for booking, _ in rows), strict=True))
    note_things(work, seen.judged, pairs)
    if occupies(state, policy.requests):
        takings = [replace(seen.judged.takings[n], claim_id=booking.id) for n, booking in pairs]
        takings += things_of_dates(work, [(each, seen.fates[n].date.span) for n, each in pairs])
        take(work, [*takings, *seen.judged.neighbours])
    if seen.case.places is not None and (occupies(state, policy.requests) or new.first.place):
        note_seats(work, [(booking, seen.judged.takings[n])
                          for n, (booking, _) in zip(seen.judged.free, rows, strict=True)
                          ])  # fmt: skip
    _skip(work, series, seen.refused)
    unmet = seen.judged.verdicts[0].applicant.unmet
    accept(work, rows[0][0].booked_for_id, unmet.unaccepted, new.first.accept_terms,
           rows[0][0].id)  # fmt: skip
    made = _made(work, seen, series, rows, state)
    if not quiet:
        mails.booked(work, made.views, made.skipped)
    return made


def _refuse(seen: Preview, new: NewSeries) -> None:
    refuse(seen.whole)
    if seen.refused and not new.skip_conflicts:
        refuse(refusal_of(seen.refused, seen.repeat.zone))
    if not seen.judged.free:
        raise Conflict(*refusal_of(seen.refused, seen.repeat.zone))


def _write_series(work: Work, seen: Preview, new: NewSeries) -> Series:
    kept = seen.repeat.settled()
    series = Series(
        uid=f"{new_public_id()}@tierslieu",
        rrule=rule_text(kept.rule),
        local_start=f"{kept.first:%Y-%m-%dT%H:%M}",
        minutes=kept.minutes,
        zone=kept.zone.key,
        room_id=seen.case.id,
        also=[day.isoformat() for day in sorted(set(new.also))],
        without=[day.isoformat() for day in sorted(set(new.without))],
        created_at=work.now,
    )
    work.session.add(series)
    work.session.flush()
    return series


def _write_dates(
    work: Work, seen: Preview, new: NewBooking, series: Series, state: str
) -> list[tuple[Booking, Claim]]:
    drafts = []
    for n in seen.judged.free:
        span = seen.fates[n].date.span
        drafts.append(
            Draft(
                seen.judged.verdicts[n],
                replace(new, span=span),
                state,
                series.uid,
                series.id,
                span.starts_at,
            )
        )
    return bookings.write(work, seen.judged.party, drafts)


def _skip(work: Work, series: Series, refused: Sequence[Fate]) -> None:
    work.session.add_all(skipped_date(work, series, fate) for fate in refused)
    work.session.flush()


def skipped_date(work: Work, series: Series, fate: Fate) -> SkippedDate:
    """A date that could not be had, with its reason in every language."""
    reason = fate.reasons[0]
    return SkippedDate(
        series_id=series.id,
        original_starts_at=fate.date.span.starts_at,
        local_start=f"{fate.date.local_start:%Y-%m-%dT%H:%M}",
        code=reason.code,
        why=in_words(reason),
        created_at=work.now,
    )


def in_words(reason: Reason) -> Texts:
    """A reason as each reader would read it."""
    return Texts({locale: say(reason.message, locale) for locale in LANGUAGES})


def _made(
    work: Work, seen: Preview, series: Series, rows: Sequence[tuple[Booking, Claim]], state: str
) -> Made:
    case, party = seen.case, seen.judged.party
    views = tuple(bookings.view_of(booking, claim, case) for booking, claim in rows)
    for view in views:
        remember(work.session, view)
    if party.person_id is not None:
        relate(work, party.person_id, case.venue_id)
    tell_all(work, views, {}, "made")
    work.audit("series.book", f"series:{series.public_id}", venue=case.venue_id,
               organisation=party.organisation_id, person=party.person_id, state=state,
               dates=len(views), skipped=len(seen.refused))  # fmt: skip
    return Made(series, views, tuple(seen.refused))


def try_again(work: Work, public_id: str) -> Booking:
    """Book a date that was skipped, as its neighbours in the series are.

    Raises Refused or Conflict with what is in the way today, NotFound.
    """
    skipped, series, new = _skipped(work, public_id)
    like = nearest_to(work.session, series.id, skipped.original_starts_at)
    wall = datetime.fromisoformat(skipped.local_start)
    wanted = date_at(wall, series.minutes, ZoneInfo(series.zone))
    case = room_case(work.session, new.room, new.span).arranged(new.layout)
    party = party_of(work, case, new)
    lock_quotas(work, case)
    lock_kit(work, [case.id], [thing for thing, _ in new.things])
    # Whoever closes or changes the room takes the same locks: what they wrote is seen now.
    case = room_case(work.session, new.room, new.span).arranged(new.layout)
    beside = [] if like is None else [like.booking.id]
    seen = judged(work, "book", case, party, [wanted], ask_of(new, party), purpose=new.purpose,
                  beside=beside)  # fmt: skip
    refuse(seen.fates[0].reasons)

    booking = _take_up(work, seen, new, skipped, series)
    work.session.delete(skipped)
    work.audit("series.try_again", f"booking:{booking.public_id}", venue=case.venue_id,
               organisation=party.organisation_id, person=party.person_id,
               state=booking.state)  # fmt: skip
    booking_mails.booked(work, booking.public_id)
    return booking


def skipped_wish(work: Work, public_id: str) -> NewBooking:
    """What a skipped date would be booked as. Raises NotFound."""
    return _skipped(work, public_id)[2]


def _skipped(work: Work, public_id: str) -> tuple[SkippedDate, Series, NewBooking]:
    found = skipped_by_id(work.session, public_id)
    like = nearest_to(work.session, found[1].id, found[0].original_starts_at) if found else None
    if found is None or like is None or not may_read(work, like):
        raise NotFound
    skipped, series = found
    wall = datetime.fromisoformat(skipped.local_start)
    span = date_at(wall, series.minutes, ZoneInfo(series.zone)).span
    things = wishes(work.session, like.booking)
    return skipped, series, replace(_like(like, span), things=things)


def _like(like: BookingView, span: Span) -> NewBooking:
    """The same again at another time."""
    booking, claim = like.booking, like.claim
    return NewBooking(
        room=like.room_public_id,
        span=span,
        title=claim.label,
        attendance=booking.attendance,
        purpose=booking.purpose,
        declared=tuple(booking.declared),
        visibility=claim.visibility,
        layout=booking.layout,
        note=booking.note,
        person_id=booking.booked_for_id,
        organisation_id=booking.organisation_id,
        kind=booking.kind,
        places=booking.places,
    )


def _take_up(
    work: Work, seen: Judged, new: NewBooking, skipped: SkippedDate, series: Series
) -> Booking:
    case, verdict = seen.case, seen.verdicts[0]
    clerk = work.actor.may("bookings.override", venue=case.venue_id)
    state = first_state(verdict.policy, new.attendance, new.declared, may_approve=clerk)
    draft = Draft(verdict, new, state, series.uid, series.id, skipped.original_starts_at)
    [(booking, claim)] = bookings.write(work, seen.party, [draft])
    note_things(work, seen, [(0, booking)])
    if occupies(state, verdict.policy.requests):
        things = things_of_dates(work, [(booking, new.span)])
        taking = replace(seen.takings[0], claim_id=booking.id)
        take(work, [taking, *things, *seen.neighbours])
        note_seats(work, [(booking, seen.takings[0])])
    view = bookings.view_of(booking, claim, case)
    remember(work.session, view)
    tell_all(work, [view], {}, "made")
    return booking
