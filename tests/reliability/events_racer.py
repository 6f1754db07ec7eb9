"""Many processes that want the last place at the same moment, run as ``events_racer.py ORDER``.

One process makes everything ready and then parts; each that parts opens the database for itself.
What came of each is written on a line: the state of its registration, or the code of a refusal.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tierslieu.app import create_site
from tierslieu.config import load
from tierslieu.kernel.errors import Refusal
from tierslieu_events.queries import date_for
from tierslieu_events.registering.services import Asked, register


def run(site: Any, order: dict[str, Any], person: int) -> str:
    try:
        with site.writing() as work:
            view = date_for(work, order["date"])
            return register(work, view, Asked("room", wait=True, person_id=person)).state
    except Refusal as refusal:
        return refusal.code


class Undone(Exception):
    """What was done only to have everything loaded and put together is taken back."""


def rehearse(site: Any, order: dict[str, Any]) -> None:
    with suppress(Undone), site.writing() as work:
        view = date_for(work, order["date"])
        register(work, view, Asked("room", wait=True, person_id=order["people"][0]))
        raise Undone


def main() -> None:
    order = json.loads(sys.argv[1])
    config = load({}, Path(order["instance"]), database_url=order["url"], secret_key="tests only")
    site = create_site(config)
    rehearse(site, order)
    site.db.dispose()
    start = time.monotonic() + 1
    for person in order["people"]:
        if os.fork() == 0:
            time.sleep(max(0.0, start - time.monotonic()))
            try:
                said = run(site, order, person)
            except Exception as error:  # said to the test, which knows none
                said = f"{type(error).__name__}: {error}"
            os.write(1, f"{said}\n".encode())
            os._exit(0)
    for _ in order["people"]:
        os.wait()


main()
