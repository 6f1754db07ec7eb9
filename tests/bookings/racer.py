"""The processes of a race for a booking, run as a script: ``racer.py ORDER SOCKET…``.

The first does one order, so that everything is loaded and every statement put together, and then
becomes as many processes as there are sockets, which share nothing from then on. Each line that
one reads is an order in JSON: what to do, as whom, when it is and at which moment to begin. Each
line it writes is what came of it: "won", the code of the refusal, or the error.
"""

from __future__ import annotations

import io
import json
import os
import socket
import sys
import time
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from tierslieu.app import create_site
from tierslieu.bookings.answers.services import approve
from tierslieu.bookings.cart.services import book_together
from tierslieu.bookings.changes.services import Edit, change
from tierslieu.bookings.series.changing import change_series
from tierslieu.bookings.series.services import NewSeries, book_series
from tierslieu.bookings.services import NewBooking, book
from tierslieu.bookings.waiting.services import accept, leave
from tierslieu.config import load
from tierslieu.exchange import read_csv
from tierslieu.kernel import clock
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.recurrence import parse
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import hash_token
from tierslieu.kernel.work import Work
from tierslieu.people.queries import actor_for_token
from tierslieu.venues.opening.services import close


def span_of(order: dict[str, Any]) -> Span:
    return Span(datetime.fromisoformat(order["start"]), datetime.fromisoformat(order["end"]))


def wish_of(order: dict[str, Any]) -> NewBooking:
    things = tuple((thing, n) for thing, n in order.get("things", ()))
    return NewBooking(
        order["room"], span_of(order), "Race", places=order.get("places"), things=things
    )


def series(work: Work, order: dict[str, Any]) -> object:
    return book_series(work, NewSeries(wish_of(order), parse("FREQ=WEEKLY;COUNT=3")))


def move(work: Work, order: dict[str, Any]) -> object:
    return change(work, order["booking"], Edit(span=span_of(order), room=order["room"]))


def move_series(work: Work, order: dict[str, Any]) -> object:
    return change_series(work, order["booking"], Edit(span=span_of(order)), "all")


def shut(work: Work, order: dict[str, Any]) -> object:
    return close(work, order["venue"], span_of(order), Texts(en="Paint"), room_id=order["room_id"])


ACTS = {
    "book": lambda work, order: book(work, wish_of(order)),
    "cart": lambda work, order: book_together(work, [wish_of(one) for one in order["wishes"]]),
    "series": series,
    "move": move,
    "move a series": move_series,
    "approve": lambda work, order: approve(work, order["booking"]),
    "accept": lambda work, order: accept(work, order["booking"]),
    "give up": lambda work, order: leave(work, order["entry"]),
    "close": shut,
}


def read(site: Site, order: dict[str, Any]) -> str:
    booked, faults = read_csv(site, io.StringIO(order["file"]))
    return "won" if booked and not faults else "taken" if faults else "nothing"


def answer(site: Site, order: dict[str, Any]) -> str:
    with site.reading() as work:
        actor = actor_for_token(work.session, hash_token(order["token"]), work.now)
    assert actor is not None
    # Who may do what is no matter of the race, what a token may do even less.
    actor = replace(actor, token_scopes=None)
    time.sleep(max(0, order["at"] - time.monotonic()))
    try:
        if order["verb"] == "import":
            return read(site, order)
        with site.writing(actor, "en") as work:
            ACTS[order["verb"]](work, order)
    except Refusal as refusal:
        return refusal.code
    except Exception as error:
        return f"{type(error).__name__}: {error}".replace("\n", " ")
    return "won"


@lru_cache(maxsize=2)
def site_at(url: str, instance: str) -> Site:
    return create_site(load({}, Path(instance), database_url=url, secret_key="for tests only"))


def done(order: dict[str, Any]) -> str:
    site = site_at(order["url"], order["instance"])
    if order["verb"] == "leave":
        site.memo.clear()
        site.db.dispose()
        return "left"
    with clock.frozen(datetime.fromisoformat(order["now"])):
        return answer(site, order)


def race(theirs: int) -> None:
    with socket.socket(fileno=theirs) as line, line.makefile("rw") as orders:
        for order in orders:
            orders.write(f"{done(json.loads(order))}\n")
            orders.flush()


def main() -> None:
    first = json.loads(sys.argv[1])
    came = done(first)
    assert came in ("won", "taken"), came
    done({**first, "verb": "leave"})
    sockets = [int(number) for number in sys.argv[2:]]
    for n, theirs in enumerate(sockets):
        if os.fork() == 0:
            for other in sockets[:n] + sockets[n + 1 :]:
                os.close(other)
            race(theirs)
            os._exit(0)
    for theirs in sockets:
        os.close(theirs)
    for _ in sockets:
        os.wait()


if __name__ == "__main__":
    main()
