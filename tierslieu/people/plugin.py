"""What the people's feature adds to menus."""

from __future__ import annotations

from collections.abc import Iterable

from flask import url_for

from tierslieu.contributions import NavItem
from tierslieu.kernel.actor import Actor
from tierslieu.kernel.hooks import hookimpl
from tierslieu.kernel.messages import msg


@hookimpl
def nav_items(
    actor: Actor, place: str, venue_id: int | None, venue_slug: str | None
) -> Iterable[NavItem]:
    """Sign in or my page; the pages under it; people at the desk and in the network."""
    if place == "main":
        yield _door(actor)
    elif place == "me":
        yield from _mine(actor)
    elif place == "desk" and venue_slug:
        yield from _desk(actor, venue_id, venue_slug)
    elif place == "admin" and actor.may("network.edit"):
        yield NavItem(msg("People and roles"), url_for("people.admin_people"), "user", 20)
        yield NavItem(msg("Organisations"), url_for("people.admin_organisations"), "people", 30)
        yield NavItem(msg("Journal"), url_for("people.admin_audit"), "list", 80)


def _door(actor: Actor) -> NavItem:
    if actor.is_anonymous:
        return NavItem(msg("Sign in"), url_for("people.sign_in"), "sign-in", 90)
    return NavItem(msg("My page"), url_for("people.me"), "user", 90)


def _mine(actor: Actor) -> Iterable[NavItem]:
    yield NavItem(msg("What is next"), url_for("people.me"), "calendar", 0)
    yield NavItem(msg("Name and address"), url_for("people.me_profile"), "user", 60)
    yield NavItem(msg("Organisations"), url_for("people.me_organisations"), "people", 70)
    yield NavItem(msg("Where you are signed in"), url_for("people.me_sessions"), "key", 80)
    if actor.may("tokens.own", own=True):
        yield NavItem(msg("API tokens"), url_for("people.me_tokens"), "gear", 85)
    yield NavItem(msg("Your data"), url_for("people.me_privacy"), "download", 90)


def _desk(actor: Actor, venue_id: int | None, slug: str) -> Iterable[NavItem]:
    if actor.may("people.find", venue=venue_id):
        yield NavItem(msg("People"), url_for("people.desk_people", slug=slug), "user", 30)
    if actor.may("audit.read", venue=venue_id):
        yield NavItem(msg("Journal"), url_for("people.desk_journal", slug=slug), "list", 90)
