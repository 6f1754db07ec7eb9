"""What a plugin asks of itself: where it is on, and how it is set.

Who asks is read from the module of the call, so one plugin never reads another's secrets.
"""

from __future__ import annotations

import sys
from typing import Any

from tierslieu.kernel.places import Places
from tierslieu.kernel.work import Work


def setting(
    work: Work, name: str, *, venue_id: int | None = None, room_id: int | None = None
) -> Any:
    """A setting of the calling plugin in force at a place; ``room_id`` goes with its venue's.

    The room's word goes before the venue's, that before the network's, that before the default.
    It asks no database. LookupError for a name that the manifest does not declare.
    """
    if room_id is not None and venue_id is None:
        raise TypeError("a room is named together with its venue")
    return work.site.plugins.setting(_own(work), name, venue_id=venue_id, room_id=room_id)


def places(work: Work) -> Places:
    """The venues at which the calling plugin is on, for its own questions over many venues."""
    found: Places = work.site.plugins.places(_own(work))
    return found


def is_on(work: Work, venue_id: int) -> bool:
    """Whether the calling plugin is on at a venue."""
    return bool(work.site.plugins.is_on(_own(work), venue_id))


def caller(work: Work, depth: int = 1) -> str | None:
    """The name of the plugin that called whoever calls this; None: no plugin did."""
    module = str(sys._getframe(depth + 1).f_globals.get("__name__", ""))
    try:
        name: str = work.site.plugins.named(module.partition(".")[0])
    except LookupError:
        return None
    return name


def _own(work: Work) -> str:
    name = caller(work, 2)
    if name is None:
        raise LookupError("only a plugin asks this")
    return name
