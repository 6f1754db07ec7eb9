"""Keeping fragments beside their bookings; making, renewing and stopping addresses."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_ical import queries
from tierslieu_ical.feeds.queries import Reader
from tierslieu_ical.feeds.showing import may_read
from tierslieu_ical.models import Feed, Fragment
from tierslieu_ical.repeating import (
    Member,
    Repeating,
    member_series,
    own_series,
    public_series,
)
from tierslieu_ical.rules import (
    FORMAT,
    NEVER,
    STATUS,
    Entry,
    Side,
    member_side,
    own_side,
    place,
    public_side,
)

msg = tl.sentences("tierslieu_ical")

REBUILD = "ical.rebuild"
#: The texts of one booking: its people's, everybody's, and members' where they differ.
Sides = tuple[Side, Side, Side | None]
#: Addresses that one person may have at the same time.
MOST_FEEDS = 20
BATCH = 500


def recipe(work: tl.Work) -> str:
    """What fragments are made with, besides their booking."""
    made_with = f"{FORMAT} {work.site.config.base_url}"
    return hashlib.sha256(made_with.encode()).hexdigest()[:16]


def keep(work: tl.Work, booking_ids: Sequence[int], *, new: bool = False) -> int:
    """Bring the fragments of these bookings up to date; how many changed is returned.

    Of a series the first booking carries the text of all its dates; the others have none.
    ``new``: made just now, so nothing is told of them yet.
    """
    found = queries.sources(work.session, booking_ids)
    known: dict[int, Fragment] = {}
    if not new or len(found) > len(booking_ids):
        asked = sa.select(Fragment).where(Fragment.claim_id.in_([row[0].id for row in found]))
        known = {fragment.claim_id: fragment for fragment in work.session.scalars(asked)}

    made_with = recipe(work)
    sides = _sides(work, found, known)
    ends = _last_ends(found)
    made = [
        _values(row, sides[row[0].id], made_with, ends.get(row[0].series_id) or row[1].ends_at)
        for row in found
    ]
    added = [values for values in made if values["claim_id"] not in known]
    changed = [v for v in made if v["claim_id"] in known and _differs(known[v["claim_id"]], v)]

    if added:
        work.run(_FRAGMENTS, [values | {"revision": 0} for values in added])
    for values in changed:
        fragment = known[values["claim_id"]]
        fragment.revision += 1
        for name, value in values.items():
            setattr(fragment, name, value)
    work.session.flush()
    return len(added) + len(changed)


_FRAGMENTS = sa.insert(cast(sa.Table, Fragment.__table__)).inline()


def _last_ends(found: Sequence[queries.Source]) -> dict[int | None, datetime]:
    """By series, until when its fragments are told: as long as its last date."""
    ends: dict[int | None, datetime] = {}
    for booking, claim, _ in found:
        if booking.series_id is not None:
            ends[booking.series_id] = max(ends.get(booking.series_id, claim.ends_at), claim.ends_at)
    return ends


def _sides(
    work: tl.Work, found: Sequence[queries.Source], known: dict[int, Fragment]
) -> dict[int, Sides]:
    """The texts of each booking, its people's and everybody's."""
    sides: dict[int, Sides] = {}
    groups: dict[int, list[queries.Source]] = {}
    for row in found:
        booking = row[0]
        if booking.series_id is not None:
            groups.setdefault(booking.series_id, []).append(row)
            continue
        own, public, member, changed_at = _before(work, row, known)
        entry = _entry(work, *row)
        sides[booking.id] = (
            own_side(entry, own, changed_at),
            public_side(entry, public, changed_at),
            member_side(entry, member, changed_at),
        )
    for series_id, rows in groups.items():
        sides |= _series_sides(work, work.session.get_one(tl.Series, series_id), rows, known)
    return sides


def _series_sides(
    work: tl.Work, series: tl.Series, rows: list[queries.Source], known: dict[int, Fragment]
) -> dict[int, Sides]:
    first = next((row for row in rows if row[0].room_id == series.room_id), rows[0])
    follows = work.session.get(tl.Series, series.follows_id) if series.follows_id else None
    dates = tl.series_dates(series)
    repeating = Repeating(
        series.uid,
        follows.uid if follows else "",
        tl.series_rule(series),
        tuple(tl.series_also(series)),
        tuple((span.starts_at, span.ends_at, wall) for wall, span in dates),
    )
    told: dict[datetime, Member] = {}
    sides: dict[int, Sides] = {}
    for row in rows:
        booking, here = row[0], row[0].room_id == first[0].room_id
        entry = _entry(work, *row)
        member = Member(booking.original_starts_at, entry, booking.changed_at, here)
        if booking.original_starts_at not in told or STATUS[entry.state] != "CANCELLED":
            told[booking.original_starts_at] = member
        own, public, _, changed_at = _before(work, row, known)
        alone = replace(entry, uid=f"{booking.public_id}-{series.uid}", recurrence_id=None)
        elsewhere = public_side(alone, public, changed_at)
        hidden = Side("", NEVER, own.changed_at if own else changed_at)
        sides[booking.id] = hidden, replace(hidden) if here else elsewhere, None
    members = [told[moment] for moment in sorted(told)]
    own, public, member_before, changed_at = _before(work, first, known)
    sides[first[0].id] = (
        own_series(repeating, members, own, changed_at),
        public_series(repeating, members, public, changed_at),
        member_series(repeating, members, member_before, changed_at),
    )
    return sides


def _before(
    work: tl.Work, row: queries.Source, known: dict[int, Fragment]
) -> tuple[Side | None, Side | None, Side | None, datetime]:
    """What was told of a booking until now, and since when it is told otherwise."""
    fragment = known.get(row[0].id)
    if fragment is None:
        changed_at: datetime = row[0].changed_at
        return None, None, None, changed_at
    own = Side(fragment.own_text, fragment.own_until, fragment.own_changed_at)
    public = Side(fragment.public_text, fragment.public_until, fragment.public_changed_at)
    member = public
    if fragment.member_text is not None and fragment.member_until and fragment.member_changed_at:
        member = Side(fragment.member_text, fragment.member_until, fragment.member_changed_at)
    return own, public, member, work.now


def _differs(fragment: Fragment, values: dict[str, Any]) -> bool:
    return any(getattr(fragment, name) != value for name, value in values.items())


def _values(row: queries.Source, sides: Sides, made_with: str, ends_at: datetime) -> dict[str, Any]:
    booking, claim, at = row
    return {
        "claim_id": claim.id,
        "venue_id": at.venue_id,
        "room_id": at.room_id,
        "person_id": booking.booked_for_id,
        "organisation_id": booking.organisation_id,
        "zone": booking.zone,
        "ends_at": ends_at,
        "recipe": made_with,
        **_columns("own", sides[0]),
        **_columns("public", sides[1]),
        **_columns("member", sides[2]),
    }


def _columns(audience: str, side: Side | None) -> dict[str, Any]:
    return {
        f"{audience}_text": side and side.text,
        f"{audience}_until": side and side.until,
        f"{audience}_mark": side and side.mark,
        f"{audience}_changed_at": side and side.changed_at,
    }


def _entry(work: tl.Work, booking: tl.Booking, claim: tl.Claim, at: queries.Location) -> Entry:
    base = work.site.config.base_url.rstrip("/")
    return Entry(
        uid=booking.uid,
        sequence=booking.revision,
        starts_at=claim.starts_at,
        ends_at=claim.ends_at,
        zone=booking.zone,
        created_at=booking.created_at,
        title=claim.label or at.room,
        location=place(at.room, at.venue, at.street, at.town),
        url=f"{base}/bookings/{booking.public_id}",
        state=booking.state,
        visibility=claim.visibility if claim.label else "private",
        recurrence_id=booking.original_starts_at if booking.series_id else None,
    )


def behind(work: tl.Work) -> tuple[int, int]:
    """How many bookings have no text yet, and how many texts are made as before."""
    return queries.behind(work.session, work.now, recipe(work), tl.places(work))


def rebuild(work: tl.Work, after: int = 0, venue: int | None = None) -> int:
    """Bring one batch of fragments up to date and queue the next; the batch's size is returned."""
    ids = queries.bookings_after(work.session, work.now, after, BATCH, venue)
    keep(work, ids)
    if len(ids) == BATCH:
        key = f"{REBUILD}:{venue or 0}:{ids[-1]}"
        work.later(REBUILD, key=key, after=ids[-1], venue=venue)
    return len(ids)


