"""Verbs: add a calendar, take what it says, note that it could not be read, remove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_ical.intake.external import queries
from tierslieu_ical.intake.external.models import Busy, External
from tierslieu_ical.intake.external.rules import next_try, parts, ports_of
from tierslieu_ical.intake.fetching import Answer, NotFetched, target_of
from tierslieu_ical.intake.words import LABEL, problem

msg = tl.sentences("tierslieu_ical")

READ = "ical.external_read"
KIND = "external"
MOST_CALENDARS = 5
#: How often others may be quicker before the next refresh has to do.
TRIES = 3


def add(work: tl.Work, room: tl.Room, name: str, address: str) -> External:
    """Let a calendar say when a room is busy; it is asked at once, by a job.

    Raises Forbidden, and Invalid for an address that cannot be meant.
    """
    work.require("rooms.edit", venue=room.venue_id)
    address = tl.clean(address, field="address")
    try:
        target_of(address, ports(work))
    except NotFetched as error:
        raise tl.Invalid(f"external_{error.code}", problem(error.code), "address") from error
    if len(address) > 2000:
        raise tl.Invalid("too_long_text", msg("This address is too long."), "address")
    there = queries.calendars_of(work.session, room.venue_id, work.now, room.id)
    if any(shown.row.address == address for shown in there):
        raise tl.Invalid("already", msg("This room has this calendar already."), "address")
    if len(there) >= MOST_CALENDARS:
        text = msg("At most %(n)s calendars for a room.", n=MOST_CALENDARS)
        raise tl.Invalid("too_many", text, "address")
    row = External(
        venue_id=room.venue_id,
        room_id=room.id,
        name=tl.clean(name, field="name")[:80],
        address=address,
        created_at=work.now,
        next_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    ask_soon(work, row)
    work.audit("ical.external_add", f"external:{row.public_id}", venue=room.venue_id)
    return row


def ports(work: tl.Work) -> frozenset[int]:
    """The ports that may be asked."""
    return ports_of(str(tl.setting(work, "external_ports")))


def ask_soon(work: tl.Work, row: External) -> None:
    """Queue the reading of a calendar; the planned time moves on, so nobody queues it twice.

    Without a key: one that is being read at this moment may be out of date already.
    """
    row.next_at = next_try(work.now, _minutes(work, row), 0)
    work.later(READ, external=row.id)


def read_now(work: tl.Work, row: External) -> None:
    """Ask it now, for the manager who waits."""
    work.require("rooms.edit", venue=row.venue_id)
    ask_soon(work, row)


def remove(work: tl.Work, row: External) -> None:
    """Stop asking it, and free what it takes from now on; what is past stays as it was."""
    work.require("rooms.edit", venue=row.venue_id)
    _let_go(work, queries.rows_of(work.session, row.id, work.now))
    work.session.delete(row)
    work.audit("ical.external_remove", f"external:{row.public_id}", venue=row.venue_id)


def note_problem(work: tl.Work, row: External, code: str) -> None:
    """It could not be read: what it said last stands, and it is asked again later."""
    row.problem, row.failures, row.tried_at = code, row.failures + 1, work.now
    row.next_at = next_try(work.now, _minutes(work, row), row.failures)


def note_read(
    work: tl.Work, row: External, answer: Answer, wanted: Mapping[str, tl.Span], unread: int
) -> None:
    """Take what it says, in place of what it said before."""
    if answer.data is not None:
        row.etag, row.modified, row.unread = answer.etag, answer.modified, unread
        row.whole_at = work.now
        changed = _replace(work, row, wanted)
    else:
        changed = 0
    row.problem, row.failures = "", 0
    row.tried_at = row.read_at = work.now
    row.next_at = next_try(work.now, _minutes(work, row), 0)
    try:
        settle(work, row)
    except tl.Conflict as conflict:
        if conflict.code != "resource_retired":
            raise
        row.problem = "retired"
    if changed:
        work.audit("ical.external_read", f"external:{row.public_id}", venue=row.venue_id,
                   changed=changed)  # fmt: skip


def _replace(work: tl.Work, row: External, wanted: Mapping[str, tl.Span]) -> int:
    """Write what the calendar wants; how many busy times are other than before is returned."""
    known = {busy.key: busy for busy in queries.rows_of(work.session, row.id, work.now)}
    gone = [busy for key, busy in known.items() if key not in wanted]
    _let_go(work, gone)
    # What is over is of no use here; its claim stays where it was.
    work.session.execute(
        sa.delete(Busy).where(Busy.external_id == row.id, Busy.ends_at <= work.now)
    )
    changed = len(gone)
    for key, span in sorted(wanted.items(), key=lambda pair: pair[1]):
        busy = known.get(key)
        if busy is None:
            work.session.add(Busy(external_id=row.id, key=key, collides=False, claim_id=None,
                                  starts_at=span.starts_at, ends_at=span.ends_at))  # fmt: skip
            changed += 1
        elif (busy.starts_at, busy.ends_at) != (span.starts_at, span.ends_at):
            busy.starts_at, busy.ends_at = span.starts_at, span.ends_at
            changed += 1
    work.session.flush()
    return changed


def settle(work: tl.Work, row: External) -> None:
    """Let each busy time take what is free of it; nobody else's claim is touched.

    Raises Conflict where the room is no longer in use, or others were quicker again and again.
    """
    rows = queries.rows_of(work.session, row.id, work.now)
    if not rows:
        return
    claims = [_claim(work, row, busy) for busy in rows]
    for attempt in range(TRIES):
        try:
            with work.savepoint():
                _take(work, row, rows, claims)
            return
        except tl.Conflict:
            if attempt == TRIES - 1:
                raise


def _claim(work: tl.Work, row: External, busy: Busy) -> tl.Claim:
    span = tl.Span(busy.starts_at, busy.ends_at)
    claim = work.session.get(tl.Claim, busy.claim_id) if busy.claim_id else None
    if claim is None:
        label = tl.say(LABEL, tl.network(work.session).locale)
        claim = tl.new_claim(work, venue_id=row.venue_id, kind=KIND, span=span,
                             resource_id=row.room_id, label=label, visibility="public")  # fmt: skip
        busy.claim_id = claim.id
    claim.starts_at, claim.ends_at = span.starts_at, span.ends_at
    return claim


def _take(work: tl.Work, row: External, rows: Sequence[Busy], claims: Sequence[tl.Claim]) -> None:
    spans = [tl.Span(busy.starts_at, busy.ends_at) for busy in rows]
    window = tl.Span(spans[0].starts_at, max(span.ends_at for span in spans))
    own: dict[int, list[tl.Span]] = {claim.id: [] for claim in claims}
    foreign: list[tl.Span] = []
    for held in tl.busy_spans(work.session, [row.room_id], window, work.now)[row.room_id]:
        own.get(held.claim_id, foreign).append(held.span)
    takings = []
    for busy, claim, part in zip(rows, claims, parts(spans, foreign), strict=True):
        busy.collides = part.collides
        if sorted(own[claim.id]) != list(part.free):
            takings += [tl.Taking(claim.id, [row.room_id], free) for free in part.free] or [
                tl.Taking(claim.id, (), None)
            ]
    work.session.flush()
    tl.take(work, takings)


def _let_go(work: tl.Work, rows: Sequence[Busy]) -> None:
    """Free what these busy times take and forget them, claims and all."""
    claims = sorted(busy.claim_id for busy in rows if busy.claim_id is not None)
    if claims:
        tl.release(work, claims)
    for busy in rows:
        work.session.delete(busy)
    work.session.flush()
    work.session.execute(sa.delete(tl.Claim).where(tl.Claim.id.in_(claims)))


def _minutes(work: tl.Work, row: External) -> int:
    said = tl.setting(work, "external_minutes", venue_id=row.venue_id, room_id=row.room_id)
    return int(said)
