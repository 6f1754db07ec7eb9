"""Facts kept in memory: read again as soon as the version of the facts has moved on."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from tierslieu.kernel.db import run
from tierslieu.kernel.work import GuardedSession, Work
from tierslieu.venues.models import COUNTED, FactsVersion

T = TypeVar("T")

_VERSION = sa.select(FactsVersion.version)

#: So many things of a kind are kept by one process; the oldest go first.
KEPT = 24


def kept(session: Session, kind: str, key: Hashable, read: Callable[[], T]) -> T:
    """What ``read`` finds, from memory while no fact has changed: one small question instead.

    ``read`` may ask only of tables that count as facts (`counted_as_fact`). What comes back is
    shared by everybody: nobody changes it.
    """
    work: Work | None = session.info.get("work")
    if work is None or session.info.get("changed_facts"):
        # What it wrote itself may yet be undone, and the version with it.
        return read()
    version = version_of_facts(session)
    if version is None:
        return read()
    memo: dict[Hashable, tuple[int, T]] = work.site.memo.setdefault(f"facts:{kind}", {})
    found = memo.get(key)
    if found is not None and found[0] == version:
        return found[1]
    seen: dict[Hashable, Any] = session.info["as_read"]
    if (kind, key) in seen:
        # Read before in this work, which has yet to be durable.
        return cast(T, seen[kind, key])
    value = seen[kind, key] = read()

    def keep() -> None:
        while len(memo) >= KEPT and key not in memo:
            memo.pop(next(iter(memo)), None)
        memo[key] = (version, value)

    if work.is_writing:
        work.after_commit(keep)
    else:
        keep()
    return value


def version_of_facts(session: Session) -> int | None:
    """How often a fact was changed; asked once by a session, and again after a lock."""
    seen: dict[str, Any] = session.info.setdefault("as_read", {})
    if "version_of_facts" not in seen:
        note_version(session, run(session, _VERSION).scalar())
    version: int | None = seen["version_of_facts"]
    return version


def note_version(session: Session, version: int | None) -> None:
    """What another question has read of it at the same time, where it was not asked before."""
    session.info.setdefault("as_read", {}).setdefault("version_of_facts", version)
    work: Work | None = session.info.get("work")
    if work is not None and not work.is_writing:
        work.site.memo["facts version"] = version


def as_just_read(work: Work) -> None:
    """Until the first lock, go by the version that the edge of this request has just read.

    For verbs that judge nothing before they hold a lock, after which it is read again. On SQLite
    whoever writes is alone from the beginning, so there is no earlier and later.
    """
    version = work.site.memo.get("facts version")
    if version is not None and not work.site.db.is_sqlite:
        note_version(work.session, version)


@event.listens_for(GuardedSession, "after_flush")
def _flushed(session: Session, _context: Any) -> None:
    touched = {one.__table__.name for one in (*session.new, *session.dirty, *session.deleted)}
    if touched & COUNTED:
        session.info["changed_facts"] = True


@event.listens_for(GuardedSession, "do_orm_execute")
def _executed(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        table = getattr(state.statement, "table", None)
        if getattr(table, "name", None) in COUNTED:
            state.session.info["changed_facts"] = True
