"""Turning up, for the desk: who comes in, whom we missed, what was asked and freed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from tierslieu.bookings.attendance import services as attendance
from tierslieu.bookings.desk.gate import desk_of
from tierslieu.bookings.desk.queries import who_of
from tierslieu.bookings.displays.forms import ReferenceForm
from tierslieu.bookings.missed import queries, services
from tierslieu.bookings.missed.forms import ForgiveForm
from tierslieu.bookings.queries import booking_view
from tierslieu.bookings.reminders import queries as series
from tierslieu.bookings.reminders import services as reminders
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.work import Work
from tierslieu.people.queries import names
from tierslieu.venues.models import Venue
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, reading, writing


@bp.get("/manage/<slug>/arrivals")
@allow("today.read")
def arrivals(slug: str) -> str:
    """Type a reference; review the records; put back what was freed."""
    return _page(slug)


def _page(
    slug: str,
    form: ReferenceForm | None = None,
    forgiving: ForgiveForm | None = None,
    about: str = "",
) -> str:
    with reading() as work:
        venue = desk_of(work, slug)
        missed = queries.at_venue(work.session, venue.id, work.now)
        asked = series.asked_at(work.session, venue.id, work.now)
        views = [each.view for each in missed] + [each.view for each in asked]
        people = {view.booking.booked_for_id for view in views} - {None}
        return page(
            "bookings/arrivals.html",
            **desk(venue),
            venue=venue,
            now=work.now,
            form=form or ReferenceForm(formdata=None),
            forgiving=forgiving or ForgiveForm(formdata=None),
            about=about,
            missed=missed,
            asked=asked,
            who=who_of(work.session, views),
            times=queries.times(work.session, venue.id, {p for p in people if p}, work.now),
            names=names(work.session, [each.record.forgiven_by_id for each in missed
                                       if each.record.forgiven_by_id]),
            may=lambda permission: work.actor.may(permission, venue=venue.id),
        )  # fmt: skip


@bp.post("/manage/<slug>/arrivals")
@allow("bookings.check_in")
def arrivals_submit(slug: str) -> Any:
    """Check in by the reference, spoken, typed or scanned."""
    form = ReferenceForm()
    if not form.validate():
        return _page(slug, form), 422
    try:
        with writing() as work:
            venue = desk_of(work, slug, "bookings.check_in")
            booking = attendance.check_in_by_reference(
                work, venue.id, form.reference.data, by="desk"
            )
            view = booking_view(work.session, booking.public_id)
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(slug, form), refusal.status
    if view is not None:
        flash_message(msg("%(title)s, %(room)s: they are there.", title=view.claim.label,
                          room=view.room_name))  # fmt: skip
    return redirect(url_for("bookings.arrivals", slug=slug), 303)


@bp.post("/manage/<slug>/missed/<public_id>/forgive")
@allow("bookings.no_show")
def missed_forgive(slug: str, public_id: str) -> Any:
    """Let a record count for nothing, with the reason."""
    form = ForgiveForm()
    if not form.validate():
        return _page(slug, forgiving=form, about=public_id), 422

    def forgive(work: Work, venue: Venue) -> Message:
        services.forgive(work, venue.id, public_id, form.reason.data)
        return msg("Forgiven: it counts no more.")

    return _reviewed(slug, "bookings.no_show", forgive, "#missed")


@bp.post("/manage/<slug>/missed/<public_id>/count")
@allow("bookings.no_show")
def missed_count(slug: str, public_id: str) -> Any:
    """Let a forgiven record count again."""

    def count(work: Work, venue: Venue) -> Message:
        services.take_back(work, venue.id, public_id)
        return msg("It counts again.")

    return _reviewed(slug, "bookings.no_show", count, "#missed")


@bp.post("/manage/<slug>/asked/<public_id>/answer")
@allow("bookings.change")
def asked_answer(slug: str, public_id: str) -> Any:
    """Answer for whoever was asked by voice."""

    def answer(work: Work, venue: Venue) -> Message:
        keep = request.form.get("answer") == "keep"
        reminders.answer_for(work, venue.id, public_id, keep=keep)
        return msg("Noted.")

    return _reviewed(slug, "bookings.change", answer, "#asked")


@bp.post("/manage/<slug>/asked/<public_id>/put-back")
@allow("bookings.change")
def asked_put_back(slug: str, public_id: str) -> Any:
    """Put back what was freed, where it is still free."""

    def put_back(work: Work, venue: Venue) -> Message:
        back, lost = reminders.put_back(work, venue.id, public_id)
        return nmsg("%(n)s date is put back; %(lost)s could not be.",
                    "%(n)s dates are put back; %(lost)s could not be.",
                    back, lost=lost)  # fmt: skip

    return _reviewed(slug, "bookings.change", put_back, "#asked")


def _reviewed(
    slug: str, permission: str, act: Callable[[Work, Venue], Message], where: str
) -> Response:
    try:
        with writing() as work:
            flash_message(act(work, desk_of(work, slug, permission)))
    except NotFound:
        raise
    except Refusal as refusal:
        flash_message(refusal.reasons[0].message, "error")
    return redirect(url_for("bookings.arrivals", slug=slug) + where, 303)
