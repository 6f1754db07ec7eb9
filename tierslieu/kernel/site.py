"""The site: everything one installation has, made once by ``app.py`` or the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from tierslieu.kernel.actor import SYSTEM, Actor
from tierslieu.kernel.db import Database
from tierslieu.kernel.hooks import Hooks
from tierslieu.kernel.messages import Message
from tierslieu.kernel.outbox import JobKind
from tierslieu.kernel.work import Work, reading, writing

if TYPE_CHECKING:
    from tierslieu.config import Config

log = structlog.get_logger("tierslieu.site")


class Site:
    """Config, database, hooks, kinds of jobs of one installation.

    ``plugins`` is what ``tierslieu.plugins`` found (kept loosely: the kernel knows no feature).
    ``nudge`` is called after a commit that wrote jobs, so that a worker looks at once.
    """

    def __init__(self, config: Config, db: Database, hooks: Hooks, plugins: Any = None) -> None:
        self.config = config
        self.db = db
        self.hooks = hooks
        self.plugins = plugins
        self.jobs: dict[str, JobKind] = {}
        #: What plugins write down in the audit log, in words: verbs, and areas without a dot.
        self.journal: dict[str, Message] = {}
        #: What features keep in memory, by a name of theirs; each says when it is stale.
        self.memo: dict[str, Any] = {}
        self.nudge: Callable[[], None] | None = None
        self.translate: Callable[..., str] | None = None

    @property
    def uploads(self) -> Path:
        return self.config.uploads

    def add_jobs(self, kinds: Iterable[JobKind]) -> None:
        """Register kinds of jobs; a name taken twice raises ValueError."""
        for kind in kinds:
            if kind.name in self.jobs:
                raise ValueError(f"two kinds of job are named {kind.name}")
            self.jobs[kind.name] = kind

    def writing(
        self, actor: Actor = SYSTEM, locale: str | None = None
    ) -> AbstractContextManager[Work]:
        """Work that writes, committed once when it is left."""
        return writing(self, actor, locale or self.config.locale)

    def reading(
        self, actor: Actor = SYSTEM, locale: str | None = None
    ) -> AbstractContextManager[Work]:
        """Work that only reads."""
        return reading(self, actor, locale or self.config.locale)

    def after_work(self, work: Work) -> None:
        """Called once a piece of work is durable; never raises into what was acknowledged."""
        for act in work._after:
            try:
                act()
            except Exception:
                log.exception("after commit")
        if work.has_jobs and self.nudge is not None:
            try:
                self.nudge()
            except Exception:
                # The scheduler's sweep finds the row anyway.
                log.warning("no worker could be told of a new job", exc_info=True)
