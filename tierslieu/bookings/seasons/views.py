"""Pages of seasons for whoever runs a venue: a round, its times, the proposal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for

from tierslieu.bookings.desk.gate import desk_of
from tierslieu.bookings.seasons import booking, services
from tierslieu.bookings.seasons.boards import board
from tierslieu.bookings.seasons.criteria import CRITERIA
from tierslieu.bookings.seasons.forms import RoundForm, SlotsForm
from tierslieu.bookings.seasons.models import SeasonRound
from tierslieu.bookings.seasons.queries import (
    booked_of,
    round_at,
    rounds_of,
    slots_of,
    timetable,
)
from tierslieu.bookings.seasons.words import STATES, point_words, summary
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue
from tierslieu.venues.rooms.queries import rooms_of
from tierslieu.web.forms import texts_rows
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, reading, writing

_NAMES = {"name": "name_it", "criteria": "c_member"}


@bp.get("/manage/<slug>/seasons")
@allow("policies.edit")
def seasons(slug: str) -> str:
    """The rounds of a venue, and a form for a new one."""
    with reading() as work:
        venue = desk_of(work, slug, "policies.edit")
        return _list_page(work, venue, RoundForm(formdata=None))


def _list_page(work: Work, venue: Venue, form: RoundForm) -> str:
    return page(
        "bookings/seasons.html",
        **desk(venue),
        venue=venue,
        form=form,
        rounds=rounds_of(work.session, venue.id),
        states=STATES,
        criteria=CRITERIA,
        label_rows=texts_rows,
    )


@bp.post("/manage/<slug>/seasons")
@allow("policies.edit")
def seasons_submit(slug: str) -> Any:
    """Make a round."""
    form, status = RoundForm(), 422
    with reading() as work:
        venue = desk_of(work, slug, "policies.edit")
    if form.validate():
        try:
            with writing() as work:
                row = services.put_round(work, venue.id, form.said())
        except Refusal as refusal:
            form.refuse(refusal, _NAMES)
            status = refusal.status
        else:
            flash_message(msg("Now say which times are offered every week."))
            return redirect(_slots_url(slug, row.public_id), 303)
    with reading() as work:
        return _list_page(work, venue, form), status


def _url(slug: str, public_id: str) -> str:
    return url_for("bookings.season_round", slug=slug, public_id=public_id)


def _slots_url(slug: str, public_id: str) -> str:
    return url_for("bookings.season_slots", slug=slug, public_id=public_id)


@bp.get("/manage/<slug>/seasons/<public_id>/edit")
@allow("policies.edit")
def season_edit(slug: str, public_id: str) -> str:
    """Change a round."""
    with reading() as work:
        venue = desk_of(work, slug, "policies.edit")
        row = round_at(work.session, venue.id, public_id)
    form = RoundForm(formdata=None)
    form.show(row)
    return _edit_page(venue, row, form)


def _edit_page(venue: Venue, row: SeasonRound, form: RoundForm) -> str:
    return page("bookings/season_edit.html", **desk(venue), venue=venue, row=row, form=form,
                criteria=CRITERIA, label_rows=texts_rows)  # fmt: skip


@bp.post("/manage/<slug>/seasons/<public_id>/edit")
@allow("policies.edit")
def season_edit_submit(slug: str, public_id: str) -> Any:
    """Save a round."""
    form, status = RoundForm(), 422
    with reading() as work:
        venue = desk_of(work, slug, "policies.edit")
        row = round_at(work.session, venue.id, public_id)
    if form.validate():
        written = str(form.version.data or "")
        version = int(written) if written.isdigit() and len(written) < 10 else None
        try:
            with writing() as work:
                services.put_round(work, venue.id, form.said(), public_id, version)
        except Refusal as refusal:
            form.refuse(refusal, _NAMES)
            status = refusal.status
        else:
            return redirect(_url(slug, public_id), 303)
    return _edit_page(venue, row, form), status


# -- the times that are offered ------------------------------------------------------------------


@bp.get("/manage/<slug>/seasons/<public_id>/times")
@allow("policies.edit")
def season_slots(slug: str, public_id: str) -> str:
    """The times a round offers every week."""
    with reading() as work:
        venue = desk_of(work, slug, "policies.edit")
        rooms = rooms_of(work.session, venue.id)
        form = SlotsForm(formdata=None)
        form.prepare([(room.public_id, room.name) for room in rooms])
        return _slots_page(work, venue, public_id, form)


def _slots_page(work: Work, venue: Venue, public_id: str, form: SlotsForm) -> str:
    row = round_at(work.session, venue.id, public_id)
    return page("bookings/season_times.html", **desk(venue), venue=venue, row=row, form=form,
                board=board(timetable(work.session, row)))  # fmt: skip


@bp.post("/manage/<slug>/seasons/<public_id>/times")
@allow("policies.edit")
def season_slots_submit(slug: str, public_id: str) -> Any:
    """Offer more times."""
    with reading() as work:
        venue = desk_of(work, slug, "policies.edit")
        form, status = SlotsForm(), 422
        form.prepare([(room.public_id, room.name) for room in rooms_of(work.session, venue.id)])
    if form.validate():
        try:
            with writing() as work:
                n = services.add_slots(work, venue.id, public_id, form.said())
        except Refusal as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            flash_message(nmsg("%(n)s time more a week.", "%(n)s times more a week.", n))
            return redirect(_slots_url(slug, public_id), 303)
    with reading() as work:
        return _slots_page(work, venue, public_id, form), status


@bp.post("/manage/<slug>/seasons/<public_id>/times/drop")
@allow("policies.edit")
def season_slots_drop(slug: str, public_id: str) -> Any:
    """Offer some times no longer."""
    slots = request.form.getlist("slot")[: services.MOST_SLOTS]

    def act(work: Work, venue: Venue) -> None:
        services.drop_slots(work, venue.id, public_id, slots)

    return _done(slug, act, msg("They are offered no longer."), _slots_url(slug, public_id))


# -- a round -------------------------------------------------------------------------------------


@bp.get("/manage/<slug>/seasons/<public_id>")
@allow("policies.edit")
def season_round(slug: str, public_id: str) -> str:
    """A round: how far it is, who applied with how many points, the timetable as it stands."""
    with reading() as work:
        venue = desk_of(work, slug, "policies.edit")
        row = round_at(work.session, venue.id, public_id)
        found = timetable(work.session, row)
        return page(
            "bookings/season_round.html",
            **desk(venue),
            venue=venue,
            row=row,
            state=STATES[row.state],
            criteria=CRITERIA,
            board=board(found),
            fates=found.fates,
            applied=found.applied,
            summary=summary,
            points=point_words,
            placements=found.placements,
            booked=booked_of(work.session, found.placements),
            offered=len(slots_of(work.session, row.id)),
        )


def _done(
    slug: str, act: Callable[[Work, Venue], Any], said: Message, back: str | None = None
) -> Any:
    """Do something to a round and come back to it, saying what came of it."""
    try:
        with writing() as work:
            act(work, desk_of(work, slug, "policies.edit"))
    except Refusal as refusal:
        for reason in refusal.reasons:
            flash_message(reason.message, "error")
    else:
        flash_message(said)
    return redirect(back or request.path.rpartition("/")[0], 303)


@bp.post("/manage/<slug>/seasons/<public_id>/open")
@allow("policies.edit")
def season_open(slug: str, public_id: str) -> Any:
    """Let people apply."""
    said = msg("People can apply now, on the days you said.")
    return _done(slug, lambda w, v: services.open_round(w, v.id, public_id), said)


@bp.post("/manage/<slug>/seasons/<public_id>/close")
@allow("policies.edit")
def season_close(slug: str, public_id: str) -> Any:
    """Take no more applications."""
    said = msg("Nobody can apply any more. Look at the points, then make the timetable.")
    return _done(slug, lambda w, v: services.turn(w, v.id, public_id, "close"), said)


@bp.post("/manage/<slug>/seasons/<public_id>/run")
@allow("policies.edit")
def season_run(slug: str, public_id: str) -> Any:
    """Let the method propose a timetable."""
    said = msg("This is a proposal: nobody is told, nothing is booked.")
    return _done(slug, lambda w, v: services.run(w, v.id, public_id), said)


@bp.post("/manage/<slug>/seasons/<public_id>/publish")
@allow("policies.edit")
def season_publish(slug: str, public_id: str) -> Any:
    """Publish the timetable."""
    said = msg("It is published. Everybody who applied is told once.")
    return _done(slug, lambda w, v: services.publish(w, v.id, public_id), said)


@bp.post("/manage/<slug>/seasons/<public_id>/book")
@allow("policies.edit")
def season_book(slug: str, public_id: str) -> Any:
    """Have the timetable booked."""
    said = msg("It is being booked: within a few minutes every time says how many dates it has.")
    return _done(slug, lambda w, v: booking.book_round(w, v.id, public_id), said)
