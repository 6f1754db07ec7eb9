"""Pages of chains: answer a step, say that one is away, set who answers, keep reasons ready."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from tierslieu.bookings.answers import services as answers
from tierslieu.bookings.chains import queries, services
from tierslieu.bookings.chains.forms import AwayForm, ChainForm, DeclineForm, RefusalReasonForm
from tierslieu.bookings.chains.ladder import Ladder, ladder
from tierslieu.bookings.chains.refusals import refusal_text
from tierslieu.bookings.chains.rules import Step, sentences
from tierslieu.bookings.desk import queries as desk_queries
from tierslieu.bookings.desk.forms import version_of
from tierslieu.bookings.desk.hurts import hurt
from tierslieu.bookings.policies.places import Place, of_network, of_venue
from tierslieu.bookings.queries import BookingView, booking_view, competing
from tierslieu.bookings.series.answering import approve_series, asked_together, decline_series
from tierslieu.bookings.views import bp
from tierslieu.bookings.waiting.queries import waiting_for
from tierslieu.kernel.errors import Invalid, NotFound, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.people.models import Account
from tierslieu.people.queries import account_by_email
from tierslieu.people.rules import account_email
from tierslieu.venues.queries import network
from tierslieu.web import nav
from tierslieu.web.forms import texts_rows
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import SIGNED_IN, allow, reading, writing


@bp.get("/answers")
@allow(SIGNED_IN)
def to_answer() -> str:
    """What waits for one's answer, and until when one is away."""
    return _list_page(None)


def _list_page(form: AwayForm | None) -> str:
    with reading() as work:
        person = work.actor.person_id or 0
        rows = queries.waiting_for(work, person)
        until = queries.away_until(work.session, person)
        return page(
            "bookings/to_answer.html",
            rows=rows,
            form=form or AwayForm(formdata=None, until=until),
            nav_me=nav.entries("me"),
        )


@bp.post("/answers/away")
@allow(SIGNED_IN)
def away() -> Any:
    """Until when one is away: whoever stands in may answer meanwhile."""
    form = AwayForm()
    if not form.validate():
        return _list_page(form), 422
    try:
        with writing() as work:
            services.go_away(work, form.until.data)
    except Refusal as refusal:
        form.refuse(refusal)
        return _list_page(form), refusal.status
    flash_message(msg("Noted."))
    return redirect(url_for("bookings.to_answer"), 303)


def _to_answer(work: Work, public_id: str) -> tuple[BookingView, Ladder | None]:
    """A request for its approvers, and for whoever works there; NotFound for all others."""
    view = booking_view(work.session, public_id)
    if view is None:
        raise NotFound
    found = ladder(work, view)
    person = work.actor.person_id
    answers_it = found is not None and (
        person in found.standing.panel.may_answer
        or any(each.person_id == person for each in found.standing.answers)
    )
    if not answers_it and not work.actor.may("today.read", venue=view.venue_id):
        raise NotFound
    return view, found


@bp.get("/answers/<public_id>")
@allow(SIGNED_IN)
def answer(public_id: str) -> str:
    """One request: what, who said what, whom it would hurt, and the two answers."""
    return _answer_page(public_id, None)


def _answer_page(public_id: str, form: DeclineForm | None) -> str:
    with reading() as work:
        view, found = _to_answer(work, public_id)
        reasons = queries.reasons_of(work.session, view.venue_id)
        shown = form or DeclineForm(formdata=None, version=view.booking.version)
        shown.offer(reasons, network(work.session).locale)
        person = work.actor.person_id
        mine = found is not None and person in found.standing.panel.may_answer
        return page(
            "bookings/answer.html",
            view=view,
            ladder=found,
            mine=mine and person not in (found.standing.approved if found else ()),
            together=asked_together(work, view) if mine else [],
            hurt=hurt(work, view),
            waiting=desk_queries.pending_change(work.session, view),
            who=desk_queries.who_of(work.session, [view])[view.booking.id],
            form=shown,
            reasons=reasons,
            in_line=waiting_for(work.session, view.booking.room_id, view.span),
        )


@bp.post("/answers/<public_id>/approve")
@allow(SIGNED_IN)
def answer_approve(public_id: str) -> Any:
    """Approve the step."""
    version = request.form.get("version", "")
    try:
        with writing() as work:
            known = int(version) if version.isdigit() and len(version) < 10 else None
            waits = _approve(work, public_id, known)
            view = booking_view(work.session, public_id)
            rivals = bool(view and competing(work.session, view)) and not waits
    except Refusal as refusal:
        flash_message(refusal.reasons[0].message, "error")
        return redirect(url_for("bookings.answer", public_id=public_id), 303)
    flash_message(msg("Your yes is written; others still have to answer.") if waits
                  else msg("Approved; whoever asked is told."))  # fmt: skip
    if rivals and view and work.actor.may("bookings.approve", venue=view.venue_id):
        there = url_for("bookings.desk_others", slug=view.venue_slug, public_id=public_id)
        return redirect(there, 303)
    return redirect(url_for("bookings.to_answer"), 303)


def _approve(work: Work, public_id: str, version: int | None) -> bool:
    """Approve a request, or all dates of it at once; whether others still have to answer."""
    view = booking_view(work.session, public_id)
    if view is not None and asked_together(work, view):
        return not approve_series(work, public_id, "all", version=version).views
    return answers.approve(work, public_id, version).state == "requested"


def _decline(work: Work, public_id: str, form: DeclineForm) -> None:
    view, _ = _to_answer(work, public_id)
    text, version = refusal_text(work, view, form), version_of(form)
    if asked_together(work, view):
        decline_series(work, public_id, "all", text, version)
    else:
        answers.decline(work, public_id, text, version)


