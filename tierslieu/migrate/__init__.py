"""Migrations: one stream of steps and one version table for the core, and one for each plugin.

All streams share ``migrations/env.py``. Each stream is applied in one transaction that no other
server can enter meanwhile; what came out is checked before it is committed, and every guard
(``kernel/guards.py``) is created again at its end.
"""

from __future__ import annotations

from tierslieu.migrate.applying import downgrade, upgrade
from tierslieu.migrate.streams import (
    MigrationError,
    NewerDatabase,
    Stream,
    chain,
    current,
    import_models,
    is_newer,
    newer,
    pending,
    streams,
)
from tierslieu.migrate.writing import drift, revision

__all__ = [
    "MigrationError",
    "NewerDatabase",
    "Stream",
    "chain",
    "current",
    "downgrade",
    "drift",
    "import_models",
    "is_newer",
    "newer",
    "pending",
    "revision",
    "streams",
    "upgrade",
]
