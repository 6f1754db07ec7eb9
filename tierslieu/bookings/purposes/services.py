"""Verbs of purposes: name one, change its words, retire it."""

from __future__ import annotations

import re

import sqlalchemy as sa

from tierslieu.bookings.purposes.models import PurposeRow
from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import Texts, folded
from tierslieu.kernel.work import Work


def put_purpose(
    work: Work,
    venue_id: int | None,
    label: Texts,
    key: str = "",
    *,
    public: bool = False,
    active: bool = True,
) -> PurposeRow:
    """Name a use of the network's or a venue's, or change the one with that key.

    Without a key it gets one of its name. Raises Invalid without any name, Forbidden.
    """
    work.require("policies.edit", venue=venue_id)
    if not label:
        raise Invalid("missing", msg("Write a name in one language at least."), "label")
    key = key or _key_of(label)
    if not re.fullmatch(r"[a-z0-9_]{1,32}", key):
        raise Invalid("bad_key", msg("This is not one of the possible values."), "key")
    row = work.session.scalar(sa.select(PurposeRow).where(_at(venue_id), PurposeRow.key == key))
    if row is None:
        count = sa.select(sa.func.count()).select_from(PurposeRow).where(_at(venue_id))
        row = PurposeRow(venue_id=venue_id, key=key, rank=work.session.scalar(count) or 0)
        work.session.add(row)
    row.label, row.public, row.active = label, public, active
    work.session.flush()
    work.audit("purposes.put", f"purpose:{key}", venue=venue_id, public=public, active=active)
    return row


def _at(venue_id: int | None) -> sa.ColumnElement[bool]:
    found: sa.ColumnElement[bool] = (
        PurposeRow.venue_id.is_(None) if venue_id is None else PurposeRow.venue_id == venue_id
    )
    return found


def _key_of(label: Texts) -> str:
    """A key made of a name: small letters, figures, underscores."""
    plain = folded(label.best("en", "it")[1]).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:32] or "use"
