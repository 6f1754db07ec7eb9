"""What people are told about a series: one mail for an act, however many dates it touches."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from tierslieu.bookings import mails
from tierslieu.bookings.queries import BookingView
from tierslieu.bookings.series.rules import Fate, refusal_of
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.span import LocalSpan
from tierslieu.kernel.work import Work

#: So many dates are named in a mail; the page shows all of them.
NAMED = 12


def booked(work: Work, views: Sequence[BookingView], skipped: Sequence[Fate]) -> None:
    """The series has arrived, or is confirmed at once."""
    first = views[0]
    requested = first.booking.state == "requested"
    subject = msg("Your request has arrived") if requested else msg("Your booking is confirmed")
    more = [msg("We will write to you as soon as it is answered.")] if requested else []
    _post(work, first, subject, [*_dates(views), *not_had(skipped, first), *more])
    if requested:
        mails.asked(work, first.booking.public_id)


def answered(work: Work, views: Sequence[BookingView], lost: Sequence[Fate], reason: str) -> None:
    """Confirmed or declined, with the dates that could not be had any more."""
    first = views[0]
    confirmed = [view for view in views if view.booking.state == "confirmed"]
    said = (
        msg("Your booking is confirmed")
        if confirmed
        else mails.ANSWERS.get(first.booking.state, msg("Your request was declined"))
    )
    lines = [*_dates(confirmed or views), *not_had(lost, first), *mails.because(reason)]
    _post(work, (confirmed or views)[0], said, lines)


def changed(
    work: Work, views: Sequence[BookingView], kept: Sequence[Fate], reason: str = ""
) -> None:
    """Changed by somebody else; those that could not be moved stay as they were."""
    stay = [msg("These stay as they were:"), *refused_lines(kept, views[0])] if kept else []
    more = mails.because(reason)
    _post(work, views[0], msg("Your booking has changed"), [*_dates(views), *stay, *more])


def stays(work: Work, views: Sequence[BookingView], reason: str) -> None:
    """The change of these dates was refused, or nobody answered: the old times stand."""
    said = msg("The change was declined; your booking stands as it was.")
    lines = [said, *_dates(views), *mails.because(reason)]
    _post(work, views[0], msg("Your booking stays as it was"), lines)


def cancelled(work: Work, views: Sequence[BookingView], reason: str, *, by_staff: bool) -> None:
    """Given up, by oneself or by staff with a reason."""
    subject = (
        msg("Your booking was cancelled by the venue")
        if by_staff
        else msg("You cancelled your booking")
    )
    _post(work, views[0], subject, [*_dates(views), *mails.because(reason)])


def not_had(fates: Sequence[Fate], like: BookingView) -> list[Message]:
    """The dates that were skipped, with the reason of each."""
    return [msg("These dates are skipped:"), *refused_lines(fates, like)] if fates else []


def refused_lines(fates: Sequence[Fate], like: BookingView) -> list[Message]:
    """One line for each date that could not be had; a few of very many."""
    lines = [reason.message for reason in refusal_of(fates, ZoneInfo(like.zone))]
    return lines[:NAMED]


def _dates(views: Sequence[BookingView]) -> list[Message]:
    lines = [nmsg("%(n)s date:", "%(n)s dates:", len(views))]
    for view in views[:NAMED]:
        lines.append(msg("%(when)s", when=LocalSpan(view.span, ZoneInfo(view.zone))))
    if len(views) > NAMED:
        rest = len(views) - NAMED
        lines.append(nmsg("and %(n)s more", "and %(n)s more", rest))
    return lines


def _post(work: Work, view: BookingView, subject: Message, lines: list[Message]) -> None:
    mails.post_about(work, view, subject, lines, when=False)
