"""The last place, wanted by fifty processes at once, on both databases."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tests.an_event import an_event
from tierslieu.testing import a_room, a_venue, an_account
from tierslieu_events.models import EventDate, Registration, Side
from tierslieu_events.registering import services
from tierslieu_events.registering.queries import of_date

RACERS = 50


def test_one_has_the_last_place_and_the_others_wait_in_order(site: tl.Site) -> None:
    with site.writing() as work:
        venue = a_venue(work)
        room = a_room(work, venue, capacity=30)
        first = an_account(work, "ada@example.org").person_id
        start = (work.now + timedelta(days=20)).replace(hour=11, minute=0, second=0, microsecond=0)
        made = an_event(work, venue, room.public_id, start, tl.Texts(en="Evening"), first)
        # The place of the first is free again, and nobody waits: it is the last one there is.
        work.session.execute(sa.delete(Registration))
        work.session.execute(sa.update(Side).values(taken=0))
        rows = [
            {"public_id": tl.new_public_id(), "name": f"P{n}", "name_folded": f"p{n}",
             "locale": "en", "created_at": work.now, "version": 1}
            for n in range(RACERS)
        ]  # fmt: skip
        people = list(work.session.scalars(sa.insert(tl.Person).returning(tl.Person.id), rows))
    date_id = made["date_id"]
    order = {
        "url": site.db.url.render_as_string(hide_password=False), "date": date_id,
        "instance": str(site.config.instance), "people": people,
    }  # fmt: skip
    racer = Path(__file__).with_name("events_racer.py")
    done = subprocess.run([sys.executable, str(racer), json.dumps(order)], capture_output=True,
                          text=True, timeout=120, check=False)  # fmt: skip
    assert Counter(done.stdout.split("\n")[:-1]) == {"registered": 1, "waiting": RACERS - 1}, (
        done.stderr[-2000:]
    )

    with site.writing() as work:
        row_id = work.session.scalar(sa.select(EventDate.id).where(EventDate.public_id == date_id))
        assert row_id is not None
        line = of_date(work, row_id)
        joined = [e.row.joined_at for e in line]
        assert joined == sorted(joined)
        winner = next(e for e in line if e.row.state == "registered")
        waiting = [e for e in line if e.row.state == "waiting"]
        for following in waiting[:3]:
            services.give_up(work, winner)
            offered = sa.select(Registration.id).where(Registration.state == "offered")
            assert list(work.session.scalars(offered)) == [following.row.id]
            services.accept(work, following)
            taken = sa.select(Side.taken).where(Side.id == following.row.side_id)
            assert work.session.scalar(taken) == 1
            winner = following
