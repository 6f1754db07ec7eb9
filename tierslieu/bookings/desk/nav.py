"""The desk's entries in menus, and its cards on the pages of setting up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import url_for

from tierslieu.bookings.preconditions import panels as preconditions
from tierslieu.contributions import NavItem, Panel
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room, Venue


def entries(actor: Actor, place: str, venue_id: int | None, slug: str) -> Iterable[NavItem]:
    """Today, the calendar, the rules; the network's rules for its administrators."""
    if place == "admin" and actor.may("network.edit"):
        yield NavItem(msg("Calendar"), url_for("bookings.network_timeline"), "calendar", 39)
    if place == "admin" and actor.may("policies.edit"):
        yield NavItem(msg("Rules"), url_for("bookings.admin_rules"), "list", 40)
        yield NavItem(msg("Terms to accept"), url_for("bookings.admin_terms"), "check", 41)
        yield NavItem(
            msg("What one needs to book"), url_for("bookings.admin_preconditions"), "key", 42
        )
    if place != "desk" or not slug:
        return
    if actor.may("today.read", venue=venue_id):
        yield NavItem(msg("Today"), url_for("bookings.today", slug=slug), "sun", 0)
    if actor.may("timeline.read", venue=venue_id):
        yield NavItem(msg("Calendar"), url_for("bookings.timeline", slug=slug), "calendar", 10)
    if actor.may("today.read", venue=venue_id):
        yield NavItem(
            msg("Waiting lists"), url_for("bookings.desk_waiting", slug=slug), "queue", 15
        )
    if actor.may("policies.edit", venue=venue_id):
        yield NavItem(msg("Rules"), url_for("bookings.rules", slug=slug), "list", 70)
        yield NavItem(msg("Seasons"), url_for("bookings.seasons", slug=slug), "table", 72)


def cards(
    work: Work, place: str, subject: Mapping[str, Any], venue_id: int | None
) -> Iterable[Panel]:
    """The card "rules and prices" where a venue or a room is set up; a way to book for a person."""
    yield from preconditions.drawn(work, place, subject, venue_id)
    if place == "person" and venue_id and work.actor.may("bookings.on_behalf", venue=venue_id):
        slug = work.session.get_one(Venue, venue_id).slug
        yield Panel("bookings/panels/person.html", {"slug": slug, "her": subject["person"]}, 5)
    rows = list(subject.values())
    venue = next((each for each in rows if isinstance(each, Venue)), None)
    room = next((each for each in rows if isinstance(each, Room)), None)
    if place == "venue_settings" and venue and work.actor.may("policies.edit", venue=venue.id):
        url = url_for("bookings.rules", slug=venue.slug)
        yield Panel("bookings/rules_card.html", {"url": url, "room": None}, 10)
    elif place == "room_settings" and room and work.actor.may("policies.edit", venue=room.venue_id):
        slug = work.session.get_one(Venue, room.venue_id).slug
        url = url_for("bookings.rules", slug=slug, room=room.public_id)
        yield Panel("bookings/rules_card.html", {"url": url, "room": room.name}, 10)
