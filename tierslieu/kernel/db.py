"""The database: column types, the declarative bases and the two engines of an installation.

A writing engine (SQLite: ``BEGIN IMMEDIATE``, ``synchronous=FULL``; PostgreSQL: psycopg 3 with
pre-ping) and a reading engine whose connections the database itself keeps from writing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Dialect, Engine, make_url
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import TypeDecorator

from tierslieu.kernel.errors import Busy
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.turn import Turn

#: How long a thread waits for its turn to write before it says "busy", in seconds.
PATIENCE = 20.0

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

#: What a statement answers.
Rows = sa.CursorResult[*tuple[Any, ...]]

metadata = sa.MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment in whole seconds.

    PostgreSQL keeps ``timestamptz``; SQLite the text ``YYYY-MM-DDTHH:MM:SSZ``, whose order is the
    order of time. Naive datetimes and fractions of a second raise ValueError.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.String(20))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone: naive datetimes are refused")
        if value.microsecond:
            raise ValueError("a moment is kept in whole seconds")
        value = value.astimezone(UTC)
        return value.strftime("%Y-%m-%dT%H:%M:%SZ") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        moment: datetime = value
        return moment.astimezone(UTC)


class TimeText(TypeDecorator[str]):
    """A moment of PostgreSQL that is only told: cast to it, read as the text that SQLite keeps.

    Sessions speak ISO dates in UTC, so what PostgreSQL writes needs no reckoning.
    """

    impl = sa.Text()
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else f"{value[:10]}T{value[11:19]}Z"


class TextsType(TypeDecorator[Texts]):
    """Content in several languages, kept as a JSON object of language code to text."""

    impl = sa.JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.JSONB())
        return dialect.type_descriptor(sa.JSON())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        return dict(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Texts | None:
        return None if value is None else Texts(value)


#: JSON with the index-friendly form on PostgreSQL.
Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_types: dict[Any, Any] = {
    datetime: UtcDateTime,
    Texts: TextsType,
    str: sa.Text(),
    dict[str, Any]: Json,
}


class Model(DeclarativeBase):
    """The base of the core's tables."""

    metadata = metadata
    type_annotation_map = _types


class PluginModel(DeclarativeBase):
    """The base of plugins' tables: the same metadata, a registry of their own.

    A mapping error in a plugin can therefore never spoil the mapping of the core.
    """

    registry = registry(metadata=metadata, type_annotation_map=_types)


