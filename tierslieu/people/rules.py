"""Who may do what: one table of permissions, read by role; and rules for addresses and secrets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from tierslieu.kernel.actor import Actor, Grant, Scope
from tierslieu.kernel.errors import Invalid, Reason
from tierslieu.kernel.messages import msg, nmsg
from tierslieu.kernel.texts import folded

ROLES: Final = (
    "anonymous",
    "account",
    "member",
    "organisation_admin",
    "venue_desk",
    "venue_manager",
    "network_admin",
)
GRANTED_ROLES: Final = ROLES[3:]
"""Roles that are rows; the others follow from who one is."""

ROLE_SCOPES: Final[Mapping[str, Scope]] = {
    "anonymous": "network",
    "account": "network",
    "member": "network",
    "organisation_admin": "organisation",
    "venue_desk": "venue",
    "venue_manager": "venue",
    "network_admin": "network",
}

#: permission → one mark for each of `ROLES`, in order:
#: ● in the role's scope · ○ only what is one's own · ? where the venue delegates it · – no.
#: Reading titles is decided by visibility; booking, further by policy.
TABLE: Final[Mapping[str, str]] = {
    "venues.read": "●●●●●●●",
    "rooms.read": "●●●●●●●",
    "busy.read": "●●●●●●●",
    "bookings.read_title": "–○○●●●●",
    "bookings.create": "●●●●●●●",
    "bookings.change": "○○○●●●●",
    "bookings.cancel": "○○○●●●●",
    "bookings.approve": "––––?●●",
    "bookings.override": "–––––●●",
    "bookings.preempt": "–––––?●",
    "bookings.on_behalf": "–––●●●●",
    "bookings.check_in": "○○○●●●●",
    "bookings.no_show": "○○○●●●●",
    "bookings.release": "○○○●●●●",
    "series.edit": "–○○●●●●",
    "waiting.edit": "–○○●●●●",
    "waiting.order": "–––––●●",
    "people.find": "–––●●●●",
    "people.register": "–––●●●●",
    "people.read": "–○○●●●●",
    "people.edit": "–○○–●●●",
    "people.merge": "––––––●",
    "people.erase": "––––––●",
    "people.ask_erasure": "–○○––●●",
    "people.export": "–○○–––●",
    "accounts.own": "–○○––––",
    "tokens.own": "–○○––––",
    "memberships.apply": "–●●●●●●",
    "memberships.admit": "––––?●●",
    "memberships.refuse": "––––?●●",
    "memberships.read": "–○○–●●●",
    "plans.edit": "–––––●●",
    "dues.take": "––––●●●",
    "charges.take": "––––●●●",
    "deposits.edit": "––––●●●",
    "registers.read": "–––––●●",
    "venues.edit": "–––––●●",
    "rooms.edit": "–––––●●",
    "hours.edit": "–––––●●",
    "closures.edit": "–––––●●",
    "policies.edit": "–––––●●",
    "tariffs.edit": "–––––●●",
    "today.read": "––––●●●",
    "timeline.read": "––––●●●",
    "plugins.venue": "–––––●●",
    "roles.grant": "–––●–●●",
    "organisations.create": "–●●●●●●",
    "organisations.propose": "–––––●●",
    "organisations.edit": "–––●––●",
    "reports.read": "–––●–●●",
    "exports.run": "–––●–●●",
    "feeds.own": "–○○●–●●",
    "feeds.venue_private": "–––––●●",
    "audit.read": "–○○●–●●",
    "venues.create": "––––––●",
    "network.edit": "––––––●",
    "plugins.server": "––––––●",
    "jobs.read": "––––––●",
    "jobs.retry": "––––––●",
    "mails.read": "––––––●",
    "backup.run": "––––––●",
}

#: What a venue may hand to a role beyond its column.
DELEGABLE: Final[Mapping[str, frozenset[str]]] = {
    role: frozenset(name for name, marks in TABLE.items() if marks[place] == "?")
    for place, role in enumerate(ROLES)
}

SUSPENDED: Final = frozenset({"people.read", "people.export"})
"""All that is left to a suspended account, about itself."""


@dataclass(frozen=True)
class RoleFacts:
    """A granted role: where, and between which days (both included; None = open)."""

    role: str
    scope_id: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the grant is in force on a day."""
        return (self.starts_on is None or self.starts_on <= day) and (
            self.ends_on is None or day <= self.ends_on
        )


def permissions_of(role: str, mark: Literal["●", "○", "?"] = "●") -> frozenset[str]:
    """The permissions that bear a mark in a role's column."""
    place = ROLES.index(role)
    return frozenset(name for name, marks in TABLE.items() if marks[place] == mark)


def grants_of(
    *,
    signed_in: bool,
    suspended: bool = False,
    roles: Iterable[RoleFacts] = (),
    on: date,
    delegated: Mapping[int, frozenset[str]] | None = None,
) -> tuple[Grant, ...]:
    """All grants of somebody on a day, ready for `Actor`.

    ``delegated``: venue id → the permissions that it hands to desk or manager, as far as the
    table lets it. A suspended account keeps what everybody has and its own data.
    """
    who = "account" if signed_in and not suspended else "anonymous"
    own = permissions_of(who, "○")
    if signed_in and suspended:
        own = SUSPENDED
    grants = [Grant(who, "network", None, permissions_of(who))]
    if signed_in:
        grants.append(Grant(who, "own", None, own))
    if signed_in and not suspended:
        handed = delegated or {}
        grants += [_grant(item, handed) for item in roles if item.holds_on(on)]
    return tuple(grants)


