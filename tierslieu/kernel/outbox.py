"""The outbox: a job is a row written in the same transaction as what it follows from.

The row is the truth; Huey only carries the news that there is something to do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Json, Model, insert_for, metadata

if TYPE_CHECKING:
    from tierslieu.kernel.work import Work

__all__ = ["Job", "JobKind", "metadata", "write_job"]


class Job(Model):
    """Something to do later, at least once.

    States: ``queued`` → ``running`` (leased) → ``done`` | ``queued`` again (retry) | ``failed``.
    ``key`` makes it unique while it waits: writing the same key twice is one job. One that is
    being done has begun with what it knew, so the next waits behind it and is done afterwards.
    """

    __tablename__ = "job"
    __table_args__ = (
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
        sa.Index("ix_job_due", "state", "run_at"),
        sa.Index(
            "uq_job_key",
            "key",
            unique=True,
            sqlite_where=sa.text("state = 'queued' AND key IS NOT NULL"),
            postgresql_where=sa.text("state = 'queued' AND key IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    key: Mapped[str | None] = mapped_column(sa.String(120))
    about_person_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(sa.String(8), default="queued")
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(sa.String(32))
    error: Mapped[str | None]
    progress: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


@dataclass(frozen=True)
class JobKind:
    """What a job's name means.

    ``run(work, **payload)`` is given an open ``Work`` of the system; its writes and the row's
    "done" are committed together. ``every_minutes`` makes it a schedule. ``plugin``: whose it is.

    ``outside(site, **payload)`` is for what speaks to the world (mail, network) or takes long: it
    is called first, with no transaction open, so that nobody waits for the database meanwhile;
    what it returns is handed on: ``run(work, answer, **payload)``. ``failed(work, error,
    **payload)`` is told when the last attempt was in vain.
    """

    name: str
    run: Callable[..., None]
    max_attempts: int = 8
    lease_seconds: int = 120
    every_minutes: int | None = None
    plugin: str = "core"
    outside: Callable[..., Any] | None = None
    failed: Callable[..., None] | None = None


def write_job(
    work: Work,
    name: str,
    payload: dict[str, Any],
    *,
    run_at: datetime | None = None,
    key: str | None = None,
    about_person: int | None = None,
) -> None:
    """Write a job row; with a ``key`` already waiting, nothing is added."""
    is_sqlite = work.session.get_bind().dialect.name == "sqlite"
    work.run(
        _JOB if key is None else _KEYED[is_sqlite],
        {
            "name": name,
            "payload": payload,
            "key": key,
            "about_person_id": about_person,
            "state": "queued",
            "run_at": run_at or work.now,
            "attempts": 0,
            "progress": 0,
            "created_at": work.now,
        },
    )


_TABLE = cast(sa.Table, Job.__table__)
_JOB = sa.insert(_TABLE).inline()
_KEYED = {
    is_sqlite: insert_for(is_sqlite, _TABLE).on_conflict_do_nothing().inline()
    for is_sqlite in (True, False)
}