def _sqlite_pragmas(read_only: bool) -> Any:
    def connect(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: BEGIN IMMEDIATE is ours to say.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=15000")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.execute("PRAGMA cache_size=-32000")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    return connect


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _loads(text: str | bytes) -> Any:
    # Most lists are empty, and a page of bookings reads hundreds of them; psycopg hands bytes.
    return [] if text in _EMPTY else json.loads(text)


_EMPTY = ("[]", b"[]")


class Database:
    """The engines of one installation.

    ``writer`` opens real transactions; ``reader`` is AUTOCOMMIT and refuses writes in the database
    itself, so a failing read spoils only itself and never takes SQLite's write lock.
    """

    def __init__(self, url: str | URL, *, pool_size: int = 10) -> None:
        self.url = make_url(url)
        if self.url.drivername in ("postgres", "postgresql"):
            self.url = self.url.set(drivername="postgresql+psycopg")
        self.dialect = self.url.get_backend_name()
        self.writer = self._engine(pool_size, read_only=False)
        self.reader = self._engine(pool_size, read_only=True)
        #: SQLite has one pen: threads queue for it in order.
        self.turn: Turn | None = Turn() if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        return self.dialect == "sqlite"

    def _engine(self, pool_size: int, *, read_only: bool) -> Engine:
        options: dict[str, Any] = {"json_serializer": _dumps, "json_deserializer": _loads}
        if self.is_sqlite:
            options |= {"pool_size": pool_size, "max_overflow": 60, "pool_timeout": 30}
        else:
            # Shorter than the watchdog's limit: who waits for a lock is not who hangs.
            session = "-c timezone=UTC -c datestyle=ISO -c lock_timeout=8000"
            if read_only:
                session += " -c default_transaction_read_only=on"
            options |= {"pool_size": pool_size, "max_overflow": 20, "pool_timeout": 30}
            options["connect_args"] = {"options": session}
            # Asked, not looked at: for a moment after the database has ended it, a connection
            # still looks whole.
            options["pool_pre_ping"] = True
        if read_only:
            options["isolation_level"] = "AUTOCOMMIT"
        engine = sa.create_engine(self.url, **options)
        if self.is_sqlite:
            event.listen(engine, "connect", _sqlite_pragmas(read_only))
            if not read_only:
                event.listen(engine, "begin", _begin_immediate)
        return engine

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A short writing transaction of its own, in turn; for leases and the like."""
        if self.turn is not None and not self.turn.take(PATIENCE):
            raise Busy
        try:
            with self.writer.begin() as connection:
                yield connection
        finally:
            if self.turn is not None:
                self.turn.give()

    def dispose(self) -> None:
        """Close every connection of both pools."""
        self.writer.dispose()
        self.reader.dispose()


def insert(session: Session, table: type[DeclarativeBase]) -> postgresql.Insert:
    """An INSERT that may say ``on_conflict_do_…``, which both databases understand alike.

    Of two who write the first row of a kind at once neither then fails; asking before whether the
    row is there cannot promise that on PostgreSQL.
    """
    return insert_for(session.get_bind().dialect.name == "sqlite", table)


def insert_for(is_sqlite: bool, table: type[DeclarativeBase] | sa.Table) -> postgresql.Insert:
    """The same for one of the two databases: what is put together once has no session yet."""
    dialect: Any = sqlite if is_sqlite else postgresql
    made: postgresql.Insert = dialect.insert(table)
    return made


def run(session: Session, statement: sa.Executable, values: Any = None) -> Rows:
    """Run a statement for rows, not objects: several times as quick as the session's own way.

    For what every booking asks, with a statement that is put together once. What the session has
    yet to write is written first; what the statement changes, its objects do not notice.
    """
    if session.autoflush:
        session.flush()
    return session.connection().execute(statement, values)


def is_retryable(error: sa.exc.DBAPIError) -> bool:
    """Whether the same work may succeed when done again.

    Serialisation failures and deadlocks; and a reference that was drawn before: of a million of
    eight characters two are alike as often as not, and the next draw is another.
    """
    if isinstance(error, sa.exc.IntegrityError):
        return _DRAWN_TWICE.search(str(error.orig)) is not None
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}


#: How the databases say that a random name is there already: by its index, by its column.
_DRAWN_TWICE = re.compile(r"uq_\w+_(reference|public_id)\b|UNIQUE.*\.(reference|public_id)\b")


def is_busy(error: sa.exc.DBAPIError) -> bool:
    """Whether the database had no time for us: locked, lock timeout, too many connections."""
    state = getattr(error.orig, "sqlstate", None)
    return state in {"55P03", "53300", "57P01", "57P03", "40001", "40P01"} or (
        "database is locked" in str(error.orig)
    )


def is_full(error: sa.exc.DBAPIError) -> bool:
    """Whether the disk is full or the file cannot be written."""
    state = getattr(error.orig, "sqlstate", None)
    text = str(error.orig)
    return state == "53100" or "disk is full" in text or "readonly database" in text


def is_open(connection: sa.Connection) -> bool:
    """Whether the transaction is still there to be committed.

    A full disk makes SQLite roll everything back by itself, after which its commit commits
    nothing without a word; PostgreSQL's commit of a failed transaction is a silent rollback.
    """
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        return bool(raw.in_transaction)
    # Idle is open too: psycopg begins with the first statement, and there may have been none.
    return int(raw.info.transaction_status) in _CAN_COMMIT


#: libpq's PQTRANS_IDLE and PQTRANS_INTRANS.
_CAN_COMMIT = (0, 2)


def failure(error: BaseException) -> sa.exc.DBAPIError | None:
    """The failure of the database itself behind an error: gone, full, busy; None when it is fine.

    The whole work is over then: no savepoint brings it back.
    """
    told: BaseException | None = error
    for _ in range(20):
        if told is None:
            return None
        if isinstance(told, sa.exc.DBAPIError) and (
            told.connection_invalidated or is_busy(told) or is_full(told)
        ):
            return told
        told = told.__cause__ or told.__context__
    return None
