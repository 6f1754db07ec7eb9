"""Builders: plain functions that make a small place and its people, in few words."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from tierslieu.kernel.outbox import Job
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work

#: Every account made by ``an_account`` signs in with this.
PASSWORD = "a quiet afternoon"

ALL_DAY = {str(day): [[0, 1440]] for day in range(7)}
OPEN_TO_ALL: dict[str, Any] = {"approval": "none", "notice_add": "none", "horizon_days": 3650}


def a_venue(work: Work, slug: str = "gattaglio", **fields: Any) -> Any:
    """A published venue, open day and night unless ``weekly`` says otherwise."""
    from tierslieu.kernel.texts import Texts
    from tierslieu.venues.models import Network, OpeningPeriod, Venue, VenueKind

    session = work.session
    if session.get(Network, 1) is None:
        session.add(Network(id=1, name="Reggio Emilia"))
    if session.get(VenueKind, "social_centre") is None:
        session.add(VenueKind(key="social_centre", label=Texts(en="Social centre")))
    session.flush()
    weekly = fields.pop("weekly", ALL_DAY)
    fields = {"name": slug.replace("-", " ").title(), "closed_on_holidays": False} | fields
    venue = Venue(slug=slug, kind="social_centre", **fields)
    session.add(venue)
    session.flush()
    session.add(OpeningPeriod(venue_id=venue.id, weekly=weekly))
    session.flush()
    return venue


def a_room(work: Work, venue: Any, slug: str = "lisiere", **fields: Any) -> Any:
    """A room of a venue with house rules: anybody with an account, at once, any day ahead.

    ``rules`` changes these; ``rules=None`` writes none, so the built-in ones are in force.
    """
    from tierslieu.bookings.models import Policy
    from tierslieu.resources.services import add_resource
    from tierslieu.venues.models import Room

    rules = fields.pop("rules", {})
    name = fields.pop("name", slug.replace("-", " ").title())
    resource = add_resource(work, venue_id=venue.id, kind="room", name=name)
    room = Room(id=resource.id, venue_id=venue.id, slug=slug, name=name, **fields)
    work.session.add(room)
    work.session.flush()
    if rules is not None:
        said = OPEN_TO_ALL | rules
        work.session.add(
            Policy(venue_id=venue.id, room_id=room.id, audience="everyone", rules=said)
        )
        work.session.flush()
    return room


def an_account(
    work: Work, email: str, *, name: str = "", role: str = "", venue: Any = None, body: Any = None
) -> Any:
    """A confirmed account that signs in with ``PASSWORD``, perhaps with a role in a scope."""
    from tierslieu.people.services import Role, create_account

    roles = []
    if role:
        scope = {"venue": venue.id if venue else None, "organisation": body.id if body else None}
        roles.append(Role(role, **scope))
    title = name or email.partition("@")[0].replace(".", " ").title()
    account = create_account(work, email, title, roles=roles)
    account.password_hash = _hashed()
    # With a password nobody needs the link to choose one.
    work.session.flush()
    work.session.execute(sa.delete(Job).where(Job.about_person_id == account.person_id))
    return account


@lru_cache(maxsize=1)
def _hashed() -> str:
    """The hash of ``PASSWORD``: slow by design, so made once."""
    from tierslieu.people.accounts.passwords import hash_password

    return str(hash_password(PASSWORD))


def a_token(work: Work, account: Any, *scopes: str) -> str:
    """A bearer token of an account; everything of bookings and rooms unless scopes are named."""
    from tierslieu.people.services import create_token

    wanted = scopes or ("bookings:read", "bookings:write", "rooms:read", "venues:read")
    return str(create_token(work, "test", list(wanted), account_id=account.id)[1])


def a_card(work: Work, venue: Any, person_id: int) -> Any:
    """A membership of a venue that counts today, so that she is a member there."""
    from tierslieu.kernel.texts import Texts
    from tierslieu.memberships.models import Membership, Plan

    plan = work.session.scalar(sa.select(Plan).where(Plan.venue_id == venue.id).limit(1))
    if plan is None:
        plan = Plan(venue_id=venue.id, name=Texts(en="Card"))
        work.session.add(plan)
        work.session.flush()
    today, plan.next_card = work.now.date(), plan.next_card + 1
    card = Membership(
        plan_id=plan.id,
        person_id=person_id,
        state="admitted",
        season_starts_on=today - timedelta(days=9),
        season_ends_on=today + timedelta(days=300),
        counts_until=today + timedelta(days=331),
        card_number=str(plan.next_card - 1),
        applied_at=work.now,
    )
    work.session.add(card)
    work.session.flush()
    return card


def a_booking(
    work: Work,
    room: Any,
    person_id: int,
    *,
    starts_at: datetime | None = None,
    hours: int = 2,
    title: str = "Repair café",
    **fields: Any,
) -> Any:
    """A booking by the house's own rules; tomorrow at this hour unless a moment is given."""
    from tierslieu.bookings.services import NewBooking, book

    start = starts_at or (work.now + timedelta(days=1)).replace(minute=0, second=0)
    span = Span(start, start + timedelta(hours=hours))
    return book(
        work, NewBooking(room=room.public_id, span=span, title=title, person_id=person_id, **fields)
    )
