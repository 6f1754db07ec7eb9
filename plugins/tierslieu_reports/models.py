"""Tables: reports that were made, and those that are to be made again and again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

import tierslieu.toolkit as tl


class Report(tl.Model):
    """A report. States: ``making`` → ``made`` or ``failed``.

    ``scope``: ``network``, ``venue``, ``organisation`` or ``plugin``; ``told``: its name then.
    ``content``: what was counted (`rules.content_of`); ``words``: what people wrote, by section.
    ``done`` of ``total``: venues counted so far.
    """

    __tablename__ = "reports_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=tl.new_public_id)
    scope: Mapped[str] = mapped_column(sa.String(12))
    venue_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True
    )
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    plugin: Mapped[str] = mapped_column(sa.String(32), default="")
    told: Mapped[str] = mapped_column(default="")
    first: Mapped[date]
    last: Mapped[date]
    state: Mapped[str] = mapped_column(sa.String(8), default="making")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    content: Mapped[dict[str, Any]] = mapped_column(tl.Json, default=dict)
    words: Mapped[dict[str, Any]] = mapped_column(tl.Json, default=dict)
    published: Mapped[bool] = mapped_column(default=False)
    made_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class Schedule(tl.Model):
    """A report that is made by itself and told by mail, ``every`` month, quarter or year.

    ``next_on``: the first day after the period that is reported next.
    """

    __tablename__ = "reports_schedule"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=tl.new_public_id)
    scope: Mapped[str] = mapped_column(sa.String(12))
    venue_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("venue.id", ondelete="CASCADE"), index=True
    )
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    plugin: Mapped[str] = mapped_column(sa.String(32), default="")
    told: Mapped[str] = mapped_column(default="")
    every: Mapped[str] = mapped_column(sa.String(8))
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    next_on: Mapped[date]
    created_at: Mapped[datetime]