def _grant(item: RoleFacts, delegated: Mapping[int, frozenset[str]]) -> Grant:
    scope = ROLE_SCOPES[item.role]
    names = permissions_of(item.role)
    if scope == "venue" and item.scope_id is not None:
        names |= DELEGABLE[item.role] & delegated.get(item.scope_id, frozenset())
    return Grant(item.role, scope, item.scope_id, names)


def allowed(
    permission: str,
    grants: Iterable[Grant],
    *,
    venue: int | None = None,
    organisation: int | None = None,
    own: bool = False,
) -> bool:
    """Whether these grants hold a permission for a thing of this scope."""
    actor = Actor(grants=tuple(grants))
    return actor.may(permission, venue=venue, organisation=organisation, own=own)


#: role to be granted → the roles whose holders may grant it, in the same scope.
GRANTERS: Final[Mapping[str, frozenset[str]]] = {
    "organisation_admin": frozenset({"organisation_admin", "network_admin"}),
    "venue_desk": frozenset({"venue_manager", "network_admin"}),
    "venue_manager": frozenset({"network_admin"}),
    "network_admin": frozenset({"network_admin"}),
}


def may_grant(
    actor: Actor,
    role: str,
    *,
    to_person: int,
    venue: int | None = None,
    organisation: int | None = None,
) -> bool:
    """Whether she may give or take a role there: never her own."""
    if role not in GRANTERS or actor.person_id == to_person:
        return actor.is_system
    if not actor.may("roles.grant", venue=venue, organisation=organisation):
        return False
    return actor.is_system or any(
        grant.role in GRANTERS[role]
        and (grant.scope == "network" or grant.scope_id in _place(grant.scope, venue, organisation))
        for grant in actor.grants
    )


def _place(scope: Scope, venue: int | None, organisation: int | None) -> frozenset[int]:
    where = {"venue": venue, "organisation": organisation}.get(scope)
    return frozenset() if where is None else frozenset({where})


def revoke_reasons(role: str, others: int) -> list[Reason]:
    """What is against taking a role away, when so many others hold it in the same scope."""
    if others > 0:
        return []
    if role == "network_admin":
        text = msg("The last network administrator stays: name another one first.")
        return [Reason("last_one", text, kind="state")]
    if role == "venue_manager":
        text = msg("The last manager of a venue stays: name another one first.")
        return [Reason("last_one", text, kind="state")]
    return []


# Addresses and secrets

_ADDRESS: Final = re.compile(
    r"[^\s@\"(),:;<>\[\]\\\x00-\x1f\x7f]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}"
)


def account_email(written: str, field: str = "email") -> str:
    """An e-mail address as accounts compare it: trimmed, NFKC, case folded.

    Raises `Invalid` (``bad_email``) when it is none.
    """
    address = unicodedata.normalize("NFKC", written.strip()).casefold()
    local = address.partition("@")[0]
    odd = ".." in local or local.startswith(".") or local.endswith(".")
    printable = address.isprintable() and len(address) <= 254
    if odd or not printable or not _ADDRESS.fullmatch(address):
        raise Invalid("bad_email", msg("This is not an e-mail address."), field)
    return address


PASSWORD_SHORTEST: Final = 10
PASSWORD_LONGEST: Final = 200

_COMMON: Final = frozenset(
    """
    1234567890 0123456789 0987654321 12345678910 123456789a 1q2w3e4r5t 1qaz2wsx3edc qwertyuiop
    qwerty12345 qwerty123456 password12 password123 password1234 passwordpassword iloveyou12
    administrator changeme123 letmein123 welcome123 adminadmin administrator1 abcdefghij
    abcd123456 asdfghjkl1 tiersLieu12 tierslieu123 reggioemilia reggioemilia1 forzajuventus
    juventus1897 francesco1 alessandro motdepasse motdepasse1 azertyuiop azerty12345 bonjour123
    soleil1234 passwordsicura password2024 password2025 password2026 ciaociaociao
    """.casefold().split()
)


def password_reasons(password: str, *, known: Iterable[str] = ()) -> list[Reason]:
    """What is against a new password; ``known``: her name and address, which it may not be.

    Any characters will do; nothing about kinds of characters is asked.
    """
    if len(password) < PASSWORD_SHORTEST:
        text = nmsg(
            "A password has at least %(n)s character.",
            "A password has at least %(n)s characters.",
            PASSWORD_SHORTEST,
        )
        return [Reason("password_short", text, "password")]
    if len(password) > PASSWORD_LONGEST:
        text = nmsg(
            "A password has at most %(n)s character.",
            "A password has at most %(n)s characters.",
            PASSWORD_LONGEST,
        )
        return [Reason("password_long", text, "password")]
    plain = folded(password)
    easy = plain in _COMMON or len(set(plain)) < 4
    if easy or any(plain == folded(item) for item in known if item):
        text = msg("This password is too easy to guess: take a few words instead.")
        return [Reason("password_easy", text, "password")]
    return []
