"""Real processes that want the same at the same moment."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tierslieu.bookings.services import NewBooking, book
from tierslieu.kernel import clock
from tierslieu.kernel.span import Span
from tierslieu.people.models import Account
from tierslieu.testing import a_token

At = Callable[..., Span]


Order = dict[str, Any]


RACERS = 6


#: So long an order needs to reach every process.
REACH = 0.06


class Racers:
    """Processes that begin at the same moment; started once, they race in every test.

    They are one process that did the ``first`` order and then parted: what is loaded and put
    together at a first order would otherwise be waited for by each.
    """

    def __init__(self, first: Order) -> None:
        pairs = [socket.socketpair() for _ in range(RACERS)]
        theirs = [pair[1].fileno() for pair in pairs]
        command = [sys.executable, str(Path(__file__).with_name("racer.py")), json.dumps(first)]
        self.process = subprocess.Popen([*command, *map(str, theirs)], pass_fds=theirs)
        for pair in pairs:
            pair[1].close()
        self.sockets = [pair[0] for pair in pairs]
        self.lines = [ours.makefile("rw") for ours in self.sockets]

    def send(self, orders: list[Order]) -> list[str]:
        start = time.monotonic() + REACH
        for line, order in zip(self.lines, orders, strict=True):
            line.write(json.dumps({**order, "at": start}) + "\n")
            line.flush()
        return [line.readline().strip() for line in self.lines]

    def stop(self) -> None:
        for line, ours in zip(self.lines, self.sockets, strict=True):
            line.close()
            ours.close()
        self.process.wait(20)


class Race:
    """The house, with a room for a race, and who runs: the manager unless it is said."""

    def __init__(self, started: dict[str, Racers], house: Any) -> None:
        self.house = house
        with house.site.writing() as work:
            self.tokens = {
                name: a_token(work, work.session.scalars(_account(house.people[name])).one())
                for name in ("ada", "manager")
            }
        self.common = {
            "url": house.site.db.url.render_as_string(hide_password=False),
            "instance": str(house.site.config.instance),
            "now": clock.now().isoformat(),
        }
        if self.common["url"] not in started:
            far = {"start": "2026-12-07T14:00+00:00", "end": "2026-12-07T15:00+00:00", "at": 0}
            order = {"verb": "series", "room": house.rooms["sala"], **far}
            started[self.common["url"]] = Racers(
                {**self.common, "token": self.tokens["manager"], **order}
            )
        self.racers = started[self.common["url"]]

    def all(self, orders: list[Order], who: str = "manager") -> list[str]:
        """Every racer does its order at the same moment; what came of each."""
        token = self.tokens[who]
        return self.racers.send([{**self.common, "token": token, **order} for order in orders])

    def over(self) -> None:
        self.all([{"verb": "leave"}] * RACERS)


def _account(person_id: int) -> Any:
    return sa.select(Account).where(Account.person_id == person_id)


def made(house: Any, who: str, span: Span, room: str = "sala") -> str:
    with house.writing(who) as work:
        return str(book(work, NewBooking(house.rooms[room], span, "Before")).public_id)