def new_feed(work: tl.Work, opens: Reader | None = None, chosen: str = "") -> tuple[Feed, str]:
    """Make an address for the actor; the token is returned once and kept only as a hash.

    ``opens``: what it opens, her own bookings if nothing is said; ``chosen``: what the address
    says beside that. Raises Forbidden where she may not read it herself.
    """
    work.require("feeds.own", own=True)
    person_id = _whose(work)
    if len(queries.feeds_of(work.session, person_id)) >= MOST_FEEDS:
        raise tl.Invalid("too_many", msg("You have too many addresses. Stop one first."))
    opens = opens or Reader(0, person_id, "", "")
    if opens.scope != "own" and not may_read(work.actor, opens):
        raise tl.Forbidden("feeds.venue_private")

    token = tl.new_token("tlf_")
    feed = Feed(
        person_id=person_id,
        scope=opens.scope,
        detail=opens.detail,
        venue_id=opens.venue_id,
        room_id=opens.room_id,
        organisation_id=opens.organisation_id,
        chosen=chosen,
        token_hash=tl.hash_token(token),
        hint=f"{token[:7]}…{token[-3:]}",
        created_at=work.now,
    )
    work.session.add(feed)
    work.session.flush()
    work.audit(
        "feeds.new",
        f"feed:{feed.public_id}",
        venue=feed.venue_id,
        person=person_id,
        scope=feed.scope,
        shows=feed.detail,
    )
    return feed, token


