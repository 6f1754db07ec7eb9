"""What bookings add to one's own page, and to the menus of everybody."""

from __future__ import annotations

from collections.abc import Iterable

from flask import url_for

from tierslieu.bookings.guests.queries import offered
from tierslieu.bookings.member.lines import lines
from tierslieu.bookings.member.queries import mine
from tierslieu.contributions import NavItem, Panel
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work

SHOWN = 5


def entries(actor: Actor, place: str) -> Iterable[NavItem]:
    """What's on for everybody; on one's own page the bookings and the list."""
    if place == "main":
        yield NavItem(msg("What's on"), url_for("bookings.whats_on"), "calendar", 20)
    elif place == "me" and actor.person_id is not None:
        yield NavItem(msg("Bookings"), url_for("bookings.me_bookings"), "calendar", 10)
        yield NavItem(msg("Your list"), url_for("bookings.cart"), "list", 12)


def drawn(work: Work, place: str) -> Iterable[Panel]:
    """What is next, on /me; above it what a guest of the same address booked."""
    if place == "me" and work.actor.person_id is not None:
        count = offered(work)
        if count:
            yield Panel("bookings/panels/me_guest.html", {"count": count}, order=5)
        rows = mine(work, limit=SHOWN + 1)
        shown = lines(rows[:SHOWN], work.now, work.locale)
        values = {"rows": shown, "more": len(rows) > SHOWN}
        yield Panel("bookings/panels/me.html", values, order=10)
