"""One page of bookings that overlap a span, ordered by start, then id."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from tierslieu.bookings.models import Booking
from tierslieu.bookings.rules.doors import HARD_LONGEST
from tierslieu.bookings.rules.states import OCCUPYING
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.db import TimeText, UtcDateTime
from tierslieu.kernel.errors import Invalid, NotFound
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.people.models import Organisation
from tierslieu.resources.models import Claim
from tierslieu.resources.queries import is_sqlite
from tierslieu.venues.models import Room, Venue


@dataclass(frozen=True)
class Wanted:
    """Which bookings: overlapping ``span``, in a room (public id or slugs), in a state."""

    span: Span
    room: str | None = None
    state: str | None = None
    limit: int = 50
    cursor: str | None = None


class Row(NamedTuple):
    """One booking of a list; ``whole`` says whether the reader may see more than its span.

    ``data`` begins with what ``SHOWN`` names, in that order.
    """

    data: Any
    whole: bool
    title: str | None


@dataclass(frozen=True)
class Page:
    """Rows and where the next page begins."""

    rows: list[Row]
    next: str | None


_BOOKING, _CLAIM, _ROOM, _VENUE, _BODY = (
    each.metadata.tables[each.__tablename__] for each in (Booking, Claim, Room, Venue, Organisation)
)


#: What a whole booking of a list says of itself, as it is read.
SHOWN = (
    "id", "reference", "state", "room_id", "venue", "starts_at", "ends_at", "timezone", "title",
    "visibility", "attendance", "purpose", "declared", "organisation_id", "price_cents",
    "created_at", "changed_at", "version",
)  # fmt: skip


def told(column: sa.Column[Any], *, sqlite: bool) -> sa.ColumnElement[Any]:
    """A moment as text, without a datetime for each."""
    if sqlite:
        return sa.type_coerce(column, sa.String(20)).label(column.name)
    return sa.cast(column, TimeText()).label(column.name)


def _columns(*, sqlite: bool) -> list[sa.ColumnElement[Any]]:
    """What is read of each booking: ``SHOWN``, then what says who may read it."""
    moments = {
        name: told(table.c[name], sqlite=sqlite)
        for table, names in (
            (_CLAIM, ("starts_at", "ends_at")),
            (_BOOKING, ("created_at", "changed_at")),
        )
        for name in names
    }
    shown = {
        "id": _BOOKING.c.public_id,
        "room_id": _ROOM.c.public_id,
        "venue": _VENUE.c.slug,
        "timezone": _BOOKING.c.zone,
        "title": _CLAIM.c.label,
        "visibility": _CLAIM.c.visibility,
        "organisation_id": _BODY.c.public_id,
        **moments,
    }
    return [
        *(shown[name] if name in shown else _BOOKING.c[name] for name in SHOWN),
        _BOOKING.c.places.label("many"),
        *READER,
        _CLAIM.c.id.label("claim_id"),
    ]


#: Of whom a booking is and where: what `Reader` asks, in this order.
READER = (
    _CLAIM.c.venue_id.label("at"),
    _BOOKING.c.organisation_id.label("body"),
    _BOOKING.c.booked_for_id.label("whose"),
)


def listed(work: Work, wanted: Wanted) -> Page:
    """A page of what the actor may know: her own and her venues' whole, others' occupied spans.

    Two statements at most.
    """
    actor = work.actor
    values, everything = values_of(actor, wanted.span)
    values["limit"] = wanted.limit + 1
    if wanted.room is not None:
        values["room"] = _room_id(work, wanted.room)
    if wanted.state is not None:
        values["state"] = wanted.state
    if wanted.cursor is not None:
        values["after"], values["after_id"] = _read_cursor(wanted.cursor)
        # The index is read from there; moments are whole seconds.
        values["earliest"] = max(values["earliest"], values["after"] - timedelta(seconds=1))
    kind = everything, frozenset(values) & _NARROWING
    question = _question(*kind, sqlite=is_sqlite(work.session))
    found = work.session.execute(question, values).all()
    reader, rows = Reader(actor), []
    for data in found[: wanted.limit]:
        venue, body, whose = data[-4:-1]
        whole = reader.whole(venue, body, whose)
        title, visibility = data[_TITLE], data[_TITLE + 1]
        rows.append(Row(data, whole, title if whole else reader.title(title, visibility, venue)))
    more = len(found) > wanted.limit
    last = found[wanted.limit - 1] if more else None
    return Page(rows, None if last is None else _cursor(last.starts_at, last.claim_id))


def values_of(actor: Actor, span: Span) -> tuple[dict[str, Any], bool]:
    """What ``within`` and ``visible`` are given, and whether the actor may know of everything."""
    venues = actor.venues_where("bookings.change")
    values: dict[str, Any] = {
        "start": span.starts_at,
        "end": span.ends_at,
        "earliest": span.starts_at - HARD_LONGEST,
        "latest": span.ends_at + HARD_LONGEST,
    }
    if venues is not None:
        values |= {"person": actor.person_id or 0, "bodies": sorted(actor.organisations)}
        values["venues"] = sorted(venues)
    return values, venues is None


_TITLE = SHOWN.index("title")

#: Values that make a list shorter where they are given.
_NARROWING = frozenset({"room", "state", "after"})


@cache
def _question(everything: bool, narrowed: frozenset[str], *, sqlite: bool) -> Any:
    """Put together once for each kind of list: that takes longer than answering it."""
    question = (
        sa.select(*_columns(sqlite=sqlite))
        .select_from(_BOOKING)
        .join(_CLAIM, _CLAIM.c.id == _BOOKING.c.id)
        .join(_ROOM, _ROOM.c.id == _BOOKING.c.room_id)
        .join(_VENUE, _VENUE.c.id == _ROOM.c.venue_id)
        .outerjoin(_BODY, _BODY.c.id == _BOOKING.c.organisation_id)
        .where(*within())
        .order_by(_CLAIM.c.starts_at, _CLAIM.c.id)
        .limit(sa.bindparam("limit", type_=sa.Integer()))
    )
    if not everything:
        question = question.where(visible())
    if "room" in narrowed:
        question = question.where(_CLAIM.c.resource_id == sa.bindparam("room"))
    if "state" in narrowed:
        question = question.where(_BOOKING.c.state == sa.bindparam("state"))
    if "after" in narrowed:
        after, after_id = _moment("after"), sa.bindparam("after_id", type_=sa.Integer())
        same = sa.and_(_CLAIM.c.starts_at == after, _CLAIM.c.id > after_id)
        question = question.where(sa.or_(_CLAIM.c.starts_at > after, same))
    return question


def _moment(name: str) -> Any:
    return sa.bindparam(name, type_=UtcDateTime())


def within() -> tuple[sa.ColumnElement[bool], ...]:
    """What overlaps the span; as in `during`, an index is read from one bound to the other."""
    return (
        _CLAIM.c.ends_at > _moment("start"),
        _CLAIM.c.starts_at < _moment("end"),
        _CLAIM.c.starts_at > _moment("earliest"),
        _CLAIM.c.ends_at < _moment("latest"),
    )


def visible() -> sa.ColumnElement[bool]:
    """What one may know of at all: what occupies, and what is one's own or one's venues'."""
    return sa.or_(
        _BOOKING.c.state.in_(OCCUPYING),
        sa.and_(
            _BOOKING.c.booked_for_id == sa.bindparam("person"), _BOOKING.c.organisation_id.is_(None)
        ),
        _BOOKING.c.organisation_id.in_(sa.bindparam("bodies", expanding=True)),
        _CLAIM.c.venue_id.in_(sa.bindparam("venues", expanding=True)),
    )