def stop_feed(work: tl.Work, public_id: str) -> None:
    """Stop one of the actor's addresses, at once and for ever."""
    work.require("feeds.own", own=True)
    person_id = _whose(work)
    feed = queries.feed_of(work.session, person_id, public_id)
    if feed is None:
        raise tl.NotFound

    feed.revoked_at = work.now
    work.audit("feeds.stop", f"feed:{public_id}", person=person_id)


def renew_feed(work: tl.Work, public_id: str) -> tuple[Feed, str]:
    """Put a new address in the place of one that may have become known."""
    stop_feed(work, public_id)
    old = work.session.scalars(sa.select(Feed).where(Feed.public_id == public_id)).one()
    whose = Reader(
        0, 0, "", "", old.scope, old.detail, old.venue_id, old.room_id, old.organisation_id
    )
    return new_feed(work, whose, old.chosen)


def note_uses(work: tl.Work, uses: dict[str, datetime]) -> None:
    """Write down when addresses were last used: feed ids as text, and moments."""
    for feed_id, moment in uses.items():
        work.session.execute(
            sa.update(Feed)
            .where(
                Feed.id == int(feed_id),
                sa.or_(Feed.last_used_at.is_(None), Feed.last_used_at < moment),
            )
            .values(last_used_at=moment)
        )


def forget(work: tl.Work, person_id: int) -> None:
    """Delete a person's addresses, and take her out of the fragments."""
    asked = sa.select(Fragment.claim_id).where(Fragment.person_id == person_id)
    keep(work, list(work.session.scalars(asked)))
    work.session.execute(sa.delete(Feed).where(Feed.person_id == person_id))
    work.session.execute(
        sa.update(Fragment).where(Fragment.person_id == person_id).values(person_id=None)
    )


def _whose(work: tl.Work) -> int:
    if work.actor.person_id is None:
        raise tl.NotFound
    return work.actor.person_id
