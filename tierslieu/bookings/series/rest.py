"""Series over the API: one act for many dates, answered date by date."""

from __future__ import annotations

from collections.abc import Sequence

from tierslieu.bookings.changes.services import Edit
from tierslieu.bookings.listing.rest import booking_answer
from tierslieu.bookings.models import Series
from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.schemas import NewBookingBody
from tierslieu.bookings.series.answering import approve_series, decline_series
from tierslieu.bookings.series.changing import cancel_series, change_series
from tierslieu.bookings.series.rules import Fate, Scope
from tierslieu.bookings.series.schemas import ChangeQuery, SeriesAnswer, SkippedAnswer
from tierslieu.bookings.series.services import NewSeries, book_series
from tierslieu.bookings.services import NewBooking
from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.kernel.recurrence import parse
from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work
from tierslieu.venues.queries import network


def whole(work: Work, view: BookingView, scope: Scope) -> bool:
    """Whether an act is about more than this date."""
    return scope != "this" and view.booking.series_id is not None


def created(work: Work, asked: NewBookingBody, first: NewBooking) -> tuple[SeriesAnswer, int]:
    """A series as it is asked for; with dry_run it is made and undone."""
    new = NewSeries(first, parse(asked.rrule or ""), skip_conflicts=bool(asked.skip_conflicts))
    if not asked.dry_run:
        made = book_series(work, new)
        return shown(work, made.series, made.views, made.skipped), 201
    with work.session.begin_nested() as trial:
        made = book_series(work, new)
        answer = shown(work, made.series, made.views, made.skipped)
        trial.rollback()
    return answer, 200


def only_with_rule(asked: NewBookingBody) -> None:
    """What is said of a series needs its rule."""
    if asked.skip_conflicts is not None:
        raise Invalid("invalid", msg("This is for bookings that repeat."), "skip_conflicts")


def changed(work: Work, booking_id: str, edit: Edit, asked: ChangeQuery) -> SeriesAnswer:
    """Change the dates of a scope."""
    skip = asked.skip_conflicts == "1"
    done = change_series(work, booking_id, edit, asked.scope, skip_conflicts=skip)
    return shown(work, done.series, done.views, done.kept)


def cancelled(work: Work, booking_id: str, scope: Scope) -> SeriesAnswer:
    """Give up the dates of a scope."""
    done = cancel_series(work, booking_id, scope)
    return shown(work, done.series, done.views, done.kept)


def approved(work: Work, booking_id: str, scope: Scope) -> SeriesAnswer:
    """Confirm the dates of a scope that wait."""
    done = approve_series(work, booking_id, scope)
    return shown(work, done.series, done.views, done.lost)


def declined(work: Work, booking_id: str, scope: Scope, reason: str) -> SeriesAnswer:
    """Decline the dates of a scope that wait."""
    done = decline_series(work, booking_id, scope, reason)
    return shown(work, done.series, done.views, ())


def shown(
    work: Work, series: Series, views: Sequence[BookingView], skipped: Sequence[Fate]
) -> SeriesAnswer:
    """A series with the dates of one act."""
    currency = network(work.session).currency
    return SeriesAnswer(
        series_id=series.public_id,
        bookings=[booking_answer(work.session, view, currency, work.locale) for view in views],
        skipped=[_skipped(fate, work.locale) for fate in skipped],
    )


def _skipped(fate: Fate, locale: str) -> SkippedAnswer:
    reason = fate.reasons[0]
    return SkippedAnswer(
        starts_at=iso(fate.date.span.starts_at),
        code=reason.code,
        message=say(reason.message, locale),
    )
