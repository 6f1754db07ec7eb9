"""Ways around: the entries of the bars, from the core's features and from plugins alike."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from tierslieu import hookspecs
from tierslieu.contributions import NavPlace
from tierslieu.kernel.languages import say
from tierslieu.web.requests import current_actor, current_locale, current_site


@dataclass(frozen=True)
class Entry:
    """One entry as a template draws it."""

    label: str
    url: str
    icon: str
    current: bool


def entries(place: NavPlace, venue_id: int | None = None, slug: str = "") -> list[Entry]:
    """The entries of a bar (``main``, ``foot``, ``desk``, ``admin``, ``me``) for who asks."""
    found = current_site().hooks.gather(
        hookspecs.nav_items,
        actor=current_actor(),
        place=place,
        venue_id=venue_id,
        venue_slug=slug,
    )
    locale = current_locale()
    here = _most_exact([item.url for item in found])
    return [Entry(say(item.label, locale), item.url, item.icon, item.url == here) for item in found]


def _most_exact(urls: list[str]) -> str | None:
    path = request.path
    fitting = [
        url
        for url in urls
        if path == url.split("#")[0].split("?")[0]
        or (len(url) > 1 and path.startswith(url.rstrip("/") + "/"))
    ]
    plain = [url for url in fitting if "#" not in url]
    return max(plain, key=len, default=None)
