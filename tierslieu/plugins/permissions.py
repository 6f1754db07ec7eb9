"""What plugins let people do: added to an actor's grants while the plugin is on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tierslieu.kernel.actor import Actor, Grant
from tierslieu.kernel.places import Places
from tierslieu.permission import Permission

#: The permissions of one plugin that is on, and the venues where it is.
Given = tuple[tuple[Permission, ...], Places]


def endowed(actor: Actor, given: Iterable[Given]) -> Actor:
    """The actor with what plugins let her do.

    Each grant has more by its role; a member's permissions are hers where her card counts. A
    suspended account has nothing of a plugin's.
    """
    found = list(given)
    if not found or actor.is_system:
        return actor
    grants = [_more(grant, found) for grant in actor.grants]
    if "account" in actor.roles and actor.member_venues:
        cards = [Grant("member", "venue", venue, frozenset()) for venue in actor.member_venues]
        more = [_more(each, found) for each in (*cards, Grant("member", "own", None, frozenset()))]
        grants += [each for each in more if each.permissions]
    return replace(actor, grants=tuple(grants))


def _more(grant: Grant, given: list[Given]) -> Grant:
    names = {
        each.name
        for permissions, places in given
        if grant.scope_id is None or grant.scope != "venue" or places.has(grant.scope_id)
        for each in permissions
        if grant.role in (each.own if grant.scope == "own" else each.roles)
    }
    return replace(grant, permissions=grant.permissions | names) if names else grant
