"""Taking a time over: the wish, whom it would hurt, and doing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import redirect, request, url_for
from werkzeug.datastructures import MultiDict

from tierslieu.bookings.member.asking import ME, bodies
from tierslieu.bookings.member.cases import Seen, open_case
from tierslieu.bookings.member.when import NAMES, fields_of, in_fields
from tierslieu.bookings.preemption import queries, services
from tierslieu.bookings.preemption.forms import TakeOverForm
from tierslieu.bookings.services import NewBooking
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import Choice, Forbidden, Invalid, NotFound, Refusal
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import SIGNED_IN, allow, current_locale, reading, writing


@bp.get("/book/<room>/take-over")
@allow(SIGNED_IN)
def take_over(room: str) -> str:
    """The time that is wanted, and whom taking it over would hurt."""
    with reading() as work:
        form = _form(work, request.args)
        return _page(work, room, form)


@bp.post("/book/<room>/take-over")
@allow(SIGNED_IN)
def take_over_submit(room: str) -> Any:
    """Show whom it hurts; with ``sure`` do it."""
    with reading() as work:
        form = _form(work, request.form)
        valid = form.validate()
        if not valid or "sure" not in request.form:
            return _page(work, room, form, looked=valid), 200 if valid else 422
    try:
        target = _take(room, form)
    except Refusal as refusal:
        form.refuse(refusal, NAMES)
        with reading() as work:
            zone = open_case(work, room).case.zone
            form.reasons = in_fields(refusal.reasons, zone)
            return _page(work, room, form), refusal.status
    flash_message(msg("It is yours. Whoever had the time was written to, with what is free."))
    return redirect(target, 303)


def _form(work: Work, sent: MultiDict[str, str]) -> TakeOverForm:
    form = TakeOverForm(formdata=sent)
    locale = current_locale()
    mine = [(ME, say(msg("I, %(name)s", name=work.actor.name), locale))]
    theirs = [
        (body.public_id, say(msg("For “%(name)s”", name=body.name), locale))
        for body in bodies(work)
    ]
    form.prepare([*mine, *theirs])
    return form


def _page(work: Work, room: str, form: TakeOverForm, *, looked: bool = False) -> str:
    seen = open_case(work, room)
    policy = seen.policy
    if not queries.permitted(work, seen.case, policy):
        raise Forbidden("bookings.preempt")
    span = _span(form, seen)
    hits = queries.hits(work, open_case(work, room, span).case, policy, span) if span else ()
    against = any(hit.against for hit in hits)
    near: Sequence[Choice] = ()
    if span is not None and against:
        near = queries.free_near(work, seen.case, span, form.n.data, _body(work, form))
    return page(
        "bookings/take_over.html", room=seen.case, form=form, span=span, hits=hits,
        near=[Choice(each.label, fields_of(each.values, seen.case.zone)) for each in near],
        looked=looked and bool(hits) and not against,
    )  # fmt: skip


def _span(form: TakeOverForm, seen: Seen) -> Span | None:
    try:
        return form.span(seen.case.zone)
    except Refusal as refusal:
        form.reasons = refusal.reasons
        return None


def _take(room: str, form: TakeOverForm) -> str:
    with writing() as work:
        span = _span(form, open_case(work, room))
        if span is None:
            raise Invalid("missing", msg("Choose a day."), "date")
        new = NewBooking(
            room=room,
            span=span,
            title=form.title.data or "",
            attendance=form.n.data,
            organisation_id=_body(work, form),
        )
        made = services.preempt(work, new, form.reason.data or "", request.form.getlist("seen"))
        return url_for("bookings.booking", public_id=made.public_id)


def _body(work: Work, form: TakeOverForm) -> int | None:
    wanted = form.who.data or ME
    if wanted == ME:
        return None
    found = next((body.id for body in bodies(work) if body.public_id == wanted), None)
    if found is None:
        raise NotFound
    return found
