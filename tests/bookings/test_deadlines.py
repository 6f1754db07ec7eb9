"""Deadlines as entries of calendars: each in the calendars of those whom it concerns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu.bookings.reminders.models import Reconfirmation
from tierslieu.bookings.seasons.models import SeasonRound
from tierslieu.bookings.waiting.models import WaitingEntry
from tierslieu.testing import a_room, a_venue, an_account


def test_each_deadline_is_in_the_calendars_of_whom_it_concerns(site: tl.Site) -> None:
    with site.writing() as work:
        session, now = work.session, work.now
        venue = a_venue(work)
        ada = an_account(work, "ada@example.org").person_id
        eve = an_account(work, "eve@example.org").person_id
        room = a_room(work, venue)
        other = a_room(work, venue, "hall")

        def wish(days: int, where: Any = room) -> tl.NewBooking:
            start = now.replace(minute=0, second=0) + timedelta(days=days)
            span = tl.Span(start, start + timedelta(hours=1))
            return tl.NewBooking(where.public_id, span, "Choir", person_id=ada)

        series = tl.book_series(work, tl.NewSeries(wish(8), tl.parse_rule("FREQ=WEEKLY;COUNT=3")))
        held = tl.book(work, wish(3))
        asked = tl.book(work, wish(4, other))
        by = {n: now + timedelta(days=n) for n in (1, 2, 3)}
        session.execute(sa.update(tl.Booking).where(tl.Booking.id == asked.id)
                        .values(state="requested", answer_by=by[2]))  # fmt: skip
        first = series.views[0].booking
        assert first.series_id is not None
        session.add(Reconfirmation(series_id=first.series_id, asked_at=now, answer_by=by[3]))
        session.add(
            WaitingEntry(
                room_id=room.id, starts_at=by[3], ends_at=by[3] + timedelta(hours=1), person_id=ada,
                state="offered", offered_until=by[1], offered_at=now, joined_at=now, rank=1,
                booking_id=held.id,
            )
        )  # fmt: skip
        day = now.date()
        session.add(
            SeasonRound(
                venue_id=venue.id, name=tl.Texts(it="Autunno"), state="open", created_at=now,
                starts_on=day + timedelta(days=60), ends_on=day + timedelta(days=90),
                apply_from=day, apply_until=day + timedelta(days=5),
            )
        )  # fmt: skip
        session.flush()

        def kinds(**question: Any) -> list[str]:
            whole = {"deadlines": True} | question
            asks = tl.CalendarQuestion(now, now + timedelta(days=30), **whole)
            entries = [entry for _, entry in tl.dated_entries(work, asks)]
            assert all(tl.say(entry.title, "it") for entry in entries)
            return [entry.key.partition("-")[0] for entry in entries]

        here = tl.Places(frozenset({venue.id}), only=True)
        there = tl.Places(frozenset({venue.id + 1}), only=True)
        assert kinds(person_id=ada) == ["offer", "answer", "reconfirm"]
        assert kinds(person_id=ada, member_venues=frozenset({venue.id}))[-1] == "season"
        assert kinds(person_id=ada, deadlines=False) == []
        assert kinds(person_id=eve) == []
        assert kinds(venues=here) == ["season"]
        assert kinds(venues=here, detail="private") == ["answer", "season"]
        assert kinds(venues=there, detail="private") == []
