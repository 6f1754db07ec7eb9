"""What holds for many rooms at once: openings, policies, quotas; kept in memory by months."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.bookings.cases.demands import AllAsked, all_asked
from tierslieu.bookings.models import Policy
from tierslieu.bookings.purposes.queries import active_purposes
from tierslieu.bookings.quotas.queries import Quotas, active_quotas
from tierslieu.bookings.rules import PolicyRow, PolicyValues
from tierslieu.bookings.rules.uses import Purposes
from tierslieu.venues.keeping.queries import kept
from tierslieu.venues.models import Room
from tierslieu.venues.queries import opening_facts
from tierslieu.venues.rules import OpeningFacts

Facts = tuple[
    dict[int, OpeningFacts],
    dict[tuple[str, int], tuple[PolicyRow, ...]],
    Quotas,
    dict[int, Purposes],
    AllAsked,
]

#: How far what is kept reaches: enough for one booking, and for the dates of the longest series.
REACHES, REACHES_FAR = timedelta(days=92), timedelta(days=800)


def months(first: date, last: date) -> tuple[date, date]:
    """From when to when it is kept: from a month's first day, as far as is asked."""
    month = first.replace(day=1)
    near = month + REACHES
    return month, near if last <= near else month + REACHES_FAR


def facts(session: Session, first: date, last: date) -> Facts:
    """When every room is open between two days, every policy, quota, purpose, demand; by months."""
    month, until = months(first, last)
    if last > until:
        return _read_facts(session, first, last)
    start = month - timedelta(days=1)
    return kept(session, "openings", (month, until), lambda: _read_facts(session, start, until))


def _read_facts(session: Session, first: date, last: date) -> Facts:
    rooms = dict(session.execute(sa.select(Room.id, Room.venue_id)).all())
    return (
        opening_facts(session, rooms, first, last),
        policies(session),
        active_quotas(session),
        active_purposes(session),
        all_asked(session),
    )


def policies(session: Session) -> dict[tuple[str, int], tuple[PolicyRow, ...]]:
    """What each scope says: ``("room", id)``, ``("venue", id)`` or ``("network", 0)``."""
    found: dict[tuple[str, int], tuple[PolicyRow, ...]] = {}
    rows = session.execute(
        sa.select(Policy.venue_id, Policy.room_id, Policy.audience, Policy.rules)
    )
    for venue_id, room_id, audience, rules in rows:
        values = PolicyValues.from_json(rules)
        if room_id is not None:
            key, row = ("room", room_id), PolicyRow("room", audience, values)
        elif venue_id is not None:
            key, row = ("venue", venue_id), PolicyRow("venue", audience, values)
        else:
            key, row = ("network", 0), PolicyRow("network", audience, values)
        found[key] = (*found.get(key, ()), row)
    return found
