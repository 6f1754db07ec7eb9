"""Doing what the outbox holds: at least once, one worker at a time, retried, never forgotten.

A worker claims a row by a lease that the database's own clock ends, runs it, and commits what it
wrote together with "done". Killed in between, the lease runs out and somebody else begins again.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session, aliased

from tierslieu.kernel import clock
from tierslieu.kernel.db import Database, insert
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.outbox import Job, JobKind
from tierslieu.kernel.site import Site
from tierslieu.kernel.work import Work

log = structlog.get_logger("tierslieu.jobs")

#: The longest pause between two attempts, in seconds.
LONGEST_PAUSE = 3600
#: How long finished and failed rows are kept, in days.
DONE_KEPT, FAILED_KEPT = 7, 90

_OTHER = aliased(Job)
_BEING_DONE = sa.exists().where(_OTHER.key == Job.key, _OTHER.state == "running")
#: The key of a job that comes back to wait: none, where another waits by it already.
_KEY = sa.case(
    (sa.exists().where(_OTHER.key == Job.key, _OTHER.state == "queued"), sa.null()), else_=Job.key
)

_held: set[str] = set()
_held_lock = threading.Lock()


class Postponed(Exception):
    """Raised by a job that cannot be done yet; it is tried again then and counts as no attempt."""

    def __init__(self, until: datetime, why: str) -> None:
        super().__init__(why)
        self.until = until


class LeaseLost(Exception):
    """Somebody else has this job by now; what was written here is undone."""


@dataclass(frozen=True)
class Claimed:
    """One job in our hands: its row's values and the lease that says so."""

    id: int
    name: str
    payload: dict[str, Any]
    attempts: int
    lease: str


def drain(site: Site, limit: int = 100, stop: Callable[[], bool] | None = None) -> int:
    """Do up to ``limit`` jobs that are due; how many were begun is returned."""
    begun = 0
    while begun < limit and not (stop is not None and stop()):
        job = _claim(site)
        if job is None:
            break
        begun += 1
        _attempt(site, job)
    return begun


def plan(site: Site) -> None:
    """See that every schedule of a plugin that is on has its next row."""
    kinds = {kind.name: kind for kind in _active(site) if kind.every_minutes is not None}
    if not kinds:
        return
    with site.reading() as work:
        waiting = set(
            work.session.scalars(
                sa.select(Job.name).where(
                    Job.name.in_(kinds), Job.state.in_(("queued", "running")), Job.key.is_not(None)
                )
            )
        )
    for name in sorted(kinds.keys() - waiting):
        with site.writing() as work:
            _plan_one(work, kinds[name])


def give_back(site: Site) -> int:
    """Return the leases this process holds, so that another begins at once; how many they were."""
    with _held_lock:
        leases = sorted(_held)
        _held.clear()
    if not leases:
        return 0
    with site.db.begin() as connection:
        given = connection.execute(
            sa.update(Job)
            .where(Job.lease.in_(leases), Job.state == "running")
            .values(
                state="queued", lease=None, leased_until=None, attempts=Job.attempts - 1, key=_KEY
            )
        )
    return int(given.rowcount)


def report(work: Work, job_id: int, percent: int) -> None:
    """Note how far a job has come, 0 to 100; seen by others once that work is committed."""
    work.session.execute(sa.update(Job).where(Job.id == job_id).values(progress=percent))


def retry(work: Work, job_id: int) -> None:
    """Queue a failed job again, from its first attempt. Raises NotFound."""
    work.require("jobs.retry")
    changed: Any = work.session.execute(
        sa.update(Job)
        .where(Job.id == job_id, Job.state == "failed")
        .values(state="queued", attempts=0, run_at=work.now, error=None, finished_at=None, key=_KEY)
    )
    if not changed.rowcount:
        raise NotFound()
    work.has_jobs = True
    work.audit("jobs.retry", f"job:{job_id}")


def counts(session: Session) -> dict[str, int]:
    """How many jobs there are by state."""
    rows = session.execute(sa.select(Job.state, sa.func.count()).group_by(Job.state))
    return {str(state): int(number) for state, number in rows}


def recent(session: Session, *, state: str | None = None, limit: int = 50) -> list[Job]:
    """The newest jobs, of one state or of all."""
    question = sa.select(Job).order_by(Job.id.desc()).limit(limit)
    if state is not None:
        question = question.where(Job.state == state)
    return list(session.scalars(question))


def stuck(session: Session, now: datetime, minutes: int = 30) -> int:
    """How many jobs should have been begun ``minutes`` ago and are still waiting."""
    question = sa.select(sa.func.count(Job.id)).where(
        Job.state == "queued", Job.run_at < now - timedelta(minutes=minutes)
    )
    return int(session.scalar(question) or 0)


def _active(site: Site) -> list[JobKind]:
    """Kinds that may run now: the core's, and those of plugins that are on."""
    return [
        kind
        for kind in site.jobs.values()
        if kind.plugin == "core" or site.hooks._is_on(kind.plugin, None)
    ]


def database_now(db: Database) -> sa.ColumnElement[Any]:
    """The database's clock in whole seconds; ours may jump, and two servers' may differ."""
    if db.is_sqlite:
        return sa.func.strftime("%Y-%m-%dT%H:%M:%SZ", "now")
    return sa.func.date_trunc("second", sa.func.clock_timestamp())


