"""Venues and rooms by words of their names, and everything else that features know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from tierslieu import hookspecs
from tierslieu.contributions import SearchResult
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import has_words, plain_words
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room, Venue

#: So many are shown; who wants others writes more words.
MOST = 50


def found(work: Work, written: str) -> list[SearchResult]:
    """What is called so and may be seen by the actor, the nearest first; nothing for no words."""
    words = plain_words(written)
    if not words:
        return []
    given: list[SearchResult] = work.hooks.gather(hookspecs.search_results, work=work, words=words)
    begins = {id(each): plain_words(str(each.label)).startswith(words) for each in given}
    return sorted(given, key=lambda each: (not begins[id(each)], each.order))[:MOST]


def places(work: Work, words: str) -> Iterator[SearchResult]:
    """The venues and rooms shown to everybody whose name, place or kind has all the words."""
    venues = {row.id: row for row in work.session.execute(_venues())}
    for row in venues.values():
        if has_words(words, row.name, row.area, row.street):
            where = ", ".join(part for part in (row.street, row.area) if part)
            url = f"/venues/{row.slug}"
            yield SearchResult(row.name, url, msg("Venue"), where, icon="venue", order=10)
    for room in work.session.execute(_rooms(venues)):
        if has_words(words, room.name, venues[room.venue_id].name):
            where = venues[room.venue_id].name
            url = f"/rooms/{room.public_id}"
            yield SearchResult(room.name, url, msg("Room"), where, icon="door", order=20)


def _venues() -> sa.Select[int, str, str, str, str]:
    return (
        sa.select(Venue.id, Venue.slug, Venue.name, Venue.street, Venue.area)
        .where(Venue.published, Venue.archived_at.is_(None))
        .order_by(Venue.name, Venue.id)
    )


def _rooms(venues: Iterable[int]) -> sa.Select[str, str, int]:
    return (
        sa.select(Room.public_id, Room.name, Room.venue_id)
        .where(Room.retired_at.is_(None), Room.venue_id.in_(list(venues)))
        .order_by(Room.name, Room.id)
    )
