"""Many people want the same hour, over real HTTP; and the server is killed in the middle."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.kernel.db import Database

pytestmark = [pytest.mark.slow]

MANY = 50


def post(server: Any, token: str, start: str, key: str = "") -> tuple[int, dict[str, Any]]:
    """One booking of one hour, over a connection of its own; (status, body)."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    end = (datetime.fromisoformat(start) + timedelta(hours=1)).isoformat(timespec="minutes")
    body = {"room_id": server.room, "starts_at": start, "ends_at": end, "title": "Tombola"}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    try:
        connection.request("POST", "/api/v1/bookings", json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_fifty_want_one_hour_and_one_gets_it_ten_times_over(server: Any) -> None:
    server.start()
    with ThreadPoolExecutor(MANY) as people:
        for day in range(1, 11):
            ready = threading.Barrier(MANY)

            def ask(n: int, start: str = f"2031-05-{day:02d}T18:00", ready: Any = ready) -> int:
                ready.wait()
                return post(server, server.tokens[n % 8], start)[0]

            answers = Counter(people.map(ask, range(MANY)))
            assert answers == {201: 1, 409: MANY - 1}


def test_the_same_click_sent_twenty_times_at_once_is_one_booking(server: Any) -> None:
    server.start()
    ready = threading.Barrier(20)

    def ask(_n: int) -> tuple[int, str]:
        ready.wait()
        status, body = post(server, server.tokens[0], "2031-05-06T18:00", key="one click")
        return status, body.get("id", body.get("code", ""))

    with ThreadPoolExecutor(20) as clicks:
        answers = Counter(clicks.map(ask, range(20)))

    assert len(answers) == 1
    assert next(iter(answers))[0] == 201


def keep_booking(server: Any, n: int, first: datetime, acknowledged: set[str]) -> None:
    """Book one hour after the other until the server is gone; note what it acknowledged."""
    for hour in range(n, 2000, 8):
        start = (first + timedelta(hours=hour)).isoformat(timespec="minutes")
        try:
            status, body = post(server, server.tokens[n], start)
        except (OSError, http.client.HTTPException, ValueError):
            return
        if status == 201:
            acknowledged.add(body["id"])


def test_killed_under_load_it_loses_no_booking_it_acknowledged(
    server: Any, database_url: str
) -> None:
    acknowledged: set[str] = set()
    first = datetime(2031, 5, 1)  # noqa: DTZ001 - the venue's wall time

    for _round in range(2):
        server.start()
        people = [
            threading.Thread(target=keep_booking, args=(server, n, first, acknowledged))
            for n in range(8)
        ]
        for person in people:
            person.start()
        before = len(acknowledged)
        while len(acknowledged) < before + 25 and any(person.is_alive() for person in people):
            time.sleep(0.05)
        server.kill()
        for person in people:
            person.join()
        first += timedelta(days=100)

    server.start()
    database = Database(database_url)
    with database.reader.connect() as connection:
        kept = set(connection.scalars(sa.text("SELECT public_id FROM booking")))
        claims = connection.scalar(sa.text("SELECT count(*) FROM claim"))
        held = connection.scalar(sa.text("SELECT count(*) FROM occupancy"))
        made = connection.scalar(
            sa.text("SELECT count(*) FROM audit_entry WHERE verb = 'bookings.book'")
        )
    database.dispose()
    assert len(acknowledged) >= 50
    assert acknowledged <= kept
    assert len(kept) == claims == held == made, "none is half there"
