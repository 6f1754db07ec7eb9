"""Answers by signed link: no more reminders, and "yes, it is still needed"."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Response, redirect, request, url_for

from tierslieu.bookings.attendance.showing import secret
from tierslieu.bookings.reminders import queries, services
from tierslieu.bookings.reminders.models import Reconfirmation
from tierslieu.bookings.reminders.told import NEEDED, STOP
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import msg, nmsg
from tierslieu.kernel.tokens import is_signed
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person
from tierslieu.web.limits import limit
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import PUBLIC, allow, reading, writing


@bp.get("/reminders/<token>")
@allow(PUBLIC)
def reminders(token: str) -> Response:
    """Whether one is reminded, and the other choice."""
    with reading() as work:
        person = _person(work, token)
        stopped = queries.is_stopped(work.session, person.id)
    return secret(page("bookings/reminders.html", token=token, stopped=stopped))


@bp.post("/reminders/<token>")
@allow(PUBLIC)
@limit("30/minute")
def reminders_submit(token: str) -> Any:
    """No more reminders; or again."""
    stop = request.form.get("act") != "start"
    with writing() as work:
        services.stop_reminders(work, _person(work, token).id, stop=stop)
    flash_message(msg("You get no more reminders.") if stop else msg("You are reminded again."))
    return redirect(url_for("bookings.reminders", token=token), 303)


def _person(work: Work, token: str) -> Person:
    if not is_signed(work.site.config.key, STOP, token):
        raise NotFound
    question = sa.select(Person).where(
        Person.public_id == token.partition(".")[0], Person.erased_at.is_(None)
    )
    person = work.session.scalar(question)
    if person is None:
        raise NotFound
    return person


@bp.get("/still-needed/<token>")
@allow(PUBLIC)
def still_needed(token: str) -> Response:
    """The question, with the dates it is about."""
    with reading() as work:
        question = _question(work, token)
        dates = queries.future_dates(work.session, question.series_id, work.now)
        about = queries.one_of(work.session, question.series_id)
        if about is None:
            raise NotFound
        shown = page("bookings/still_needed.html", token=token, question=question, dates=dates,
                     about=about)  # fmt: skip
    return secret(shown)


@bp.post("/still-needed/<token>")
@allow(PUBLIC)
@limit("30/minute")
def still_needed_submit(token: str) -> Any:
    """Yes, or: give it up."""
    keep = request.form.get("act") == "keep"
    try:
        with writing() as work:
            freed = services.answer(work, _question(work, token), keep=keep)
    except NotFound:
        raise
    except Refusal as refusal:
        flash_message(refusal.reasons[0].message, "error")
    else:
        thanks = msg("Thank you: everything stays as it is.")
        given = nmsg("Thank you: %(n)s date is free for others.",
                     "Thank you: %(n)s dates are free for others.", freed)  # fmt: skip
        flash_message(thanks if keep else given)
    return redirect(url_for("bookings.still_needed", token=token), 303)


def _question(work: Work, token: str) -> Reconfirmation:
    if not is_signed(work.site.config.key, NEEDED, token):
        raise NotFound
    question = queries.by_public_id(work.session, token.partition(".")[0])
    if question is None:
        raise NotFound
    return question
