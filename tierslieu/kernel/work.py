"""Work: the one object handed from the edge to the verbs, and the only place that commits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction, make_transient_to_detached

from tierslieu.kernel import clock
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.db import PATIENCE, Rows, is_open, run
from tierslieu.kernel.errors import Busy, Forbidden
from tierslieu.kernel.hooks import Hooks
from tierslieu.kernel.outbox import write_job

if TYPE_CHECKING:
    from tierslieu.kernel.site import Site


class GuardedSession(Session):
    """A session whose transaction belongs to ``Work``.

    A hook's own commit would make half a booking durable and its rollback would erase one
    silently, so both raise RuntimeError; savepoints (``begin_nested``) remain allowed.
    """

    _owned = False

    def commit(self) -> None:
        self._refuse("commit")
        super().commit()

    def rollback(self) -> None:
        self._refuse("rollback")
        super().rollback()

    def close(self) -> None:
        self._refuse("close")
        super().close()

    def add_written(self, made: Iterable[object]) -> None:
        """Take up objects whose rows `Work.run` has just inserted, as if they had been flushed.

        A savepoint that is undone takes them away again, as it does the rows.
        """
        within = self.get_nested_transaction() or self.get_transaction()
        written: list[tuple[Any, object]] = self.info.setdefault("written", [])
        for one in made:
            make_transient_to_detached(one)
            before = self.identity_map.get(sa.inspect(one).key)
            if before is not None:
                # Read before it was undone: its number has been given again.
                self.expunge(before)
            self.add(one)
            written.append((within, one))

    def _refuse(self, verb: str) -> None:
        if self._owned:
            raise RuntimeError(f"only kernel/work.py may {verb}: the work is committed at the edge")


@event.listens_for(GuardedSession, "after_soft_rollback")
def _undone(session: Session, past: SessionTransaction) -> None:
    kept = []
    for within, one in session.info.pop("written", ()):
        at = within
        while at is not None and at is not past:
            at = at.parent
        if at is None:
            kept.append((within, one))
        elif one in session:
            session.expunge(one)
    session.info["written"] = kept


@dataclass(eq=False)
class Work:
    """One piece of work: a request, a job or a command.

    ``now`` is the moment at which all of it happens. ``locale`` is the reader's language.
    """

    session: GuardedSession
    hooks: Hooks
    actor: Actor
    now: datetime
    locale: str
    site: Site
    is_writing: bool = True
    has_jobs: bool = field(default=False, init=False)
    _after: list[Callable[[], None]] = field(default_factory=list, init=False)

    def require(
        self,
        permission: str,
        *,
        venue: int | None = None,
        organisation: int | None = None,
        own: bool = False,
    ) -> None:
        """Raise Forbidden unless the actor holds the permission for that scope."""
        if not self.actor.may(permission, venue=venue, organisation=organisation, own=own):
            raise Forbidden(permission)

    def later(
        self,
        name: str,
        /,
        *,
        run_at: datetime | None = None,
        key: str | None = None,
        about_person: int | None = None,
        **payload: Any,
    ) -> None:
        """Write a job in this transaction: it runs if and only if this work is committed."""
        write_job(self, name, payload, run_at=run_at, key=key, about_person=about_person)
        self.has_jobs = True

    def audit(
        self,
        verb: str,
        subject: str,
        *,
        venue: int | None = None,
        organisation: int | None = None,
        person: int | None = None,
        **detail: Any,
    ) -> None:
        """Write an audit entry. ``detail`` holds ids, field names and values of no person."""
        self.run(
            _ENTRY,
            {
                "at": self.now,
                "actor_person_id": self.actor.person_id,
                "actor_kind": _kind(self.actor),
                "verb": verb,
                "subject": subject,
                "venue_id": venue,
                "organisation_id": organisation,
                "about_person_id": person,
                "detail": detail,
            },
        )

    def run(self, statement: sa.Executable, values: Any = None) -> Rows:
        """Run a statement for rows, not objects; see `kernel.db.run`."""
        return run(self.session, statement, values)

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do ``act`` once the work is durable; for caches and nudges, never for promises."""
        self._after.append(act)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What fails inside loses only what was written inside. Nothing is opened when reading."""
        if not self.is_writing:
            yield
            return
        with self.session.begin_nested():
            yield
            self.session.flush()


#: No answer is asked for: the number of an entry is of no use here.
_ENTRY = sa.insert(cast(sa.Table, AuditEntry.__table__)).inline()


def _kind(actor: Actor) -> str:
    if actor.is_system:
        return "system"
    if actor.token_scopes is not None:
        return "token"
    return "anonymous" if actor.is_anonymous else "account"


@contextmanager
def writing(site: Site, actor: Actor, locale: str) -> Iterator[Work]:
    """Open work that writes; leaving it commits once, an exception undoes all of it."""
    turn = site.db.turn
    if turn is not None and not turn.take(PATIENCE):
        raise Busy
    try:
        session = GuardedSession(site.db.writer, expire_on_commit=False)
        work = Work(session, site.hooks, actor, clock.now(), locale, site)
        session.info["work"] = work
        try:
            # Begun at once, so that SQLite's write lock is taken before anything is read.
            session.connection()
            session._owned = True
            yield work
            session.flush()
            if not is_open(session.connection()):
                raise Busy
            session._owned = False
            session.commit()
        finally:
            session._owned = False
            session.rollback()
            session.close()
    finally:
        if turn is not None:
            turn.give()
    site.after_work(work)


@contextmanager
def reading(site: Site, actor: Actor, locale: str) -> Iterator[Work]:
    """Open work that cannot write: the database itself refuses it."""
    session = GuardedSession(site.db.reader, expire_on_commit=False, autoflush=False)
    session._owned = True
    try:
        work = Work(session, site.hooks, actor, clock.now(), locale, site, is_writing=False)
        session.info["work"] = work
        yield work
    finally:
        session._owned = False
        session.close()
