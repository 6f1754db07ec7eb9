"""The hook by which others bring a way to meet remotely, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import tierslieu.toolkit as tl


@dataclass(frozen=True)
class Meeting:
    """What a provider is told: a name for the room that stays, the title, who comes, and when.

    ``said`` is what the manager wrote for it (a link, a number). ``settings`` reads the settings
    of the events plugin in force at the venue. ``leads``: she may open the room and let others in.
    """

    room: str
    title: str
    name: str
    leads: bool
    ends: int
    said: str
    settings: dict[str, str] = field(hash=False)


@dataclass(frozen=True)
class Provider:
    """One way to meet remotely.

    ``key`` stays for ever, ``label`` is what the manager chooses. ``asks``: what she writes for it;
    "" and nothing is asked. ``opens`` gives the address into the room, for one person at this
    moment; it may speak to a server and wait some seconds, since no transaction is open. None:
    there is nothing to open, what was written is shown as it is. ``ready``: whether it is set up.
    """

    key: str
    label: tl.Message
    asks: tl.Message | str = ""
    opens: Callable[[Meeting], str] | None = None
    ready: Callable[[dict[str, str]], bool] | None = None
    order: int = 100


@tl.hookspec
def events_providers(work: tl.Work) -> Iterable[Provider]:
    """Ways to meet remotely.

    When: a manager chooses how the remote side of a date meets, and when somebody goes in.
    Give: each way, with what the manager writes for it and the function that gives the address.
    Promise: only read here; the function is called later, outside of any transaction.
    Example::

        @tl.hookimpl
        def events_providers():
            yield Provider("hall", say("Our hall"), opens=lambda m: f"https://h/{m.room}")

    Since: 0.2. Used by: tierslieu_events.
    """
    return ()
