"""A venue that closes or takes fewer, and whom it touches."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue
from tierslieu.venues.modes.rules import Mode

#: The Monday on which these tests happen.
NOON = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


FIRST, LAST = date(2026, 11, 9), date(2026, 11, 15)


WHY = Texts(en="By order of the Region.")


def venue_of(work: Work, house: Any) -> Venue:
    return work.session.get_one(Venue, house.venue)


def limited(**said: Any) -> Mode:
    return Mode("", "limited", FIRST, LAST, reason=WHY, **said)


def titles(touches: Any) -> list[str]:
    return [touch.view.claim.label for touch in touches]
