"""The addresses of calendars, as they are copied, clicked and photographed."""

from __future__ import annotations

from urllib.parse import quote

import tierslieu.toolkit as tl


def secret_address(site: tl.Site, token: str) -> str:
    """The address of a person's feed."""
    return f"{public_base(site)}/feeds/{token}.ics"


def public_address(site: tl.Site, kind: str, key: str) -> str:
    """The address of the public calendar of a ``venue`` (by slug) or a ``room`` (by id)."""
    return f"{public_base(site)}/{kind}s/{quote(key, safe='')}/calendar.ics"


def webcal(address: str) -> str:
    """The same address, opening the calendar programme of whoever presses it."""
    return "webcal:" + address.partition(":")[2]


def public_base(site: tl.Site) -> str:
    """The beginning of every address."""
    return site.config.base_url.rstrip("/")
