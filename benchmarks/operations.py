"""What is asked, how often, and the goal of each in processor milliseconds a request."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from benchmarks.network import Town
from benchmarks.server import Figures, Server

#: Operation → (goal in processor ms a request, what a peer takes: p50 / CPU ms).
GOALS: dict[str, tuple[float | None, str]] = {
    "create a booking, all rules": (6, "Indico 73 / 71"),
    "a series of 52, at once": (None, "–"),
    "a refused booking, with its nearest times": (None, "–"),
    "reserve and approve, 1 worker": (None, "libres 16 (61 a second)"),
    "reserve and approve, 8 workers": (None, "libres 26 (38 a second), half aborted"),
    "rooms free in one slot, whole network": (5, "Indico 413 / 309"),
    "rooms free in 13 weekly slots": (6, "Indico 214 / 232"),
    "calendar of all rooms, a day (JSON)": (10, "Indico 250 / 240"),
    "calendar of all rooms, a week (JSON)": (32, "Indico 731 / 801"),
    "feed of 100 entries": (6, "Indico 384 / 365"),
    "feed of 1,000 entries": (20, "Radicale 259 / 248"),
    "feed of 10,000 entries": (60, "Radicale 2558 / 2461"),
    "feed of 1,000, unchanged (304)": (1.5, "–"),
    "my bookings, a page of 100 (HTML)": (4, "Datasette 32 (CPU)"),
    "day × room matrix of a month": (60, "–"),
    "venue page": (6, "–"),
    "home page": (6, "–"),
    "nothing at all (is it alive?)": (None, "–"),
}


class Client:
    """Asks a server about a town, and counts as failed whatever is not answered as it should."""

    def __init__(self, server: Server, town: Town) -> None:
        self.server, self.town = server, town
        self.bearer = {"Authorization": f"Bearer {town.token}", "Accept-Language": "it"}
        self.far = town.today + timedelta(days=3000)

    def ask(
        self, method: str, path: str, headers: dict[str, str], status: int, body: Any = None
    ) -> Any:
        """The answer's headers and body; raises RuntimeError for another status."""
        found, more, text = self.server.ask(method, path, headers, body)
        if found != status:
            raise RuntimeError(f"{method} {path}: {found} {text[:400]!r}")
        return more, text

    def create(self, n: int, minute: int = 0, status: int = 201) -> None:
        """A booking of an hour: the n-th of a day far away."""
        at = datetime.combine(self.far, datetime.min.time()) + timedelta(hours=n, minutes=minute)
        until = at + timedelta(hours=1)
        body = {"room_id": self.town.rooms[1], "title": "Tombola",
                "starts_at": f"{at:%Y-%m-%dT%H:%M}",
                "ends_at": f"{until:%Y-%m-%dT%H:%M}"}  # fmt: skip
        self.ask("POST", "/api/v1/bookings", self.bearer, status, body)

    def series(self, n: int) -> None:
        """A year of weeks in a room of its own hour."""
        at = f"{self.town.today + timedelta(days=1000)}T{5 + n % 12:02}"
        room = self.town.rooms[2 + n // 12]
        body = {"room_id": room, "title": "Coro", "starts_at": f"{at}:00", "ends_at": f"{at}:45",
                "rrule": "FREQ=WEEKLY;COUNT=52"}  # fmt: skip
        self.ask("POST", "/api/v1/bookings", self.bearer, 201, body)

    def reserve_and_approve(self, n: int) -> None:
        """The n-th hour of the room that asks: asked for by a member, and answered."""
        at = datetime.combine(self.far, datetime.min.time()) + timedelta(hours=n)
        until = at + timedelta(hours=1)
        body = {"room_id": self.town.asking[0], "title": "Prove",
                "starts_at": f"{at:%Y-%m-%dT%H:%M}",
                "ends_at": f"{until:%Y-%m-%dT%H:%M}"}  # fmt: skip
        member = self.bearer | {"Authorization": f"Bearer {self.town.asker}"}
        asked = json.loads(self.ask("POST", "/api/v1/bookings", member, 201, body)[1])
        self.ask("POST", f"/api/v1/bookings/{asked['id']}/approve", self.bearer, 200)

    def at_once(self, workers: int, each: int, first: int) -> Figures:
        """``workers`` who reserve and approve ``each`` hours at the same time, from ``first`` on.

        Milliseconds of the clock for one, all together: a thousand by it is how many a second.
        """
        here = self.server
        clients = [
            Client(Server(here.process, here.port, here.database), self.town)
            for _ in range(workers)
        ]

        def work(number: int) -> None:
            for n in range(each):
                clients[number].reserve_and_approve(first + number * each + n)

        began, before = time.perf_counter(), self.server.cpu()
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(work, range(workers)))
        took = time.perf_counter() - began
        times = workers * each
        return Figures(took / times * 1000, (self.server.cpu() - before) / times * 1000)

    def get(
        self, path: str, headers: dict[str, str] | None = None, status: int = 200
    ) -> Callable[[int], None]:
        """What reads an address."""
        return lambda _n: self.ask("GET", path, self.bearer if headers is None else headers, status)

    def calendar(self, days: int) -> Callable[[int], None]:
        """What reads all bookings of some days."""
        until = self.town.today + timedelta(days=days)
        span = f"starts_after={self.town.today}T00:00Z&ends_before={until}T00:00Z"
        return self.get(f"/api/v1/calendar?{span}")


