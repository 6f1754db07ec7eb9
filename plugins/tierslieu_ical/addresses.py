"""The addresses of calendars, as they are copied, clicked and photographed."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

import tierslieu.toolkit as tl


def secret_address(site: tl.Site, token: str, query: str = "") -> str:
    """The address that a token opens; ``query``: what it chooses, as it stands there."""
    return f"{public_base(site)}/feeds/{token}.ics{'?' + query if query else ''}"


def public_address(
    site: tl.Site, kind: str, key: str, query: Sequence[tuple[str, str]] = (), form: str = "ics"
) -> str:
    """The address of a public calendar: the ``network``'s, a ``venue``'s (by slug), a ``room``'s.

    ``query``: what the address chooses; ``form``: ``ics``, ``json`` or ``html``.
    """
    path = "" if kind == "network" else f"/{kind}s/{quote(key, safe='')}"
    return f"{public_base(site)}{path}/calendar.{form}{with_query(query)}"


def with_query(query: Sequence[tuple[str, str]]) -> str:
    """What stands after an address: "" or ``?room=…``."""
    return "?" + urlencode(query, safe=",") if query else ""


def webcal(address: str) -> str:
    """The same address, opening the calendar programme of whoever presses it."""
    return "webcal:" + address.partition(":")[2]


def public_base(site: tl.Site) -> str:
    """The beginning of every address."""
    return site.config.base_url.rstrip("/")