@bp.post("/answers/<public_id>/decline")
@allow(SIGNED_IN)
def answer_decline(public_id: str) -> Any:
    """Decline, with a reason of the list or one's own."""
    form = DeclineForm()
    if not form.validate():
        return _answer_page(public_id, form), 422
    try:
        with writing() as work:
            _decline(work, public_id, form)
    except Refusal as refusal:
        form.refuse(refusal)
        return _answer_page(public_id, form), refusal.status
    flash_message(msg("Declined; whoever asked is told."))
    return redirect(url_for("bookings.to_answer"), 303)


# -- setting a chain -----------------------------------------------------------------------------


@bp.get("/manage/<slug>/answers")
@allow("policies.edit")
def chain(slug: str) -> str:
    """Who answers at a venue, or for one of its rooms; and its reasons for refusals."""
    with reading() as work:
        return _chain_page(work, of_venue(work, slug))


@bp.get("/admin/answers")
@allow("network.edit")
def admin_chain() -> str:
    """Who answers where no venue says anything."""
    with reading() as work:
        return _chain_page(work, of_network(work))


def _chain_page(work: Work, place: Place, form: Any = None, reason: Any = None) -> str:
    scope, session = place.scope, work.session
    row = queries.chain_row(session, scope.venue_id, scope.room_id)
    own = queries.steps_of(session, row.id) if row else ()
    known = queries.chains(work)
    above = known.get((scope.venue_id or 0, 0), known.get((0, 0), ())) if scope.room_id else (
        known.get((0, 0), ()) if scope.venue_id else ()
    )  # fmt: skip
    if form is None:
        form = ChainForm(formdata=None, version=row.id if row else 0)
        form.show(own, _emails(work, own))
    form.prepare()
    return page(
        "bookings/chain.html",
        **(desk(place.venue) if place.venue else {"desk": None}),
        place=place,
        venue=place.venue,
        row=row,
        told=sentences(own if row else above),
        form=form,
        rows=lambda name: texts_rows(form, name),
        reasons=queries.reasons_of(session, place.venue.id) if place.venue else [],
        reason=reason or RefusalReasonForm(formdata=None),
        reason_rows=lambda shown: texts_rows(shown, "text"),
        url=_url,
    )


def _url(place: Place, endpoint: str = "") -> str:
    room = place.room.public_id if place.room else None
    if place.venue is None:
        return url_for(f"bookings.admin_chain{endpoint}")
    return url_for(f"bookings.chain{endpoint}", slug=place.venue.slug, room=room)


def _emails(work: Work, steps: tuple[Step, ...]) -> dict[int, str]:
    ids = {p for step in steps for p in (*step.persons, *step.substitutes)}
    rows = work.session.query(Account.person_id, Account.email).where(Account.person_id.in_(ids))
    return {row[0]: row[1] for row in rows}


@bp.post("/manage/<slug>/answers")
@allow("policies.edit")
def chain_submit(slug: str) -> Any:
    """Save who answers."""
    with reading() as work:
        return _save(of_venue(work, slug))


@bp.post("/admin/answers")
@allow("network.edit")
def admin_chain_submit() -> Any:
    """Save who answers where no venue says anything."""
    with reading() as work:
        return _save(of_network(work))


def _save(place: Place) -> Any:
    form, scope = ChainForm(), place.scope
    form.prepare()
    try:
        with writing() as work:
            if not form.validate():
                raise Invalid("invalid", msg("This is not one of the possible values."))
            steps = None if "nothing" in request.form else _steps(work, form)
            known = version_of(form)
            services.put_chain(work, scope.venue_id, scope.room_id, steps, known)
    except Refusal as refusal:
        form.refuse(refusal)
        with reading() as work:
            return _chain_page(work, place, form), refusal.status
    flash_message(msg("Saved. Requests that are under way finish as they began."))
    return redirect(_url(place), 303)


def _steps(work: Work, form: Any) -> list[Step]:
    from dataclasses import replace

    return [
        replace(
            step,
            persons=_persons(work, named, f"persons_{n}"),
            substitutes=_persons(work, instead, f"substitutes_{n}"),
        )
        for n, step, named, instead in form.written()
    ]


def _persons(work: Work, emails: list[str], field: str) -> tuple[int, ...]:
    found = []
    for written in emails:
        account = account_by_email(work.session, account_email(written, field))
        if account is None:
            text = msg("Nobody has an account with the address %(email)s.", email=written)
            raise Invalid("unknown_person", text, field)
        found.append(account.person_id)
    return tuple(dict.fromkeys(found))


@bp.post("/manage/<slug>/answers/reasons")
@allow("policies.edit")
def chain_reason(slug: str) -> Any:
    """Keep one more reason ready."""
    form = RefusalReasonForm()
    with reading() as work:
        place = of_venue(work, slug)
    try:
        with writing() as work:
            services.add_reason(work, place.scope.venue_id or 0, form.texts())
    except Refusal as refusal:
        form.refuse(refusal, {"text": "text_it"})
        with reading() as work:
            return _chain_page(work, place, reason=form), refusal.status
    return redirect(_url(place) + "#reasons", 303)


@bp.post("/manage/<slug>/answers/reasons/<public_id>/remove")
@allow("policies.edit")
def chain_reason_remove(slug: str, public_id: str) -> Any:
    """Keep it no longer."""
    with writing() as work:
        place = of_venue(work, slug)
        services.remove_reason(work, place.scope.venue_id or 0, public_id)
    return redirect(_url(place) + "#reasons", 303)
