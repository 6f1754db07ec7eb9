"""One process of a race, run as a script.

Each line it reads is one order in JSON; each line it writes is what came of it.
``take``: resources, start, end → "won", "taken" or the error. ``check``: whether it looks free.
``insert``: write what was checked, without looking again, as code without an engine would.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pluggy
import sqlalchemy as sa

from tierslieu.config import load
from tierslieu.kernel.db import Database
from tierslieu.kernel.hooks import Hooks
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span
from tierslieu.resources import queries, services
from tierslieu.resources.models import Occupancy
from tierslieu.resources.rules import Taken, Taking
from tierslieu.venues.models import Venue  # noqa: F401 — resources point to it


def take(site: Site, taking: Taking) -> str:
    with site.writing() as work:
        services.take(work, [taking])
    return "won"


def check(site: Site, taking: Taking) -> str:
    with site.reading() as work:
        return "taken" if queries.collisions(work.session, [taking], work.now) else "free"


def insert(site: Site, taking: Taking) -> str:
    assert taking.span is not None
    with site.writing() as work:
        for resource_id in taking.resource_ids:
            work.session.execute(
                sa.insert(Occupancy).values(
                    resource_id=resource_id,
                    claim_id=taking.claim_id,
                    starts_at=taking.span.starts_at,
                    ends_at=taking.span.ends_at,
                )
            )
    return "won"


def answer(site: Site, order: dict[str, Any]) -> str:
    span = Span(datetime.fromisoformat(order["start"]), datetime.fromisoformat(order["end"]))
    act = {"take": take, "check": check, "insert": insert}[order["verb"]]
    try:
        return act(site, Taking(order["claim"], order["resources"], span))
    except Taken:
        return "taken"
    except sa.exc.IntegrityError:
        return "refused by the database"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@lru_cache(maxsize=1)
def site_at(url: str) -> Site:
    hooks = Hooks(pluggy.PluginManager("tierslieu"), lambda _plugin, _venue: True)
    return Site(load({}, Path(), database_url=url), Database(url), hooks)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    say("ready")
    for line in sys.stdin:
        order = json.loads(line)
        if order["verb"] == "leave":
            site_at(order["url"]).db.dispose()
            say("left")
        else:
            say(answer(site_at(order["url"]), order))


if __name__ == "__main__":
    main()
