"""The audit log: who did what to which thing, append-only.

Rows hold ids, verbs, field names, and values only of fields marked so, never of a person: names
are joined when shown ("erased person"). The guards that refuse change and deletion are in
``kernel/guards.py``, re-created by every migration.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from tierslieu.kernel.db import Json, Model


class AuditEntry(Model):
    """One act. ``subject`` is ``kind:public-id``; ``detail`` holds no value of a person."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.Index("ix_audit_entry_subject", "subject", "id"),
        sa.Index("ix_audit_entry_venue_id", "venue_id", "id"),
        sa.Index("ix_audit_entry_actor", "actor_person_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    # No foreign key: the log outlives what it speaks of.
    actor_person_id: Mapped[int | None]
    actor_kind: Mapped[str] = mapped_column(sa.String(16))
    verb: Mapped[str] = mapped_column(sa.String(64))
    subject: Mapped[str] = mapped_column(sa.String(64))
    venue_id: Mapped[int | None]
    organisation_id: Mapped[int | None]
    about_person_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


def entries(
    session: Session,
    *,
    venues: frozenset[int] | None,
    about_person: int | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[AuditEntry]:
    """The newest entries of the given venues (None: the whole network), or about one person."""
    question = sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if about_person is not None:
        question = question.where(
            sa.or_(
                AuditEntry.about_person_id == about_person,
                AuditEntry.actor_person_id == about_person,
            )
        )
    elif venues is not None:
        question = question.where(AuditEntry.venue_id.in_(venues))
    if before_id is not None:
        question = question.where(AuditEntry.id < before_id)
    return list(session.scalars(question))