Measured = Iterator[tuple[str, Figures]]


def measured(server: Server, town: Town) -> Measured:
    """Every operation of ``GOALS`` that this installation can do."""
    client = Client(server, town)
    yield from _bookings(client)
    yield from _questions(client)
    yield from _feeds(client)
    yield from _pages(client)


def _bookings(client: Client) -> Measured:
    measure = client.server.measure
    yield "create a booking, all rules", measure(client.create, 120)
    yield (
        "a refused booking, with its nearest times",
        measure(lambda n: client.create(n, 30, 409), 60),
    )
    yield "a series of 52, at once", measure(client.series, 20)
    yield "reserve and approve, 1 worker", measure(client.reserve_and_approve, 40)
    yield "reserve and approve, 8 workers", client.at_once(8, 8, first=100)


def _questions(client: Client) -> Measured:
    measure, far = client.server.measure, client.far
    evening = f"/api/v1/availability?starts_at={far}T18:00&ends_at={far}T20:00"
    weekly = quote("FREQ=WEEKLY;COUNT=13")
    month = f"from={far}&until={far + timedelta(days=30)}&minutes=120"
    yield "rooms free in one slot, whole network", measure(client.get(evening), 60)
    yield (
        "rooms free in 13 weekly slots",
        measure(client.get(f"{evening}&rrule={weekly}"), 40),
    )
    yield "calendar of all rooms, a day (JSON)", measure(client.calendar(1), 30)
    yield "calendar of all rooms, a week (JSON)", measure(client.calendar(7), 15)
    yield (
        "day × room matrix of a month",
        measure(client.get(f"/api/v1/availability/matrix?{month}"), 10),
    )


def _feeds(client: Client) -> Measured:
    measure = client.server.measure
    for size, path in client.town.feeds.items():
        yield f"feed of {size:,} entries", measure(client.get(path, {}), 40 if size < 5000 else 15)
    path = client.town.feeds.get(1_000, "")
    if path:
        etag = client.ask("GET", path, {}, 200)[0]["ETag"]
        yield (
            "feed of 1,000, unchanged (304)",
            measure(client.get(path, {"If-None-Match": etag}, 304), 200),
        )


def _pages(client: Client) -> Measured:
    measure = client.server.measure
    page = {"Accept-Language": "it", "Accept-Encoding": "gzip"}
    yield "venue page", measure(client.get("/venues/v3", page), 40)
    yield "home page", measure(client.get("/", page), 40)
    mine = page | {"Cookie": _signed_in(client.server)}
    yield "my bookings, a page of 100 (HTML)", measure(client.get("/me/bookings", mine), 40)
    # What every request costs here, whatever it asks.
    yield "nothing at all (is it alive?)", measure(client.get("/healthz", {}), 200)


def _signed_in(server: Server) -> str:
    """The cookie of a browser that has signed in."""
    import re
    from urllib.parse import urlencode

    from tierslieu.testing import PASSWORD

    _status, headers, body = server.ask("GET", "/sign-in", {})
    token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', body)
    cookie = headers["Set-Cookie"].partition(";")[0]
    form = {"email": "bench@demo.example", "password": PASSWORD,
            "csrf_token": token[1].decode() if token else ""}  # fmt: skip
    server.connection.request(
        "POST", "/sign-in", urlencode(form),
        {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    answer = server.connection.getresponse()
    answer.read()
    if answer.status != 302:
        raise RuntimeError(f"sign-in: {answer.status}")
    return str(answer.headers["Set-Cookie"].partition(";")[0])
