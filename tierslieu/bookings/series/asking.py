"""A series in the form that books: every date with its fate, before it is sent."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from tierslieu.bookings.member.asking import once, wish
from tierslieu.bookings.member.forms import BookForm
from tierslieu.bookings.series.services import NewSeries, Preview, book_series, preview
from tierslieu.bookings.series.words import date_rows
from tierslieu.bookings.services import NewBooking
from tierslieu.kernel.errors import Reason, Refusal
from tierslieu.kernel.messages import msg, nmsg
from tierslieu.kernel.recurrence import parse
from tierslieu.kernel.work import Work
from tierslieu.web.idempotency import keep, replayed
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import current_locale, reading, writing

#: Buttons of the list of dates; they are no fields of the booking.
BUTTONS = ("csrf_token", "send", "edit", "use")


def asked_again(room: str, form: BookForm) -> Any:
    """The dates with their fates, or the series once it is sent. Raises Refusal."""
    if "send" in request.form:
        return redirect(_book_once(room, form), 303)
    with reading() as work:
        seen = preview(work, _wish(work, room, form))
    return preview_page(form, seen, url_for("bookings.book_submit", room=room))


def _wish(work: Work, room: str, form: BookForm) -> NewSeries:
    return repeated(form, wish(work, room, form))


def repeated(form: Any, first: NewBooking) -> NewSeries:
    """A booking as often as a form says that it repeats. Raises Invalid."""
    rule, also, without = form.repetition(form.date.data)
    skip = request.form.get("send") == "skip"
    return NewSeries(first, rule, also, without, skip_conflicts=skip)


def _book_once(room: str, form: BookForm) -> str:
    """Where the new series is; the same form sent twice leads to the same one."""
    with writing() as work:
        key = once(form, request.form.to_dict())
        before = replayed(work, key)
        if before is not None:
            return str(before[0]["url"])
        made = book_series(work, _wish(work, room, form))
        view = made.views[0]
        target = url_for("bookings.series", public_id=view.booking.public_id)
        keep(work, key, {"url": target}, 303, secret=False)
    if view.booking.state == "requested":
        flash_message(msg("Asked for. You will hear as soon as the venue answers."))
    else:
        said = nmsg("%(n)s date is booked.", "%(n)s dates are booked.", len(made.views))
        flash_message(said)
    return target


def preview_page(form: Any, seen: Preview, target: str) -> str:
    """Every date with its fate, and the buttons that send it to ``target``."""
    return page(
        "bookings/series_preview.html",
        room=seen.case,
        form=form,
        kept=[(k, v) for k, v in request.form.items(multi=True) if k not in BUTTONS],
        rows=date_rows(seen.fates, seen.repeat.zone, current_locale()),
        free=len(seen.judged.free),
        refused=len(seen.refused),
        whole=[_in_form(reason) for reason in seen.whole],
        asks=seen.asks,
        target=target,
    )


def _in_form(reason: Reason) -> Reason:
    """A reason whose choice of a shorter rule fills the fields of the form."""
    from dataclasses import replace

    nearest = []
    for choice in reason.nearest:
        until = parse(choice.values["rrule"]).until if "rrule" in choice.values else None
        fields = {"until": f"{until:%Y-%m-%d}", "times": ""} if until else choice.values
        nearest.append(replace(choice, values=fields))
    return replace(reason, nearest=tuple(nearest))


def in_form(refusal: Refusal) -> Refusal:
    """The same for all reasons of a refusal."""
    refusal.reasons = tuple(_in_form(reason) for reason in refusal.reasons)
    return refusal
