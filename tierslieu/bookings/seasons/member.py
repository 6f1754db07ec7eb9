"""Pages of seasons for whoever applies: what is offered, the form, what became of it."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for

from tierslieu.bookings.member.asking import bodies
from tierslieu.bookings.seasons import asking
from tierslieu.bookings.seasons.boards import board
from tierslieu.bookings.seasons.criteria import CRITERIA
from tierslieu.bookings.seasons.forms import ApplicationForm
from tierslieu.bookings.seasons.models import SeasonRound
from tierslieu.bookings.seasons.queries import (
    Applied,
    application_at,
    booked_of,
    mine,
    shown_round,
    takes_applications,
    timetable,
    today_at,
)
from tierslieu.bookings.seasons.words import STATES, missed_words, point_words, slot_words, summary
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.people.models import Organisation
from tierslieu.venues.models import Venue
from tierslieu.venues.places.queries import venue_by_slug
from tierslieu.venues.rooms.queries import rooms_of
from tierslieu.web.limits import limit
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import PUBLIC, SIGNED_IN, allow, current_locale, reading, writing


@bp.get("/venues/<slug>/season")
@allow(PUBLIC)
def season(slug: str) -> str:
    """The season of a venue: when one can apply, by what it is decided, the timetable."""
    with reading() as work:
        venue, row = _shown(work, slug)
        person = work.actor.person_id
        found = timetable(work.session, row)
        return page(
            "bookings/season.html",
            venue=venue,
            row=row,
            state=STATES[row.state],
            criteria=[each for each in CRITERIA if row.criteria.get(each.key)],
            can_apply=takes_applications(row, today_at(venue, work.now)),
            board=board(found),
            is_out=row.state in ("published", "closed"),
            mine=mine(work.session, row.id, person, work.actor.organisations) if person else [],
        )


def _shown(work: Work, slug: str) -> tuple[Venue, SeasonRound]:
    venue = venue_by_slug(work.session, slug)
    row = shown_round(work.session, venue.id, today_at(venue, work.now))
    if row is None:
        raise NotFound
    return venue, row


@bp.get("/venues/<slug>/season/apply")
@allow(SIGNED_IN)
def season_apply(slug: str) -> str:
    """The form of an application."""
    with reading() as work:
        venue, row = _shown(work, slug)
        form = ApplicationForm(formdata=None)
        _prepare(work, venue, form)
        return _form_page(venue, row, form)


def _prepare(work: Work, venue: Venue, form: ApplicationForm) -> None:
    rooms = [(room.public_id, room.name) for room in rooms_of(work.session, venue.id)]
    parties = [("me", say(msg("For myself"), current_locale()))]
    parties += [(body.public_id, body.name) for body in bodies(work)]
    form.prepare(rooms, parties)


def _form_page(
    venue: Venue, row: SeasonRound, form: ApplicationForm, applied: Applied | None = None
) -> str:
    asked = [each for each in CRITERIA if each.source == "yes" and row.criteria.get(each.key)]
    for key in row.to_confirm:
        say_so = msg("The venue has to confirm it before it counts.")
        form[f"a_{key}"].description = say(say_so, current_locale())
    return page("bookings/season_apply.html", venue=venue, row=row, form=form, applied=applied,
                asked=[form[f"a_{each.key}"] for each in asked],
                years=form.a_years if row.criteria.get("years") else None)  # fmt: skip


def _party(work: Work, form: ApplicationForm) -> int | None:
    found: dict[str, Organisation] = {body.public_id: body for body in bodies(work)}
    body = found.get(form.who.data or "")
    return body.id if body is not None else None


@bp.post("/venues/<slug>/season/apply")
@allow(SIGNED_IN)
@limit("60/minute")
def season_apply_submit(slug: str) -> Any:
    """Apply."""
    form, status = ApplicationForm(), 422
    with reading() as work:
        venue, row = _shown(work, slug)
        _prepare(work, venue, form)
    if form.validate():
        try:
            with writing() as work:
                now = _shown(work, slug)[1]
                made = asking.put_application(work, now, form.said(_party(work, form)))
        except Refusal as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            flash_message(
                msg("Your application has arrived. You can change it while one can apply.")
            )
            return redirect(_url(made.public_id), 303)
    return _form_page(venue, row, form), status


def _url(public_id: str) -> str:
    return url_for("bookings.my_season", public_id=public_id)


def _own(work: Work, public_id: str) -> tuple[Applied, SeasonRound, Venue]:
    found = application_at(work.session, public_id)
    if not asking.is_own(work, found[0].row):
        raise NotFound
    return found


@bp.get("/me/season/<public_id>")
@allow(SIGNED_IN)
def my_season(public_id: str) -> str:
    """One's application: what was asked, the points, and after the publication its fate."""
    with reading() as work:
        applied, row, venue = _own(work, public_id)
        found = timetable(work.session, row)
        is_out = row.state in ("published", "closed")
        return page(
            "bookings/season_mine.html",
            venue=venue,
            row=row,
            applied=applied,
            state=STATES[row.state],
            points=point_words(row, applied.row),
            can_change=takes_applications(row, today_at(venue, work.now)),
            is_out=is_out,
            fate=found.fate_of(applied.row.id) if is_out else None,
            **_words(work, found),
        )


def _words(work: Work, found: Any) -> dict[str, Any]:
    return {
        "facts": found.facts,
        "slot_words": slot_words,
        "summary": summary,
        "missed_words": missed_words,
        "placements": found.placements,
        "booked": booked_of(work.session, found.placements),
    }


@bp.get("/me/season/<public_id>/change")
@allow(SIGNED_IN)
def my_season_change(public_id: str) -> str:
    """The form, with what was written."""
    with reading() as work:
        applied, row, venue = _own(work, public_id)
        form = ApplicationForm(formdata=None)
        _prepare(work, venue, form)
        rooms = {room.id: room.public_id for room in rooms_of(work.session, venue.id)}
        party = next(
            (b.public_id for b in bodies(work) if b.id == applied.row.organisation_id), "me"
        )
        form.show(applied.row, rooms, party)
        return _form_page(venue, row, form, applied)


@bp.post("/me/season/<public_id>/change")
@allow(SIGNED_IN)
def my_season_change_submit(public_id: str) -> Any:
    """Change what one asked for."""
    form, status = ApplicationForm(), 422
    with reading() as work:
        applied, row, venue = _own(work, public_id)
        _prepare(work, venue, form)
    if form.validate():
        try:
            with writing() as work:
                mine_, now, _ = _own(work, public_id)
                said = form.said(_party(work, form))
                asking.put_application(work, now, said, mine_.row)
        except Refusal as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            flash_message(msg("Your application is changed."))
            return redirect(_url(public_id), 303)
    return _form_page(venue, row, form, applied), status


@bp.post("/me/season/<public_id>/withdraw")
@allow(SIGNED_IN)
def my_season_withdraw(public_id: str) -> Any:
    """Ask for nothing any more."""
    try:
        with writing() as work:
            applied, row, _ = _own(work, public_id)
            asking.withdraw(work, row, applied.row)
    except Refusal as refusal:
        flash_message(refusal.reasons[0].message, "error")
    else:
        flash_message(msg("Your application is withdrawn."))
    return redirect(_url(public_id), 303)
