"""What decides whether a room is open is kept in memory, and never a moment too long."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from tierslieu.bookings.cases.queries import facts
from tierslieu.kernel.site import Site
from tierslieu.testing import a_room, a_venue
from tierslieu.venues.models import OpeningPeriod

MAY = (date(2031, 5, 1), date(2031, 5, 31))


@pytest.fixture
def room_id(site: Site) -> int:
    with site.writing() as work:
        return int(a_room(work, a_venue(work)).id)


def opens(site: Site, room_id: int) -> int:
    """The minute at which a room opens on Mondays, as the rules see it."""
    with site.reading() as work:
        opening, *_rest = facts(work.session, *MAY)
        return opening[room_id].periods[0].weekly[0][0].opens


def statements(site: Site, room_id: int) -> int:
    count = 0

    def one(*_args: object) -> None:
        nonlocal count
        count += 1

    sa.event.listen(site.db.reader, "before_cursor_execute", one)
    opens(site, room_id)
    sa.event.remove(site.db.reader, "before_cursor_execute", one)
    return count


def test_asked_twice_it_is_read_once(site: Site, room_id: int) -> None:
    first, second = statements(site, room_id), statements(site, room_id)

    assert first > second == 1, "only the version is asked again"


def test_a_change_by_anybody_is_seen_at_once(site: Site, room_id: int) -> None:
    assert opens(site, room_id) == 0

    with site.db.writer.begin() as somebody_else:
        week = {str(day): [[540, 780]] for day in range(7)}
        somebody_else.execute(sa.update(OpeningPeriod).values(weekly=week))

    assert opens(site, room_id) == 540


def test_a_change_that_is_undone_was_never_seen(site: Site, room_id: int) -> None:
    with pytest.raises(RuntimeError, match="undone"):
        _changed_and_undone(site, room_id)

    assert opens(site, room_id) == 0
    with site.writing() as work:
        # The version now reached is the one at which the undone change was read.
        work.session.execute(sa.update(OpeningPeriod).values(name="same hours"))
    assert opens(site, room_id) == 0


def _changed_and_undone(site: Site, room_id: int) -> None:
    week = {str(day): [[540, 780]] for day in range(7)}
    with site.writing() as work:
        work.session.execute(sa.update(OpeningPeriod).values(weekly=week))
        seen, *_more = facts(work.session, *MAY)
        assert seen[room_id].periods[0].weekly[0][0].opens == 540, "by itself it is seen"
        raise RuntimeError("undone")
