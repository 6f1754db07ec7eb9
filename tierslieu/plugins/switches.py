"""Which plugins are on, where, and as set: rows, read again when their one version has moved on."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tierslieu.kernel.db import Database, insert
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.places import EVERYWHERE, Places
from tierslieu.plugins.finding import Installed
from tierslieu.plugins.models import (
    PluginRegistry,
    PluginSetting,
    PluginState,
    PluginsVersion,
    PluginVenue,
)

#: How long a process may go on with what it read, in seconds.
FRESH = 1.0


#: Where a value of a setting was said: the scope, its row id (0: the network) and its name.
Where = tuple[str, int, str]


@dataclass(frozen=True)
class Switch:
    """The state of one plugin. ``fault``: why its tables cannot be used now.

    ``said``: what was said of it at single venues; ``at_venues``: what holds at the others.
    """

    state: str
    is_suspended: bool = False
    note: str = ""
    changed_at: datetime | None = None
    fault: Message | None = None
    at_venues: str = "on"
    said: Mapping[int, str] = field(default_factory=dict, hash=False)
    values: Mapping[Where, Any] = field(default_factory=dict, hash=False)
    places: Places = EVERYWHERE
    #: Hooks in which it hung, and whether its judges rest while it is suspended.
    hung: frozenset[str] = frozenset()
    rests: bool = False
    #: What it refused when it was last sound, which matters while it is broken.
    judges: frozenset[str] = frozenset()

    @property
    def is_on(self) -> bool:
        return self.state == "on" and self.fault is None


class Switches:
    """The states as one process knows them; never more than ``FRESH`` seconds old."""

    def __init__(self, found: Iterable[Installed]) -> None:
        self._found = list(found)
        self._database: Database | None = None
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._version: int | None = None
        self._switches: dict[str, Switch] = {}

    def bind(self, database: Database) -> None:
        """Say whose rows these are."""
        self._database = database
        self.stale()

    def stale(self) -> None:
        """Read everything again at the next question."""
        self._read_at, self._version = float("-inf"), None

    def get(self, name: str) -> Switch:
        """The state of a plugin; off while there is no database."""
        if time.monotonic() - self._read_at > FRESH:
            self._refresh()
        return self._switches.get(name, Switch("off"))

    def _refresh(self) -> None:
        with self._lock:
            if self._database is None or time.monotonic() - self._read_at <= FRESH:
                return
            try:
                with self._database.reader.connect() as connection:
                    self._read(connection)
            except DBAPIError:
                # Nothing is migrated yet, or the database is away: what was known stays.
                self._version = None
                for item in self._found:
                    self._switches.setdefault(item.name, Switch("off"))
            self._read_at = time.monotonic()

    def _read(self, connection: sa.Connection) -> None:
        version = connection.execute(sa.select(PluginsVersion.version)).scalar() or 0
        if version == self._version and not any(s.fault for s in self._switches.values()):
            return
        rows = {row.name: row for row in connection.execute(sa.select(PluginState.__table__))}
        said = _said(connection)
        values = _values(connection)
        judges = _judges(connection)
        for item in self._found:
            row = rows.get(item.name)
            switch = Switch("on" if item.is_bundled else "off")
            if row is not None:
                suspended = row.suspended_at is not None
                switch = Switch(row.state, suspended, row.note, row.changed_at)
                switch = replace(switch, at_venues=row.at_venues)
                switch = replace(switch, hung=frozenset(row.hung.split()), rests=row.rests)
            if switch.state == "on":
                switch = replace(switch, fault=schema_fault(connection, item))
            switch = replace(switch, judges=judges.get(item.name, frozenset()))
            switch = replace(switch, said=said.get(item.name, {}), values=values.get(item.name, {}))
            self._switches[item.name] = replace(switch, places=_places(switch))
        self._version = version


def _judges(connection: sa.Connection) -> dict[str, frozenset[str]]:
    rows = connection.execute(sa.select(PluginRegistry.name, PluginRegistry.manifest))
    return {row.name: frozenset(row.manifest.get("judges", ())) for row in rows}


def _said(connection: sa.Connection) -> dict[str, dict[int, str]]:
    found: dict[str, dict[int, str]] = {}
    for row in connection.execute(sa.select(PluginVenue.__table__)):
        found.setdefault(row.plugin, {})[row.venue_id] = row.state
    return found


def _values(connection: sa.Connection) -> dict[str, dict[Where, Any]]:
    found: dict[str, dict[Where, Any]] = {}
    for row in connection.execute(sa.select(PluginSetting.__table__)):
        found.setdefault(row.plugin, {})[row.scope, row.scope_id, row.name] = row.value
    return found


def _places(switch: Switch) -> Places:
    if switch.at_venues == "off":
        ids = [venue for venue, state in switch.said.items() if state == "on"]
        return Places(frozenset(ids), only=True)
    return Places(frozenset(venue for venue, state in switch.said.items() if state != "on"))


def wanted(database: Database, found: Iterable[Installed]) -> set[str]:
    """Names of the plugins whose tables are to be kept up to date: on, or once migrated."""
    with database.reader.connect() as connection:
        tables = set(sa.inspect(connection).get_table_names())
        states: dict[str, str] = {}
        if PluginState.__tablename__ in tables:
            rows = connection.execute(sa.select(PluginState.name, PluginState.state))
            states = {row.name: row.state for row in rows}
    return {
        item.name
        for item in found
        if states.get(item.name, "on" if item.is_bundled else "off") == "on"
        or f"alembic_version_{item.name}" in tables
    }


def schema_fault(connection: sa.Connection, item: Installed) -> Message | None:
    """Why a plugin's tables do not fit its code; None: they do.

    Reads the steps' files as text: Alembic is too slow to start for a question asked so often.
    """
    folder = item.migrations
    if folder is None:
        return None
    stored = _stored(connection, item.name)
    steps = _steps(folder)
    if stored is not None and stored not in steps:
        return msg("Its tables were made by a newer version. Install that one again.")
    if stored not in _heads(steps):
        return msg("Its tables wait to be brought up to date: tierslieu upgrade.")
    return None


def _stored(connection: sa.Connection, name: str) -> str | None:
    table = f"alembic_version_{name}"
    if not sa.inspect(connection).has_table(table):
        return None
    asked = sa.select(sa.column("version_num", sa.String)).select_from(sa.table(table))
    return connection.execute(asked).scalar()


_STEP = re.compile(r"^(revision|down_revision)(?:\s*:[^=]+)?\s*=\s*(?:[\"'](\w+)[\"']|None)", re.M)


def _steps(folder: Path) -> dict[str, str | None]:
    """Each step and the one before it."""
    found: dict[str, str | None] = {}
    for path in folder.glob("*.py"):
        said = dict(_STEP.findall(path.read_text("utf-8")))
        if said.get("revision"):
            found[said["revision"]] = said.get("down_revision") or None
    return found


def _heads(steps: dict[str, str | None]) -> set[str | None]:
    heads: set[str | None] = {step for step in steps if step not in steps.values()}
    return heads or {None}


def write_state(session: Session, name: str, state: str, now: datetime, note: str = "") -> None:
    """Write a plugin's state; switching is also what ends a suspension."""
    said = {"state": state, "changed_at": now, "note": note} | AWAKE
    session.execute(
        insert(session, PluginState)
        .values(name=name, **said)
        .on_conflict_do_update(index_elements=["name"], set_=said)
    )
    count(session)


#: A row that is not suspended.
AWAKE = {"suspended_at": None, "hung": "", "rests": False}


def write_at_venues(session: Session, name: str, state: str, now: datetime, is_on: bool) -> None:
    """Write what holds at venues where nobody has said anything."""
    session.execute(
        insert(session, PluginState)
        .values(name=name, state="on" if is_on else "off", changed_at=now, at_venues=state)
        .on_conflict_do_update(index_elements=["name"], set_={"at_venues": state})
    )
    count(session)


def count(session: Session) -> None:
    """Move the version on, so that every process reads the states again."""
    session.execute(
        insert(session, PluginsVersion)
        .values(id=1, version=1)
        .on_conflict_do_update(index_elements=["id"], set_={"version": PluginsVersion.version + 1})
    )
