"""Suspension: what becomes of a plugin that failed too often, or hung, until somebody decides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tierslieu.kernel.db import insert
from tierslieu.kernel.errors import Reason, Refused
from tierslieu.kernel.hooks import Fault
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.plugins.models import PluginFault, PluginState
from tierslieu.plugins.switches import count

#: Three strikes within this long suspend a plugin.
STRIKES = 3
STRIKES_WITHIN = timedelta(hours=1)
#: How long faults are kept.
KEPT = timedelta(days=30)


def note(session: Session, faults: Iterable[Fault], now: datetime) -> None:
    """Write faults as rows, and forget those of long ago."""
    session.execute(
        sa.insert(PluginFault),
        [
            {
                "plugin": fault.plugin,
                "hook": fault.hook[:64],
                "kind": fault.kind,
                "detail": fault.detail,
                "at": fault.at,
            }
            for fault in faults
        ],
    )
    session.execute(sa.delete(PluginFault).where(PluginFault.at < now - KEPT))


def strikes(session: Session, name: str, now: datetime) -> int:
    """How many faults a plugin had within the last hour, since it was last switched on."""
    switched = sa.select(PluginState.changed_at).where(PluginState.name == name).scalar_subquery()
    asked = sa.select(sa.func.count()).where(
        PluginFault.plugin == name,
        PluginFault.at > now - STRIKES_WITHIN,
        PluginFault.at >= sa.func.coalesce(switched, PluginFault.at),
    )
    return session.execute(asked).scalar_one()


def last_faults(session: Session, names: Iterable[str], limit: int = 5) -> list[PluginFault]:
    """The newest faults of some plugins, for a network admin."""
    asked = (
        sa.select(PluginFault)
        .where(PluginFault.plugin.in_(list(names)))
        .order_by(PluginFault.id.desc())
        .limit(limit)
    )
    return list(session.scalars(asked))


def suspend(session: Session, name: str, now: datetime, why: str, hung: str = "") -> bool:
    """Stop a plugin's contributions and reactions; its judges keep objecting.

    ``hung``: the hook in which it never returned, which is not called again. False: it was known.
    """
    row = session.get(PluginState, name, populate_existing=True, with_for_update=True)
    if row is not None and row.suspended_at is not None and hung in ["", *row.hung.split()]:
        return False
    said = {
        "suspended_at": now,
        "note": why,
        "hung": " ".join(sorted({*(row.hung.split() if row else ()), hung} - {""})),
    }
    # Two processes that fail at once both say it, and one of them is first.
    session.execute(
        insert(session, PluginState)
        .values(name=name, state="on", changed_at=now, **said)
        .on_conflict_do_update(index_elements=["name"], set_=said)
    )
    count(session)
    return True


def go_on_without(work: Work, name: str) -> None:
    """Let the judges of a suspended plugin rest, so that what it refused is allowed again.

    Switching it on again ends that. Raises Refused (``not_suspended``), Forbidden.
    """
    work.require("plugins.server")
    row = work.session.get(PluginState, name, with_for_update=True)
    if row is None or row.suspended_at is None:
        text = msg("“%(name)s” is not suspended.", name=name)
        raise Refused(Reason("not_suspended", text, kind="state"))
    row.rests = True
    work.session.flush()
    count(work.session)
    work.audit("plugins.continue_without", f"plugin:{name}")
