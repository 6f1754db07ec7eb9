"""The library of things, and one's own loans."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Blueprint, redirect, request, url_for

import tierslieu.toolkit as tl
from tierslieu_lending import queries, rules, services, terms, words
from tierslieu_lending.forms import TimesForm, said_by
from tierslieu_lending.waiting.services import waiting_of

bp = Blueprint("lending", __name__, template_folder="templates")
msg = tl.sentences("tierslieu_lending")

#: So many days a thing's page shows as free or taken.
DAYS = 14


@bp.get("/lending")
@tl.allow(tl.PUBLIC)
def library() -> str:
    """What is lent, found by words, kind, venue, and by when it is free."""
    asked = {name: request.args.get(name, "").strip()[:100] for name in
             ("q", "kind", "venue", "from", "until")}  # fmt: skip
    with tl.reading() as work:
        span, wrong = _asked_span(work, asked)
        views = queries.library(
            work, venue=asked["venue"], category=asked["kind"], words=asked["q"], span=span
        )
        every = ("", tl.say(msg("all"), tl.current_locale()))
        named = sa.select(tl.Venue.slug, tl.Venue.name).where(tl.Venue.published)
        venues = [every, *map(tuple, work.session.execute(named.order_by(tl.Venue.name)))]
        return tl.page(
            "lending/library.html", views=views, asked=asked, wrong=wrong, venues=venues,
            kinds=[every, *said_by(words.CATEGORIES)], now=work.now, span=span,
            **words.EVERYTHING,
        )  # fmt: skip


def _asked_span(work: tl.Work, asked: dict[str, str]) -> tuple[tl.Span | None, tl.Reason | None]:
    if not asked["from"] and not asked["until"]:
        return None, None
    zone = ZoneInfo(tl.network(work.session).zone)
    try:
        start = tl.moment(asked["from"], zone, "from")
        return tl.Span(start, tl.moment(asked["until"], zone, "until")), None
    except tl.Refusal as refusal:
        return None, refusal.reasons[0]


@bp.get("/lending/<public_id>")
@tl.allow(tl.PUBLIC)
def thing(public_id: str) -> str:
    """A thing: what it is, when one is free, and the way to borrow it."""
    form = TimesForm(formdata=None)
    form.starts_at.data = request.args.get("from", "")[:40]
    form.ends_at.data = request.args.get("until", "")[:40]
    return thing_page(public_id, form)


@bp.post("/lending/<public_id>")
@tl.allow("lending.borrow")
@tl.limit("60/minute")
def reserve(public_id: str) -> Any:
    """Borrow it."""
    form = TimesForm()
    if not form.validate():
        return thing_page(public_id, form), 422
    try:
        with tl.writing() as work:
            found = queries.public_thing(work, public_id)
            venue = work.session.get_one(tl.Venue, found.venue_id)
            services.reserve(work, found, form.span(ZoneInfo(venue.zone)))
    except tl.Refusal as refusal:
        form.refuse(refusal)
        return thing_page(public_id, form), refusal.status
    tl.flash_message(msg("It is kept for you."))
    return redirect(url_for("lending.my_loans"), 303)


def thing_page(public_id: str, form: TimesForm) -> str:
    with tl.reading() as work:
        found = queries.public_thing(work, public_id)
        view = queries.view_of(work, found)
        zone = ZoneInfo(view.venue.zone)
        first = tl.local_date(work.now, zone)
        days = [first + timedelta(days=n) for n in range(DAYS)]
        busy = queries.busy_of(
            work, [item.id for item in view.items], work.now + timedelta(days=DAYS + 2)
        )
        counts = rules.free_by_day(list(busy.values()), days, zone)
        asked = terms.terms_of(work, found)
        _suggest(form, view.free_at or work.now, zone, asked.longest_days)
        return tl.page(
            "lending/thing.html", view=view, form=form, days=list(zip(days, counts, strict=True)),
            terms=asked, now=work.now, may=work.actor.may("lending.borrow", own=True),
            **words.EVERYTHING,
        )  # fmt: skip


def _suggest(form: TimesForm, free: datetime, zone: ZoneInfo, days: int) -> None:
    """Fill what is empty: the morning after it is free, and three days."""
    first = tl.local_date(free, zone) + timedelta(days=1)
    if not form.starts_at.data:
        form.starts_at.data = f"{first}T10:00"
    if not form.ends_at.data:
        begun = form.starts_at.data[:10]
        last = (datetime.fromisoformat(begun).date() if _is_day(begun) else first) + timedelta(
            days=min(3, days)
        )
        form.ends_at.data = f"{last}T10:00"


def _is_day(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).year < 2200
    except ValueError:
        return False


@bp.get("/me/loans")
@tl.allow("lending.read_own")
def my_loans() -> str:
    """What one has, what is kept for one, and what one had."""
    past = bool(request.args.get("past"))
    with tl.reading() as work:
        rows = queries.loans_of(work, work.actor.person_id or 0, past=past)
        waiting = [] if past else waiting_of(work, work.actor.person_id or 0)
        return tl.page(
            "lending/mine.html",
            rows=rows,
            waiting=waiting,
            past=past,
            now=work.now,
            **words.EVERYTHING,
        )


def mine(work: tl.Work, public_id: str) -> queries.LoanView:
    view = queries.loan_by_id(work, public_id)
    if view.loan.person_id is None or view.loan.person_id != work.actor.person_id:
        raise tl.NotFound
    return view


@bp.post("/me/loans/<public_id>/cancel")
@tl.allow("lending.borrow")
def cancel(public_id: str) -> Any:
    """Give up what is kept for one."""
    try:
        with tl.writing() as work:
            services.cancel(work, mine(work, public_id))
    except tl.Conflict as refusal:
        tl.flash_message(refusal.reasons[0].message, "error")
    else:
        tl.flash_message(msg("Cancelled. Somebody else can have it now."))
    return redirect(url_for("lending.my_loans"), 303)


@bp.post("/me/loans/<public_id>/renew")
@tl.allow("lending.borrow")
def renew(public_id: str) -> Any:
    """Keep it longer."""
    try:
        with tl.writing() as work:
            services.renew(work, mine(work, public_id))
    except tl.Refused as refusal:
        tl.flash_message(refusal.reasons[0].message, "error")
    except tl.Conflict as refusal:
        tl.flash_message(refusal.reasons[0].message, "error")
    else:
        tl.flash_message(msg("You can keep it longer: the new day stands beside it."))
    return redirect(url_for("lending.my_loans"), 303)
