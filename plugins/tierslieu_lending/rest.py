"""Lending for programmes: what is shared is open data, loans are one's own or the desk's."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Response
from pydantic import Field

import tierslieu.toolkit as tl
from tierslieu_lending import queries, services
from tierslieu_lending.services import HandedOver, TakenBack

bp = tl.api_blueprint("lending_api", __name__)


class ThingAnswer(tl.Answer):
    """Something that is lent; ``free_from`` is the moment from which one is free, null: none."""

    id: str
    name: dict[str, str]
    description: dict[str, str]
    category: str
    venue: str
    audience: str
    items: int
    free_from: str | None
    deposit_cents: int
    picture: str | None
    url: str


class ThingList(tl.Answer):
    """Everything that is lent."""

    items: list[ThingAnswer]


class ThingQuery(tl.Query):
    """Which things: of a venue, of a kind."""

    venue: str = Field(default="", max_length=100)
    category: str = Field(default="", max_length=32)


class LoanBody(tl.Body):
    """From when to when."""

    starts_at: tl.Moment
    ends_at: tl.Moment


class OutBody(tl.Body):
    """What is noted when a thing goes over the desk."""

    deposit_cents: int = Field(default=0, ge=0, le=10_000_000)
    condition: str = Field(default="good", pattern="^(good|worn|damaged)$")
    note: str = Field(default="", max_length=300)
    signed: str = Field(default="", max_length=120)


class BackBody(tl.Body):
    """What is noted when a thing comes back."""

    condition: str = Field(default="good", pattern="^(good|worn|damaged)$")
    note: str = Field(default="", max_length=300)
    deposit_kept_cents: int = Field(default=0, ge=0, le=10_000_000)


class LoanAnswer(tl.Answer):
    """A loan: of what, from when to when, and how far it is."""

    id: str
    thing: str
    number: str
    venue: str
    state: str
    starts_at: str
    ends_at: str
    due_at: str
    deposit_asked_cents: int
    deposit_taken_cents: int
    deposit_back_cents: int


class LoanList(tl.Answer):
    """Loans that are not over."""

    items: list[LoanAnswer]


def _thing(work: tl.Work, view: queries.ThingView) -> ThingAnswer:
    base = work.site.config.base_url.rstrip("/")
    photo = view.thing.photo
    return ThingAnswer(
        id=view.thing.public_id,
        name=dict(view.thing.name),
        description=dict(view.thing.description),
        category=view.thing.category,
        venue=view.venue.slug,
        audience=view.thing.audience,
        items=len(view.items),
        free_from=tl.iso(view.free_at) if view.free_at else None,
        deposit_cents=view.thing.deposit_cents,
        picture=base + photo.url if photo else None,
        url=f"{base}/lending/{view.thing.public_id}",
    )


def _loan(view: queries.LoanView) -> LoanAnswer:
    loan = view.loan
    return LoanAnswer(
        id=loan.public_id,
        thing=view.thing.public_id,
        number=view.item.number,
        venue=view.venue.slug,
        state=loan.state,
        starts_at=tl.iso(view.claim.starts_at),
        ends_at=tl.iso(view.claim.ends_at),
        due_at=tl.iso(loan.due_at),
        deposit_asked_cents=loan.deposit_asked_cents,
        deposit_taken_cents=loan.deposit_taken_cents,
        deposit_back_cents=loan.deposit_back_cents,
    )


@bp.get("/lending/things")
@tl.allow(tl.PUBLIC)
@tl.operation(answer=ThingList, query=ThingQuery)
def list_things() -> Response:
    """What is lent, as open data: no word of who has it."""
    asked = tl.read_query(ThingQuery)
    with tl.reading() as work:
        views = queries.library(work, venue=asked.venue, category=asked.category)
        return tl.answer(ThingList(items=[_thing(work, view) for view in views]))


@bp.get("/lending/things/<public_id>")
@tl.allow(tl.PUBLIC)
@tl.operation(answer=ThingAnswer, errors=(404,))
def get_thing(public_id: str) -> Response:
    """One thing."""
    with tl.reading() as work:
        found = queries.public_thing(work, public_id)
        return tl.answer(_thing(work, queries.view_of(work, found)))


@bp.post("/lending/things/<public_id>/loans")
@tl.allow("lending.borrow")
@tl.operation(answer=LoanAnswer, status=201, body=LoanBody, errors=(403, 404, 409), idempotent=True)
@tl.posting()
def borrow(work: tl.Work, public_id: str) -> tuple[LoanAnswer, int]:
    """Have a thing kept for oneself; 409 when none is free."""
    asked = tl.read_body(LoanBody)
    thing = queries.public_thing(work, public_id)
    zone = ZoneInfo(work.session.get_one(tl.Venue, thing.venue_id).zone)
    start = tl.moment(asked.starts_at, zone, "starts_at")
    span = tl.Span(start, tl.moment(asked.ends_at, zone, "ends_at"))
    made = services.reserve(work, thing, span)
    return _loan(queries.loan_by_id(work, made.public_id)), 201


@bp.get("/lending/loans")
@tl.allow("lending.read_own")
@tl.operation(answer=LoanList, errors=(403,))
def list_loans() -> Response:
    """One's own loans that are not over."""
    with tl.reading() as work:
        rows = queries.loans_of(work, work.actor.person_id or 0)
        return tl.answer(LoanList(items=[_loan(row) for row in rows]))


