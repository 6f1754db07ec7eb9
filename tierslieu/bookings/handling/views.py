"""Pages of closings: the venue's mode, who would be touched, who is to be handled, who was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, request, url_for

from tierslieu.bookings.desk.gate import desk_of
from tierslieu.bookings.handling import services
from tierslieu.bookings.handling.forms import AskForm, HandleForm, ModeForm
from tierslieu.bookings.handling.offers import offers
from tierslieu.bookings.handling.queries import (
    Touch,
    grouped,
    handled,
    to_handle,
    touched_by,
    without_number,
)
from tierslieu.bookings.handling.rules import Shut
from tierslieu.bookings.handling.waits import waits_to_handle, waits_touched
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.span import Span, local_date
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room, Venue
from tierslieu.venues.modes.queries import days_span, modes_of
from tierslieu.venues.modes.rules import Mode, check_mode, mode_on
from tierslieu.venues.modes.services import end_mode, set_mode
from tierslieu.venues.rooms.queries import rooms_of
from tierslieu.web.forms import Form, texts_rows
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, current_locale, reading, writing

#: Bookings to be handled that one page shows, each with where it could go.
AT_ONCE = 25
#: The last day of a question that has none.
NO_END = timedelta(days=3650)


@bp.get("/manage/<slug>/settings/mode")
@allow("closures.edit")
def mode(slug: str) -> str:
    """How the venue is open now and later, and a form to change it."""
    with reading() as work:
        venue = desk_of(work, slug, "closures.edit")
        form = ModeForm(rooms_of(work.session, venue.id), formdata=None)
        form.first.data = local_date(work.now, ZoneInfo(venue.zone))
        return _mode_page(work, venue, form)


@bp.post("/manage/<slug>/settings/mode")
@allow("closures.edit")
def mode_submit(slug: str) -> Any:
    """Change it; who is touched is shown before anything is saved."""
    with writing() as work:
        venue = desk_of(work, slug, "closures.edit")
        form = ModeForm(rooms_of(work.session, venue.id))
        if not form.validate_on_submit():
            return _mode_page(work, venue, form), 422
        try:
            said = form.mode()
            check_mode(said)
            touches = touched_by(work.session, venue, said, work.now)
            if request.form.get("known") != fingerprint(touches):
                return _mode_page(work, venue, form, touches)
            set_mode(work, venue.id, said)
        except Refusal as refusal:
            form.refuse(refusal)
            return _mode_page(work, venue, form), refusal.status
    flash_message(msg("Saved. What was booked stays and waits for you to handle it."))
    target = "bookings.to_handle_page" if touches else "bookings.mode"
    return redirect(url_for(target, slug=slug))


@bp.post("/manage/<slug>/settings/mode/<public_id>/end")
@allow("closures.edit")
def mode_end_submit(slug: str, public_id: str) -> Any:
    """Back to normal: nothing is restored, who was touched is shown."""
    with writing() as work:
        venue = desk_of(work, slug, "closures.edit")
        end_mode(work, venue.id, public_id)
    flash_message(msg("Back to normal. Nothing was booked again by itself."))
    return redirect(url_for("bookings.handled_page", slug=slug, key=f"mode-{public_id}"))


@bp.get("/manage/<slug>/touched")
@allow("closures.edit")
def touched(slug: str) -> str:
    """If we did this, who would be touched? Nothing is saved by asking."""
    with reading() as work:
        venue = desk_of(work, slug, "closures.edit")
        rooms = rooms_of(work.session, venue.id)
        form = AskForm(rooms)
        thought = _thought(work, venue, form, rooms) if request.args and form.validate() else None
        touches = touched_by(work.session, venue, thought, work.now) if thought else None
        waits = waits_touched(work.session, venue, thought, work.now) if thought else []
        return page(
            "bookings/touched.html",
            **desk(venue),
            venue=venue,
            form=form,
            groups=grouped(touches) if touches is not None else None,
            n=len(touches or ()),
            waits=waits,
            thought=thought,
        )


def _thought(work: Work, venue: Venue, form: AskForm, rooms: list[Room]) -> Mode | Shut | None:
    room = next((each.id for each in rooms if each.public_id == form.room.data), None)
    zone = ZoneInfo(venue.zone)
    first: date = form.first.data or local_date(work.now, zone)
    last: date = form.last.data or first + NO_END
    if last < first or (form.what.data == "retire" and room is None):
        text = msg("The last day is before the first.") if last < first else msg("Choose a room.")
        _wrong(form, text)
        return None
    if form.what.data == "limit":
        if not form.people.data or form.people.data < 1:
            _wrong(form, msg("Say how many people."))
            return None
        each = {room: form.people.data} if room else {}
        people = None if room else form.people.data
        return Mode("thought", "limited", first, last, people=people, rooms=each)
    return Shut("closure:thought", days_span(first, last, zone), room)


def _wrong(form: Form, message: Message) -> None:
    form.form_errors.append(say(message, current_locale()))


@bp.get("/manage/<slug>/to-handle")
@allow("closures.edit")
def to_handle_page(slug: str) -> str:
    """Bookings inside what is closed or limited, each with where it could go."""
    with reading() as work:
        venue = desk_of(work, slug, "closures.edit")
        return _handle_page(work, venue, HandleForm(formdata=None))


@bp.post("/manage/<slug>/to-handle")
@allow("closures.edit")
def to_handle_submit(slug: str) -> Any:
    """Do one thing with those that are ticked, and tell each person once."""
    form = HandleForm()
    chosen = request.form.getlist("booking")[:500]
    try:
        with writing() as work:
            venue = desk_of(work, slug, "closures.edit")
            form.offer(services.ways_at(work, venue.id))
            if not form.validate_on_submit() or not chosen:
                if not chosen:
                    _wrong(form, msg("Tick at least one booking."))
                return _handle_page(work, venue, form), 422
            n = services.handle(work, venue.id, chosen, _decision(form))
    except Refusal as refusal:
        form.refuse(refusal)
        with reading() as again:
            return _handle_page(again, venue, form), refusal.status
    flash_message(nmsg("Done: %(n)s booking.", "Done: %(n)s bookings.", n))
    return redirect(url_for("bookings.to_handle_page", slug=slug))


def _decision(form: HandleForm) -> services.Decision:
    places = {
        name.removeprefix("to-"): value
        for name, value in request.form.items()
        if name.startswith("to-")
    }
    return services.Decision(form.act.data, form.reason.data or "", form.words.data or "", places)


@bp.get("/manage/<slug>/handled/<key>")
@allow("closures.edit")
def handled_page(slug: str, key: str) -> str:
    """What one closing did to whom, and the offer to tell them that it is over."""
    with reading() as work:
        venue = desk_of(work, slug, "closures.edit")
        done = handled(work.session, venue.id, _cause(key))
        return page(
            "bookings/handled.html",
            **desk(venue),
            venue=venue,
            done=done,
            key=key,
            telling=[each for each in done if services.may_be_told(work, each)],
        )


@bp.post("/manage/<slug>/handled/<key>")
@allow("closures.edit")
def handled_submit(slug: str, key: str) -> Any:
    """Tell them that the room is free again; nothing else."""
    with writing() as work:
        venue = desk_of(work, slug, "closures.edit")
        n = services.tell_again(work, venue.id, _cause(key))
    flash_message(nmsg("%(n)s person is told.", "%(n)s people are told.", n))
    return redirect(url_for("bookings.handled_page", slug=slug, key=key))


def _cause(key: str) -> str:
    """``closure-…`` of an address as the cause that is kept."""
    kind, _, name = key.partition("-")
    if kind not in ("closure", "mode", "room") or not name:
        raise NotFound
    return f"{kind}:{name}"


def fingerprint(touches: list[Touch]) -> str:
    """What was shown, so that a booking that comes in between is shown too."""
    return ",".join(touch.view.booking.public_id for touch in touches) or "nobody"


def _mode_page(work: Work, venue: Venue, form: ModeForm, touches: list[Touch] | None = None) -> str:
    today = local_date(work.now, ZoneInfo(venue.zone))
    modes = modes_of(work.session, venue.id, today)
    said = form.mode() if touches is not None else None
    nobody_says = 0
    if said is not None and said.kind == "limited":
        span = days_span(said.first, said.last or said.first + NO_END, ZoneInfo(venue.zone))
        nobody_says = without_number(work.session, venue.id, _ahead(span, work))
    return page(
        "bookings/mode.html",
        **desk(venue),
        venue=venue,
        form=form,
        rooms=form.rooms,
        reason_rows=texts_rows(form, "reason"),
        modes=modes,
        now_in=mode_on(modes, today),
        today=today,
        groups=grouped(touches) if touches is not None else None,
        n=len(touches or ()),
        waits=[] if said is None else waits_touched(work.session, venue, said, work.now),
        known=fingerprint(touches or []),
        nobody_says=nobody_says,
    )


def _ahead(span: Span, work: Work) -> Span:
    return replace(span, starts_at=max(span.starts_at, min(work.now, span.ends_at)))


def _handle_page(work: Work, venue: Venue, form: HandleForm) -> str:
    form.offer(ways := services.ways_at(work, venue.id))
    touches = to_handle(work.session, venue, work.now)
    shown = touches[:AT_ONCE]
    return page(
        "bookings/to_handle.html",
        **desk(venue),
        venue=venue,
        form=form,
        ways=ways,
        touches=shown,
        more=len(touches) - len(shown),
        waits=waits_to_handle(work.session, venue, work.now),
        offers={t.view.booking.id: offers(work, t.view, t.cause.ends_at) for t in shown},
        ticked=set(request.form.getlist("booking")),
        typed=request.form,
    )
