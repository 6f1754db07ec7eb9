"""The kilns of a venue, for programmes."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Response
from pydantic import Field

import tierslieu.toolkit as tl
from kiln import queries, services

bp = tl.api_blueprint("kiln_api", __name__)


class FiringBody(tl.Body):
    """When, and how hot."""

    starts_at: tl.Moment
    ends_at: tl.Moment
    degrees: int = Field(ge=20, le=2000)


class FiringAnswer(tl.Answer):
    """A firing."""

    id: str
    starts_at: str
    ends_at: str
    degrees: int


class KilnAnswer(tl.Answer):
    """A kiln, and how hot it gets."""

    id: str
    name: str
    hottest: int


class KilnList(tl.Answer):
    """The kilns of a venue."""

    items: list[KilnAnswer]


@bp.get("/venues/<slug>/kilns")
@tl.allow(tl.PUBLIC)
@tl.operation(answer=KilnList, errors=(404,))
def list_kilns(slug: str) -> Response:
    """The kilns of a venue."""
    with tl.reading() as work:
        venue = queries.venue_of(work.session, slug)
        items = [
            KilnAnswer(id=kiln.public_id, name=kiln.name, hottest=kiln.hottest)
            for kiln, _ in queries.kilns(work.session, venue.id)
        ]
    return tl.answer(KilnList(items=items))


@bp.post("/venues/<slug>/kilns/<kiln_id>/firings")
@tl.allow("kiln.fire")
@tl.operation(
    answer=FiringAnswer, status=201, body=FiringBody, errors=(403, 404, 409), idempotent=True
)
@tl.posting()
def fire(work: tl.Work, slug: str, kiln_id: str) -> tuple[FiringAnswer, int]:
    """Fire a kiln; 409 when it is taken."""
    venue = queries.venue_of(work.session, slug)
    kiln = queries.kiln_of(work.session, kiln_id)
    asked = tl.read_body(FiringBody)
    zone = ZoneInfo(venue.zone)
    start, end = (
        tl.moment(asked.starts_at, zone, "starts_at"),
        tl.moment(asked.ends_at, zone, "ends_at"),
    )
    firing = services.fire(work, kiln, tl.Span(start, end), asked.degrees)
    shown = FiringAnswer(
        id=firing.public_id,
        starts_at=tl.iso(start),
        ends_at=tl.iso(end),
        degrees=firing.degrees,
    )
    return shown, 201
