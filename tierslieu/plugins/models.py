"""Tables of the platform: which plugins are on and where, their settings, manifests and faults."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.kernel.db import Json, Model

Name = sa.String(32)

STATES = ("on", "off", "enabling", "failed")


class PluginState(Model):
    """Whether somebody switched a plugin on or off; without a row the bundled ones are on."""

    __tablename__ = "plugin_state"
    __table_args__ = (
        sa.CheckConstraint("state IN ('on', 'off', 'enabling', 'failed')", name="state"),
        sa.CheckConstraint("at_venues IN ('on', 'off')", name="at_venues"),
    )

    name: Mapped[str] = mapped_column(Name, primary_key=True)
    state: Mapped[str] = mapped_column(sa.String(8))
    changed_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]
    #: Why it is suspended or could not be switched on, for people.
    note: Mapped[str] = mapped_column(default="")
    #: What holds at a venue where nobody has said anything.
    at_venues: Mapped[str] = mapped_column(sa.String(8), default="on", server_default="on")
    #: The hooks in which it never returned, with a space between them, while it is suspended.
    hung: Mapped[str] = mapped_column(default="", server_default="")
    #: A network admin said to go on without it, so its judges are not asked either.
    rests: Mapped[bool] = mapped_column(default=False, server_default=sa.false())


class PluginVenue(Model):
    """What was said of a plugin at one venue; ``barred``: by the network, so a manager cannot."""

    __tablename__ = "plugin_venue"
    __table_args__ = (sa.CheckConstraint("state IN ('on', 'off', 'barred')", name="state"),)

    plugin: Mapped[str] = mapped_column(Name, primary_key=True)
    venue_id: Mapped[int] = mapped_column(
        sa.ForeignKey("venue.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    state: Mapped[str] = mapped_column(sa.String(8))
    changed_at: Mapped[datetime]


class PluginSetting(Model):
    """One value of a plugin's setting, where it was said; ``scope_id`` is 0 for the network."""

    __tablename__ = "plugin_setting"
    __table_args__ = (
        sa.CheckConstraint("scope IN ('network', 'venue', 'room')", name="scope"),
        sa.CheckConstraint("(scope = 'network') = (scope_id = 0)", name="scope_id"),
    )

    plugin: Mapped[str] = mapped_column(Name, primary_key=True)
    scope: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    scope_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(Json)
    changed_at: Mapped[datetime]


class PluginsVersion(Model):
    """Counts changes of states and settings: all processes notice with one small question."""

    __tablename__ = "plugins_version"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    version: Mapped[int] = mapped_column(default=0)


class PluginRegistry(Model):
    """A plugin's manifest as data, so that the core can export and erase without its code."""

    __tablename__ = "plugin_registry"

    name: Mapped[str] = mapped_column(Name, primary_key=True)
    version: Mapped[str] = mapped_column(sa.String(64), default="")
    hook_api: Mapped[int]
    manifest: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    recorded_at: Mapped[datetime]


class PluginFault(Model):
    """One call of a plugin that raised, answered rubbish, or took too long."""

    __tablename__ = "plugin_fault"
    __table_args__ = (sa.Index("ix_plugin_fault_plugin", "plugin", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plugin: Mapped[str] = mapped_column(Name)
    hook: Mapped[str] = mapped_column(sa.String(64))
    kind: Mapped[str] = mapped_column(sa.String(16))
    detail: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