def _own(work: tl.Work, public_id: str) -> queries.LoanView:
    view = queries.loan_by_id(work, public_id)
    if view.loan.person_id is None or view.loan.person_id != work.actor.person_id:
        raise tl.NotFound
    return view


def _at_desk(work: tl.Work, public_id: str) -> queries.LoanView:
    view = queries.loan_by_id(work, public_id)
    if not work.actor.may("lending.desk", venue=view.venue.id):
        raise tl.NotFound
    return view


def _done(work: tl.Work, public_id: str) -> tuple[LoanAnswer, int]:
    return _loan(queries.loan_by_id(work, public_id)), 200


@bp.post("/lending/loans/<public_id>/cancel")
@tl.allow("lending.borrow")
@tl.operation(answer=LoanAnswer, errors=(403, 404, 409), idempotent=True)
@tl.posting()
def cancel(work: tl.Work, public_id: str) -> tuple[LoanAnswer, int]:
    """Give up what is kept for one."""
    services.cancel(work, _own(work, public_id))
    return _done(work, public_id)


@bp.post("/lending/loans/<public_id>/renew")
@tl.allow("lending.borrow")
@tl.operation(answer=LoanAnswer, errors=(403, 404, 409), idempotent=True)
@tl.posting()
def renew(work: tl.Work, public_id: str) -> tuple[LoanAnswer, int]:
    """Keep it longer."""
    services.renew(work, _own(work, public_id))
    return _done(work, public_id)


@bp.post("/lending/loans/<public_id>/hand-out")
@tl.allow("lending.desk")
@tl.operation(answer=LoanAnswer, body=OutBody, errors=(403, 404, 409), idempotent=True)
@tl.posting()
def hand_out(work: tl.Work, public_id: str) -> tuple[LoanAnswer, int]:
    """Hand it over, at the desk."""
    view, said = _at_desk(work, public_id), tl.read_body(OutBody)
    services.hand_out(work, view, HandedOver(**said.model_dump()))
    return _done(work, public_id)


@bp.post("/lending/loans/<public_id>/take-back")
@tl.allow("lending.desk")
@tl.operation(answer=LoanAnswer, body=BackBody, errors=(403, 404, 409), idempotent=True)
@tl.posting()
def take_back(work: tl.Work, public_id: str) -> tuple[LoanAnswer, int]:
    """Take it back, at the desk."""
    view, said = _at_desk(work, public_id), tl.read_body(BackBody)
    back: dict[str, Any] = said.model_dump()
    services.take_back(
        work, view, TakenBack(back["condition"], back["note"], back["deposit_kept_cents"])
    )
    return _done(work, public_id)
