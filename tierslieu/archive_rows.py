"""Rows as JSON and back, without a trace of the database they came from."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from tierslieu.kernel.db import UtcDateTime


def encode(row: Mapping[Any, Any]) -> dict[str, Any]:
    """One row as JSON knows it: moments as ``…Z``, days as ISO, bytes as base64."""
    return {str(name): _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            moment = value if value.tzinfo else value.replace(tzinfo=UTC)
            return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case bytes() | memoryview():
            return base64.b64encode(bytes(value)).decode()
        case Decimal():
            return str(value)
        case Mapping():
            return dict(value)
    return value


def decode(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """One row as the table's columns take it; columns that are no more are left out."""
    return {
        name: _typed(table.columns[name].type, value)
        for name, value in row.items()
        if name in table.columns
    }


def _typed(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UtcDateTime | sa.DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    if isinstance(kind, sa.LargeBinary):
        return base64.b64decode(value)
    if isinstance(kind, sa.Numeric) and not isinstance(kind, sa.Float):
        return Decimal(value)
    return value
