"""How a plugin declares what people may do with it, and who may from the start."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from tierslieu.kernel.messages import Message

Role = Literal[
    "anonymous",
    "account",
    "member",
    "organisation_admin",
    "venue_desk",
    "venue_manager",
    "network_admin",
]
ADMIN = "network_admin"
OwnRole = Literal["account", "member"]


_NAME = re.compile(r"[a-z0-9]+\.[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True)
class Permission:
    """One thing that people may do: ``tl.Permission("kiln.fire", say("Fire the kiln"), to=(…))``.

    ``name`` is ``<plugin>.<verb>``; a token of the API may have it as its scope, or
    ``<plugin>:read`` for all whose verb begins with ``read`` and ``<plugin>:write`` for the others.
    ``sentence`` is what people read where they choose it. ``to``: the roles that hold it in their
    scope, an account everywhere, a member where her card counts, the desk and a manager at their
    venue, an admin of an organisation for it. ``own``: who holds it for her own things alone.
    A network administrator holds all that anybody holds in a scope.
    """

    name: str
    sentence: Message | str
    to: tuple[Role, ...] = ()
    own: tuple[OwnRole, ...] = ()

    @property
    def roles(self) -> tuple[str, ...]:
        """Who holds it in a scope, the network administrator with them."""
        return (*(role for role in self.to if role != ADMIN), ADMIN) if self.to else ()


def permission_faults(plugin: str, declared: Iterable[object]) -> Iterator[str]:
    """What is wrong with a manifest's permissions, a line each, for their author."""
    seen: set[str] = set()
    for each in declared:
        if not isinstance(each, Permission):
            yield f"{each!r} is no Permission"
            continue
        if not each.name.startswith(f"{plugin}.") or not _NAME.fullmatch(each.name):
            yield f"the permission “{each.name}” is not called {plugin}.<verb>"
        if each.name in seen:
            yield f"the permission “{each.name}” is named twice"
        seen.add(each.name)
        if not str(each.sentence).strip():
            yield f"the permission “{each.name}” has no sentence"
        unknown = {*each.to} - {*get_args(Role)} | {*each.own} - {*get_args(OwnRole)}
        yield from (f"{each.name}: there is no role “{role}” for it" for role in sorted(unknown))
        if not each.to and not each.own:
            yield f"the permission “{each.name}” is given to nobody"
