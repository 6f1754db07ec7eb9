"""Who is acting: a frozen value filled at the edge, asked by every verb."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Scope = Literal["network", "venue", "organisation", "own"]


@dataclass(frozen=True)
class Grant:
    """Permissions by name in a scope; ``scope_id`` is a venue's or organisation's row id."""

    role: str
    scope: Scope
    scope_id: int | None
    permissions: frozenset[str]


@dataclass(frozen=True)
class Actor:
    """The person or programme on whose behalf work is done.

    ``member_venues``: venues where her card counts today. ``token_scopes``: what an API token may
    do at most (None: not a token); a token never exceeds its owner.
    """

    person_id: int | None = None
    account_id: int | None = None
    locale: str = "it"
    name: str = ""
    grants: tuple[Grant, ...] = ()
    member_venues: frozenset[int] = frozenset()
    organisations: frozenset[int] = frozenset()
    token_scopes: frozenset[str] | None = None
    is_system: bool = False
    request_id: str = field(default="", compare=False)

    @property
    def is_anonymous(self) -> bool:
        return self.account_id is None and not self.is_system

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)

    def may(
        self,
        permission: str,
        *,
        venue: int | None = None,
        organisation: int | None = None,
        own: bool = False,
    ) -> bool:
        """Whether this actor holds ``permission`` for the thing described by the scope.

        ``venue``/``organisation`` are the thing's own; ``own`` says that it is hers.
        """
        if self.is_system:
            return True
        if self.token_scopes is not None and not self._token_allows(permission):
            return False
        return any(
            permission in grant.permissions and _covers(grant, venue, organisation, own)
            for grant in self.grants
        )

    def may_anywhere(self, permission: str) -> bool:
        """Whether she holds it in any scope but ``own``: for showing doors, never for opening."""
        if self.is_system:
            return True
        if self.token_scopes is not None and not self._token_allows(permission):
            return False
        return any(permission in g.permissions and g.scope != "own" for g in self.grants)

    def venues_where(self, permission: str) -> frozenset[int] | None:
        """Ids of the venues where she holds it; None means the whole network."""
        if self.is_system:
            return None
        found: set[int] = set()
        for grant in self.grants:
            if permission not in grant.permissions:
                continue
            if grant.scope == "network":
                return None
            if grant.scope == "venue" and grant.scope_id is not None:
                found.add(grant.scope_id)
        return frozenset(found)

    def _token_allows(self, permission: str) -> bool:
        scopes = self.token_scopes or frozenset()
        area, _, verb = permission.partition(".")
        kind = "read" if verb.startswith("read") else "write"
        return permission in scopes or f"{area}:{kind}" in scopes


def _covers(grant: Grant, venue: int | None, organisation: int | None, own: bool) -> bool:
    match grant.scope:
        case "network":
            return True
        case "venue":
            return venue is not None and grant.scope_id == venue
        case "organisation":
            return organisation is not None and grant.scope_id == organisation
        case "own":
            return own
    return False


#: The house itself: jobs, the command line, the demo.
SYSTEM = Actor(is_system=True, name="system")
