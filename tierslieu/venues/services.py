"""What every change of a venue has in common: it is asked for, counted, written down and told."""

from __future__ import annotations

from typing import Any, Protocol

from tierslieu import hookspecs
from tierslieu.kernel.errors import Conflict, NotFound, Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue


class Versioned(Protocol):
    """A row that counts its changes."""

    version: int


def venue_for(work: Work, venue_id: int, permission: str) -> Venue:
    """The venue's row, locked against others, for who holds the permission there.

    Raises NotFound and Forbidden.
    """
    work.require(permission, venue=venue_id)
    work.session.flush()
    venue = work.session.get(Venue, venue_id, with_for_update={"key_share": True})
    if venue is None:
        raise NotFound
    return venue


def check_version(row: Versioned, version: int | None) -> None:
    """Raise Conflict ``changed_meanwhile`` when the row is no longer the one that was looked at."""
    if version is not None and row.version != version:
        text = msg("Somebody changed this while you were looking at it.")
        raise Conflict(Reason("changed_meanwhile", text, "version", kind="state"))


def changed(work: Work, venue: Venue, verb: str, subject: str, **detail: Any) -> None:
    """Say that something of the venue changed: counted, audited, told to plugins."""
    venue.revision += 1
    work.session.flush()
    work.audit(verb, subject, venue=venue.id, **detail)
    work.hooks.tell(hookspecs.venue_changed, work=work, venue_id=venue.id)