def _lease_end(db: Database, seconds: int) -> sa.ColumnElement[Any]:
    if db.is_sqlite:
        return sa.func.strftime("%Y-%m-%dT%H:%M:%SZ", "now", f"+{seconds} seconds")
    return database_now(db) + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)


def _due(site: Site) -> sa.Select[Any]:
    # Typed as text on SQLite, so that the function's value is compared as it is.
    ended = sa.type_coerce(Job.leased_until, sa.String) if site.db.is_sqlite else Job.leased_until
    return (
        sa.select(Job.id, Job.name, Job.payload, Job.attempts)
        .where(
            Job.name.in_([kind.name for kind in _active(site)]),
            sa.or_(
                sa.and_(Job.state == "queued", Job.run_at <= clock.now(), ~_BEING_DONE),
                sa.and_(Job.state == "running", ended < database_now(site.db)),
            ),
        )
        .order_by(Job.run_at, Job.id)
        .limit(1)
    )


def _claim(site: Site) -> Claimed | None:
    with site.db.reader.connect() as connection:
        # Looking first keeps an idle worker from SQLite's write lock.
        if connection.execute(_due(site)).first() is None:
            return None
    lease = token_hex(16)
    with site.db.begin() as connection:
        row = connection.execute(_due(site).with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        seconds = site.jobs[row.name].lease_seconds
        connection.execute(
            sa.update(Job)
            .where(Job.id == row.id)
            .values(
                state="running",
                lease=lease,
                leased_until=sa.type_coerce(_lease_end(site.db, seconds), Job.leased_until.type),
                attempts=row.attempts + 1,
            )
        )
    with _held_lock:
        _held.add(lease)
    return Claimed(row.id, row.name, row.payload, row.attempts + 1, lease)


def _attempt(site: Site, job: Claimed) -> None:
    kind = site.jobs[job.name]
    try:
        if job.attempts > kind.max_attempts:
            raise RuntimeError("the worker ended in the middle of every attempt")
        _run(site, kind, job)
    except LeaseLost:
        log.warning("lease lost", job=job.name, id=job.id)
    except Postponed as postponed:
        values = {"run_at": postponed.until, "attempts": job.attempts - 1, "error": str(postponed)}
        _put_back(site, job, values)
    except Exception as error:
        log.warning("job failed", job=job.name, id=job.id, attempt=job.attempts, exc_info=True)
        _after_failure(site, kind, job, f"{type(error).__name__}: {error}"[:500])
    finally:
        with _held_lock:
            _held.discard(job.lease)


def _run(site: Site, kind: JobKind, job: Claimed) -> None:
    answer = () if kind.outside is None else (kind.outside(site, **job.payload),)
    with site.writing() as work:
        kind.run(work, *answer, **job.payload)
        done: Any = work.session.execute(
            sa.update(Job)
            .where(Job.id == job.id, Job.lease == job.lease)
            .values(
                state="done",
                finished_at=clock.now(),
                progress=100,
                lease=None,
                leased_until=None,
                error=None,
            )
        )
        if not done.rowcount:
            raise LeaseLost
        if kind.every_minutes is not None:
            _plan_one(work, kind)


def _after_failure(site: Site, kind: JobKind, job: Claimed, error: str) -> None:
    if job.attempts < kind.max_attempts:
        pause = timedelta(seconds=pause_after(job.attempts))
        _put_back(site, job, {"run_at": clock.now() + pause, "error": error})
        return
    with site.writing() as work:
        work.session.execute(
            sa.update(Job)
            .where(Job.id == job.id, Job.lease == job.lease)
            .values(
                state="failed", finished_at=work.now, error=error, lease=None, leased_until=None
            )
        )
        if kind.failed is not None:
            with work.savepoint():
                kind.failed(work, error, **job.payload)


def pause_after(attempt: int) -> int:
    """Seconds to wait after the given attempt: doubling, bounded, a quarter of it by chance."""
    longest: int = min(LONGEST_PAUSE, 5 << min(attempt, 20))
    return longest - random.randrange(longest // 4 + 1)  # noqa: S311


def _put_back(site: Site, job: Claimed, values: dict[str, Any]) -> None:
    with site.db.begin() as connection:
        connection.execute(
            sa.update(Job)
            .where(Job.id == job.id, Job.lease == job.lease)
            .values(state="queued", lease=None, leased_until=None, key=_KEY, **values)
        )


def _plan_one(work: Work, kind: JobKind) -> None:
    """Write the next row of a schedule; two servers doing it at once write one."""
    pause = timedelta(minutes=kind.every_minutes or 0)
    last = work.session.scalar(sa.select(sa.func.max(Job.finished_at)).where(Job.name == kind.name))
    work.session.execute(
        insert(work.session, Job)
        .values(
            name=kind.name,
            payload={},
            key=f"schedule:{kind.name}",
            state="queued",
            # After a jump of the clock it is one row that waits, not a storm of them.
            run_at=work.now if last is None else min(last + pause, work.now + pause),
            attempts=0,
            progress=0,
            created_at=work.now,
        )
        .on_conflict_do_nothing()
    )


def _purge(work: Work) -> None:
    for state, days in (("done", DONE_KEPT), ("failed", FAILED_KEPT)):
        work.session.execute(
            sa.delete(Job).where(
                Job.state == state, Job.finished_at < work.now - timedelta(days=days)
            )
        )


JOBS = (JobKind("jobs.purge", _purge, every_minutes=24 * 60),)
