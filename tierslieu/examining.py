"""Questions of the doctor to the tables: do the facts that must agree agree?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from tierslieu.bookings.models import Booking
from tierslieu.people.models import Account
from tierslieu.resources.models import Claim, Occupancy, Resource, ResourceLeaf, ResourcePart
from tierslieu.venues.models import Photo

#: States that hold a room until the end, and those that give it back at once.
HOLDING = ("held", "confirmed", "checked_in")
FREE = ("declined", "cancelled", "expired")


def disagreements(session: Session, now: datetime) -> Iterator[str]:
    """Each fact that contradicts another, as a line with how many rows it is about."""
    questions = (
        (wrong_leaves(session), "resources whose undivided parts (resource_leaf) are wrong"),
        (_count(session, _overlaps()), "spans that overlap another on the same resource"),
        (_count(session, _dead()), "spans taken by bookings that are declined, cancelled, expired"),
        (_count(session, _lost(now)), "bookings to come that hold nothing"),
        (_count(session, _short(now)), "bookings to come that hold less than their time"),
        (_count(session, _elsewhere(now)), "bookings to come that hold another room than theirs"),
    )
    for number, what in questions:
        if number:
            yield f"{number} {what}"


def _count(session: Session, question: sa.Select[Any]) -> int:
    return int(session.scalar(sa.select(sa.func.count()).select_from(question.subquery())) or 0)


def wrong_leaves(session: Session) -> int:
    """How many resources have other leaves than their parts say."""
    parts: dict[int, list[int]] = {}
    for whole, part in session.execute(sa.select(ResourcePart.whole_id, ResourcePart.part_id)):
        parts.setdefault(whole, []).append(part)
    kept: dict[int, set[int]] = {}
    for resource, leaf in session.execute(
        sa.select(ResourceLeaf.resource_id, ResourceLeaf.leaf_id)
    ):
        kept.setdefault(resource, set()).add(leaf)
    known: dict[int, frozenset[int]] = {}
    ids = session.scalars(sa.select(Resource.id)).all()
    return sum(leaves_of(each, parts, known) != kept.get(each, set()) for each in ids)


def leaves_of(
    resource: int, parts: dict[int, list[int]], known: dict[int, frozenset[int]]
) -> frozenset[int]:
    """The undivided resources under one; in a circle, which must not be, none."""
    if resource not in known:
        known[resource] = frozenset()
        below = [leaves_of(part, parts, known) for part in parts.get(resource, [])]
        known[resource] = frozenset().union(*below) if below else frozenset({resource})
    return known[resource]


def _overlaps() -> sa.Select[Any]:
    before = sa.func.lag(Occupancy.ends_at).over(
        partition_by=Occupancy.resource_id, order_by=(Occupancy.starts_at, Occupancy.id)
    )
    rows = sa.select(Occupancy.id, Occupancy.starts_at, before.label("before")).subquery()
    return sa.select(rows.c.id).where(rows.c.starts_at < rows.c.before)


def _dead() -> sa.Select[Any]:
    return (
        sa.select(Occupancy.id)
        .join(Booking, Booking.id == Occupancy.claim_id)
        .where(Booking.state.in_(FREE))
    )


def _coming(now: datetime) -> sa.Select[Any]:
    """Bookings to come that must hold their room; a hold that ran out is free for everybody."""
    return (
        sa.select(Booking.id)
        .join(Claim, Claim.id == Booking.id)
        .where(
            Booking.state.in_(HOLDING),
            Booking.left_at.is_(None),
            Claim.starts_at > now,
            sa.or_(Claim.expires_at.is_(None), Claim.expires_at > now),
        )
    )


def _lost(now: datetime) -> sa.Select[Any]:
    return _coming(now).where(~sa.exists().where(Occupancy.claim_id == Claim.id))


def _short(now: datetime) -> sa.Select[Any]:
    return (
        _coming(now)
        .join(Occupancy, Occupancy.claim_id == Claim.id)
        .where(sa.or_(Occupancy.starts_at > Claim.starts_at, Occupancy.ends_at < Claim.ends_at))
    )


def _elsewhere(now: datetime) -> sa.Select[Any]:
    leaf = aliased(ResourceLeaf)
    return (
        _coming(now)
        .join(Occupancy, Occupancy.claim_id == Claim.id)
        .where(
            ~sa.exists().where(
                leaf.resource_id == Claim.resource_id, leaf.leaf_id == Occupancy.resource_id
            )
        )
    )


def photo_ids(session: Session) -> list[str]:
    """The names under which pictures are kept."""
    return list(session.scalars(sa.select(Photo.public_id)))


def has_demo_accounts(session: Session) -> bool:
    """Whether the accounts whose passwords everybody knows are here."""
    question = sa.select(Account.id).where(Account.email.endswith("@demo.example", autoescape=True))
    return session.scalar(question.limit(1)) is not None


def as_moment(value: Any) -> datetime:
    """The database's clock as an aware moment; SQLite answers text."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    moment: datetime = value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
