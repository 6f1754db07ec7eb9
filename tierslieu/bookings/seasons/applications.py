"""Pages of one application for whoever runs a venue: its points, its fate, what a hand may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for

from tierslieu.bookings.desk.gate import desk_of
from tierslieu.bookings.seasons import confirming, placing, services
from tierslieu.bookings.seasons.criteria import BY_KEY, QUESTIONS, declared, standing
from tierslieu.bookings.seasons.forms import PlaceForm, PointsForm
from tierslieu.bookings.seasons.models import SeasonApplication, SeasonRound
from tierslieu.bookings.seasons.queries import Applied, application_at, booked_of, timetable
from tierslieu.bookings.seasons.words import (
    hard,
    missed_words,
    point_words,
    slot_words,
    source_words,
    summary,
)
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, current_locale, reading, writing


@bp.get("/manage/<slug>/season-applications/<public_id>")
@allow("policies.edit")
def season_application(slug: str, public_id: str) -> str:
    """One application: its points, what became of it and why, what can be done by hand."""
    with reading() as work:
        venue, applied, row = _application(work, slug, public_id)
        form = PointsForm(
            formdata=None,
            points=applied.row.points_by_hand,
            points_reason=applied.row.points_reason,
        )
        return _application_page(work, venue, applied, row, form, PlaceForm(formdata=None))


def _application(work: Work, slug: str, public_id: str) -> tuple[Venue, Applied, SeasonRound]:
    venue = desk_of(work, slug, "policies.edit")
    applied, row, _ = application_at(work.session, public_id)
    if row.venue_id != venue.id:
        raise NotFound
    return venue, applied, row


def _application_page(
    work: Work, venue: Venue, applied: Applied, row: SeasonRound, form: PointsForm, place: PlaceForm
) -> str:
    found = timetable(work.session, row)
    fate = found.fate_of(applied.row.id)
    words = {s.id: say(slot_words(s, found.facts), current_locale()) for s in found.slots}
    got = [(found.slot_ids[slot.id], words[slot.id]) for slot, _ in fate.got] if fate else []
    holders = {p.slot: found.applied[p.wish].row.title for p in found.placed}
    place.slot.choices = [
        (found.slot_ids[s.id], words[s.id] + (f" ({holders[s.id]})" if s.id in holders else ""))
        for s in sorted(found.slots, key=lambda one: (one.weekday, one.start, one.room_id))
    ]
    place.instead_of.choices = [("", say(msg("nothing"), current_locale())), *got]
    return page(
        "bookings/season_application.html", **desk(venue), venue=venue, row=row, applied=applied,
        fate=fate, facts=found.facts, slot_ids=found.slot_ids, slot_words=slot_words,
        summary=summary, missed=hard(fate) if fate else [], missed_words=missed_words,
        points=point_words(row, applied.row), declared=_declared(row, applied.row),
        form=form, place=place,
        by_hand=any(p.made_by == "hand" and p.application_id == applied.row.id
                    for p in found.placements),
        booked=booked_of(work.session, found.placements), placements=found.placements,
    )  # fmt: skip


def _declared(row: SeasonRound, application: SeasonApplication) -> list[dict[str, Any]]:
    """What the group says of itself, and how it stands with each."""
    return [
        {
            "key": key,
            "label": BY_KEY[key].label,
            "question": QUESTIONS[key],
            "years": application.answers[key] if BY_KEY[key].source == "years" else None,
            "standing": standing(key, row.to_confirm, application.verdicts),
            "source": source_words(key, row, application),
            "reason": application.verdicts.get(key, {}).get("reason", ""),
        }
        for key in declared(row.criteria, application.answers)
    ]


@bp.post("/manage/<slug>/season-applications/<public_id>/declared")
@allow("policies.edit")
def season_declared(slug: str, public_id: str) -> Any:
    """Confirm or decline what the group declares."""
    asked = request.form
    version = asked.get("version", "")
    ok = asked.get("verdict") == "confirm"
    try:
        with writing() as work:
            _, applied, row = _application(work, slug, public_id)
            confirming.answer_declared(
                work, row, applied.row, asked.get("criterion", ""), ok, asked.get("reason", ""),
                int(version) if version.isdecimal() and len(version) < 10 else None,
            )  # fmt: skip
    except Refusal as refusal:
        flash_message(refusal.reasons[0].message, "error")
    else:
        flash_message(
            msg("Confirmed. Its points count.") if ok else msg("Not confirmed. It gives no points.")
        )
    url = url_for("bookings.season_application", slug=slug, public_id=public_id)
    return redirect(url, 303)


@bp.post("/manage/<slug>/season-applications/<public_id>/points")
@allow("policies.edit")
def season_points(slug: str, public_id: str) -> Any:
    """Points by hand."""
    form = PointsForm()

    def act(work: Work, row: SeasonRound, application: SeasonApplication) -> None:
        by_hand = form.points.data or 0
        services.give_points(work, row, application, by_hand, form.points_reason.data or "")

    said = msg("The points are counted. Make the timetable again to use them.")
    return _by_hand(slug, public_id, form, act, said)


@bp.post("/manage/<slug>/season-applications/<public_id>/place")
@allow("policies.edit")
def season_place(slug: str, public_id: str) -> Any:
    """Give a time by hand."""
    form = PlaceForm()

    def act(work: Work, row: SeasonRound, application: SeasonApplication) -> None:
        placing.place(work, row, application, form.slot.data or "", form.reason.data or "",
                      form.instead_of.data or "")  # fmt: skip

    said = msg("Placed by hand: it stays when the timetable is made again.")
    return _by_hand(slug, public_id, form, act, said)


@bp.post("/manage/<slug>/season-applications/<public_id>/take")
@allow("policies.edit")
def season_take(slug: str, public_id: str) -> Any:
    """Take a time away by hand."""
    form = PlaceForm()

    def act(work: Work, row: SeasonRound, application: SeasonApplication) -> None:
        slot, reason = form.slot.data or "", form.reason.data or ""
        placing.take_away(work, row, application, slot, reason)

    return _by_hand(slug, public_id, form, act, msg("Taken away. It is not given there again."))


@bp.post("/manage/<slug>/season-applications/<public_id>/leave")
@allow("policies.edit")
def season_leave(slug: str, public_id: str) -> Any:
    """Leave an application to the method again."""
    said = msg("The method decides about it when the timetable is made again.")
    return _by_hand(slug, public_id, PlaceForm(), placing.leave_to_method, said)


def _by_hand(
    slug: str,
    public_id: str,
    form: PointsForm | PlaceForm,
    act: Callable[[Work, SeasonRound, SeasonApplication], None],
    said: Message,
) -> Any:
    """Do something to an application; what is refused is shown where it was written."""
    status = 422
    if form.validate():
        try:
            with writing() as work:
                _, applied, row = _application(work, slug, public_id)
                act(work, row, applied.row)
        except Refusal as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            flash_message(said)
            url = url_for("bookings.season_application", slug=slug, public_id=public_id)
            return redirect(url, 303)
    with reading() as work:
        venue, applied, row = _application(work, slug, public_id)
        points = form if isinstance(form, PointsForm) else PointsForm(formdata=None)
        place = form if isinstance(form, PlaceForm) else PlaceForm(formdata=None)
        return _application_page(work, venue, applied, row, points, place), status
