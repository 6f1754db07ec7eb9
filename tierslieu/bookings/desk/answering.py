"""Answers to requests: approve, decline with a reason, propose something else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, request, url_for

from tierslieu.bookings.answers import services as answers
from tierslieu.bookings.chains.forms import DeclineForm
from tierslieu.bookings.chains.queries import reasons_of
from tierslieu.bookings.chains.refusals import refusal_text
from tierslieu.bookings.desk import queries
from tierslieu.bookings.desk.forms import ReasonForm, version_of
from tierslieu.bookings.desk.gate import booking_at, desk_of
from tierslieu.bookings.desk.hurts import hurt
from tierslieu.bookings.desk.proposals import Proposal, proposals, reason_for
from tierslieu.bookings.queries import BookingView, competing
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import msg, nmsg
from tierslieu.kernel.work import Work
from tierslieu.venues.queries import network
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, reading, writing


@bp.post("/manage/<slug>/bookings/<public_id>/approve")
@allow("bookings.approve")
def desk_approve(slug: str, public_id: str) -> Any:
    """Approve a request, or the change that waits."""
    form = ReasonForm()
    try:
        with writing() as work:
            venue = desk_of(work, slug, "bookings.approve")
            view = booking_at(work, venue, public_id)
            answers.approve(work, public_id, version_of(form))
            rivals = competing(work.session, view)
    except Refusal as refusal:
        flash_message(refusal.reasons[0].message, "error")
        return redirect(url_for("bookings.desk_booking", slug=slug, public_id=public_id))
    flash_message(msg("“%(title)s” is approved; whoever asked is told.", title=view.claim.label))
    if rivals:
        return redirect(url_for("bookings.desk_others", slug=slug, public_id=public_id))
    return redirect(url_for("bookings.today", slug=slug))


@bp.get("/manage/<slug>/bookings/<public_id>/decline")
@allow("bookings.approve")
def desk_decline(slug: str, public_id: str) -> str:
    """Ask for the reason."""
    return _decline_page(slug, public_id, None)


def _decline_page(slug: str, public_id: str, form: DeclineForm | None) -> str:
    with reading() as work:
        venue = desk_of(work, slug, "bookings.approve")
        view = booking_at(work, venue, public_id)
        if form is None:
            form = DeclineForm(formdata=None, version=view.booking.version)
        form.offer(reasons_of(work.session, venue.id), network(work.session).locale)
        return page(
            "bookings/decline.html",
            **desk(venue),
            venue=venue,
            view=view,
            waiting=queries.pending_change(work.session, view),
            who=queries.who_of(work.session, [view])[view.booking.id],
            form=form,
        )


@bp.post("/manage/<slug>/bookings/<public_id>/decline")
@allow("bookings.approve")
def desk_decline_submit(slug: str, public_id: str) -> Any:
    """Decline, and tell why."""
    form = DeclineForm()
    if not form.validate():
        return _decline_page(slug, public_id, form), 422
    try:
        with writing() as work:
            venue = desk_of(work, slug, "bookings.approve")
            view = booking_at(work, venue, public_id)
            answers.decline(work, public_id, refusal_text(work, view, form), version_of(form))
    except Refusal as refusal:
        form.refuse(refusal)
        return _decline_page(slug, public_id, form), refusal.status
    flash_message(msg("“%(title)s” is declined; whoever asked is told.", title=view.claim.label))
    return redirect(url_for("bookings.today", slug=slug))


@bp.get("/manage/<slug>/bookings/<public_id>/propose")
@allow("bookings.approve")
def desk_propose(slug: str, public_id: str) -> str:
    """Other times in this room, and other rooms at this time, that would be free."""
    with reading() as work:
        venue = desk_of(work, slug, "bookings.approve")
        view = booking_at(work, venue, public_id)
        return page(
            "bookings/propose.html",
            **desk(venue),
            venue=venue,
            view=view,
            who=queries.who_of(work.session, [view])[view.booking.id],
            hurt=hurt(work, view),
            proposals=proposals(work, view),
        )


@bp.post("/manage/<slug>/bookings/<public_id>/propose")
@allow("bookings.approve")
def desk_propose_submit(slug: str, public_id: str) -> Any:
    """Decline with the proposal; one press in the mail books it."""
    version = request.form.get("version", "")
    with writing() as work:
        venue = desk_of(work, slug, "bookings.approve")
        view = booking_at(work, venue, public_id)
        chosen = _chosen(proposals(work, view), request.form.get("proposal", ""))
        if chosen is not None:
            text = reason_for(work, view, chosen, _address(view, chosen))
            answers.decline(work, public_id, text, int(version) if version.isdigit() else None)
    if chosen is None:
        flash_message(msg("This is not free any more: choose again."), "error")
        return redirect(url_for("bookings.desk_propose", slug=slug, public_id=public_id))
    flash_message(msg("Proposed: whoever asked can book it with one press."))
    return redirect(url_for("bookings.today", slug=slug))


def _chosen(offered: Sequence[Proposal], key: str) -> Proposal | None:
    return next((each for each in offered if each.key == key), None)


def _address(view: BookingView, chosen: Proposal) -> str:
    zone = ZoneInfo(view.zone)
    starts, ends = chosen.span.starts_at.astimezone(zone), chosen.span.ends_at.astimezone(zone)
    return url_for(
        "bookings.book",
        room=chosen.room,
        date=f"{starts:%Y-%m-%d}",
        start=f"{starts:%H:%M}",
        end=f"{ends:%H:%M}",
        n=view.booking.attendance,
    )


@bp.get("/manage/<slug>/bookings/<public_id>/others")
@allow("bookings.approve")
def desk_others(slug: str, public_id: str) -> str:
    """The requests that lost the time to the one just approved."""
    with reading() as work:
        venue = desk_of(work, slug, "bookings.approve")
        view = booking_at(work, venue, public_id)
        rivals = competing(work.session, view)
        return page(
            "bookings/others.html",
            **desk(venue),
            venue=venue,
            view=view,
            rivals=rivals,
            who=queries.who_of(work.session, rivals),
            form=ReasonForm(formdata=None),
        )


@bp.post("/manage/<slug>/bookings/<public_id>/others")
@allow("bookings.approve")
def desk_others_submit(slug: str, public_id: str) -> Any:
    """Decline them with one message."""
    form = ReasonForm()
    with writing() as work:
        declined = _decline_others(work, slug, public_id, form.reason.data or "")
    said = nmsg(
        "%(n)s request is declined and told.",
        "%(n)s requests are declined and told.",
        declined,
    )
    flash_message(said)
    return redirect(url_for("bookings.today", slug=slug))


def _decline_others(work: Work, slug: str, public_id: str, reason: str) -> int:
    venue = desk_of(work, slug, "bookings.approve")
    view = booking_at(work, venue, public_id)
    wanted = set(request.form.getlist("booking"))
    rivals = [each for each in competing(work.session, view) if each.booking.public_id in wanted]
    for rival in rivals:
        answers.decline(work, rival.booking.public_id, reason)
    return len(rivals)
