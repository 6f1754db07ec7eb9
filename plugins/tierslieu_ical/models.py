"""Tables: the addresses people made, and the fragments that are read through them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

import tierslieu.toolkit as tl


class Feed(tl.Model):
    """A person's secret address, hashed; stopped by its moment of revocation.

    ``scope`` and ``detail``: what it opens, as in ``feeds.rules.DETAILS``; her own bookings unless
    something else is named.
    """

    __tablename__ = "ical_feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=tl.new_public_id)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    scope: Mapped[str] = mapped_column(sa.String(12), default="own", server_default="own")
    detail: Mapped[str] = mapped_column(sa.String(8), default="private", server_default="private")
    venue_id: Mapped[int | None] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"))
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("room.id", ondelete="CASCADE"))
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="CASCADE")
    )
    #: What the address says beside that, as a query: only to be shown again.
    chosen: Mapped[str] = mapped_column(default="", server_default="")
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    #: The address with its middle left out, so that people know which is which.
    hint: Mapped[str] = mapped_column(sa.String(16))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Fragment(tl.Model):
    """One booking as text, for its people and for everybody.

    ``…_until``: up to when it is told; ``…_mark``: 44 bits of the text, added up for the ETag, so
    each index below answers "has anything changed?" without a look at the rows. ``recipe``: what
    it was made with.
    """

    __tablename__ = "ical_fragment"
    __table_args__ = (
        sa.Index("ix_ical_fragment_person", "person_id", "ends_at", "own_until", "own_mark"),
        sa.Index(
            "ix_ical_fragment_organisation",
            "organisation_id",
            "ends_at",
            "own_until",
            "person_id",
            "own_mark",
        ),
        sa.Index("ix_ical_fragment_room", "room_id", "ends_at", "public_until", "public_mark"),
        sa.Index("ix_ical_fragment_venue", "venue_id", "ends_at", "public_until", "public_mark"),
    )

    claim_id: Mapped[int] = mapped_column(
        sa.ForeignKey("claim.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id", ondelete="CASCADE"))
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="SET NULL")
    )
    zone: Mapped[str] = mapped_column(sa.String(64))
    ends_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=0)
    recipe: Mapped[str] = mapped_column(sa.String(16))
    own_text: Mapped[str]
    own_until: Mapped[datetime]
    own_mark: Mapped[int] = mapped_column(sa.BigInteger)
    own_changed_at: Mapped[datetime]
    public_text: Mapped[str]
    public_until: Mapped[datetime]
    public_mark: Mapped[int] = mapped_column(sa.BigInteger)
    public_changed_at: Mapped[datetime]
    #: For members where their card counts; NULL: as everybody.
    member_text: Mapped[str | None]
    member_until: Mapped[datetime | None]
    member_mark: Mapped[int | None] = mapped_column(sa.BigInteger)
    member_changed_at: Mapped[datetime | None]