class Reader:
    """What somebody may read of a list's bookings; asked once for each venue and organisation."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._known: dict[tuple[int, int | None], bool] = {}

    def whole(self, venue: int, body: int | None, whose: int | None) -> bool:
        """Whether more than the span: one's own, one's organisation's, one's venue's."""
        key = venue, body
        allowed = self._known.get(key)
        if allowed is None:
            actor = self._actor
            allowed = body in actor.organisations if body is not None else False
            allowed = allowed or actor.may("bookings.change", venue=venue, organisation=body)
            self._known[key] = allowed
        return allowed or (body is None and whose is not None and whose == self._actor.person_id)

    def title(self, title: str, visibility: str, venue: int) -> str | None:
        """What somebody else may read: a public one, or a members' one where her card counts."""
        shown = visibility == "public" or (
            visibility == "members" and venue in self._actor.member_venues
        )
        return title if shown else None


def _room_id(work: Work, room: str) -> int:
    question = sa.select(Room.id)
    if "." in room:
        venue, _, slug = room.partition(".")
        question = question.join(Venue, Venue.id == Room.venue_id).where(
            Venue.slug == venue, Room.slug == slug
        )
    else:
        question = question.where(Room.public_id == room)
    found = work.session.scalar(question)
    if found is None:
        raise NotFound
    return found


def _cursor(start: str, row_id: int) -> str:
    return base64.urlsafe_b64encode(f"{start}|{row_id}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        start, _, row_id = text.partition("|")
        at, number = datetime.fromisoformat(start), int(row_id)
        if at.tzinfo is None or at.microsecond or not 0 <= number < 2**31:
            raise ValueError(text)
    except (ValueError, binascii.Error, UnicodeError):
        raise Invalid("bad_cursor", msg("This cursor is not one of ours."), "cursor") from None
    return at, number
