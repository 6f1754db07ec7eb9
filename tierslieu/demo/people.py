"""Invented persons put together from lists of names, with their families, roles and functions."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tierslieu.demo.records import (
    DemoFunction,
    DemoOrganisation,
    DemoPerson,
    DemoRole,
    DemoVenue,
)

COUNT = 400
WITHOUT_EMAIL = 0.3
SHARED_EMAIL = 0.22
PASSWORD = "demo"  # noqa: S105 (the demo's password is printed for everybody)
FUNCTIONS = ("presidente", "segreteria", "volontariato")


@dataclass(frozen=True, slots=True)
class Population:
    """Persons, and what they do for venues and groups."""

    people: tuple[DemoPerson, ...]
    roles: tuple[DemoRole, ...]
    functions: tuple[DemoFunction, ...]


def populate(
    seed: int,
    venues: Sequence[DemoVenue],
    groups: Sequence[DemoOrganisation],
    names: Mapping[str, Any],
) -> Population:
    """Everybody of the demo: the accounts first, then the others; the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 (names, not secrets)
    found = [*_accounts(names["account"]), *_others(rng, venues, names)]
    roles = [*_account_roles(names["account"], found), *_desk_roles(rng, venues, found)]
    functions = [
        *_boards(venues, roles),
        *_members_of_groups(rng, groups, found),
    ]
    return Population(tuple(found), tuple(roles), tuple(functions))


def _accounts(rows: Sequence[Mapping[str, str]]) -> Iterator[DemoPerson]:
    for number, row in enumerate(rows):
        yield DemoPerson(
            slug=_slug(number),
            name=row["name"],
            email=row["email"],
            phone=_phone(number),
            locale="it",
            venue=row.get("venue", ""),
            account=True,
        )


def _others(
    rng: random.Random, venues: Sequence[DemoVenue], names: Mapping[str, Any]
) -> Iterator[DemoPerson]:
    lists = names["names"]
    weights = [row["weight"] for row in lists]
    taken = {row["name"] for row in names["account"]}
    before: DemoPerson | None = None
    for number in range(len(names["account"]), COUNT):
        row = rng.choices(lists, weights)[0]
        related = before if before and before.email and rng.random() < SHARED_EMAIL else None
        family = related.name.split(" ", 1)[1] if related else rng.choice(row["family"])
        before = _person(rng, number, _unused(rng, row["given"], family, taken), related, venues)
        before = _with_locale(before, row["locale"])
        yield before


def _unused(rng: random.Random, given: Sequence[str], family: str, taken: set[str]) -> str:
    """A name nobody has yet; after some tries a second given name tells two persons apart."""
    for attempt in range(12):
        first = rng.choice(given)
        name = f"{first} {family}" if attempt < 8 else f"{first}-{rng.choice(given)} {family}"
        if name not in taken:
            taken.add(name)
            return name
    return name


def _person(
    rng: random.Random,
    number: int,
    name: str,
    related: DemoPerson | None,
    venues: Sequence[DemoVenue],
) -> DemoPerson:
    email = related.email if related else None
    if not related and rng.random() >= WITHOUT_EMAIL + 0.07:
        email = f"{_ascii(name)}@{rng.choice(('posta', 'lettere'))}.example"
    phone = _phone(number) if email is None or rng.random() < 0.6 else None
    home = related.venue if related else _home(rng, venues)
    return DemoPerson(_slug(number), name, email, phone, "it", home, account=False)


def _with_locale(person: DemoPerson, locale: str) -> DemoPerson:
    return DemoPerson(
        person.slug, person.name, person.email, person.phone, locale, person.venue, person.account
    )


def _home(rng: random.Random, venues: Sequence[DemoVenue]) -> str:
    """Busier venues are the home of more people."""
    return rng.choices(venues, [len(venue.rooms) ** 1.3 for venue in venues])[0].slug


def _account_roles(
    rows: Sequence[Mapping[str, str]], people: Sequence[DemoPerson]
) -> Iterator[DemoRole]:
    for row, person in zip(rows, people, strict=False):
        if row["role"] != "member":
            yield DemoRole(person.slug, row["role"], row.get("venue", ""))


def _desk_roles(
    rng: random.Random, venues: Sequence[DemoVenue], people: Sequence[DemoPerson]
) -> Iterator[DemoRole]:
    """A manager for each venue and somebody at the desk; Gattaglio's manager is an account."""
    for venue in venues:
        near = [p for p in people if p.venue == venue.slug and not p.account]
        near += rng.sample([p for p in people if not p.account], 4)
        if venue.slug != "gattaglio":
            yield DemoRole(near[0].slug, "venue_manager", venue.slug)
        yield DemoRole(near[1].slug, "venue_desk", venue.slug)


def _boards(venues: Sequence[DemoVenue], roles: Sequence[DemoRole]) -> Iterator[DemoFunction]:
    operators = {venue.slug: venue.operator.slug for venue in venues}
    seen: set[tuple[str, str]] = set()
    for role in roles:
        pair = (operators.get(role.venue, ""), role.person)
        if role.venue and pair not in seen:
            seen.add(pair)
            manager = role.role == "venue_manager"
            yield DemoFunction(*pair, FUNCTIONS[0 if manager else 1], may_act=True)


def _members_of_groups(
    rng: random.Random, groups: Sequence[DemoOrganisation], people: Sequence[DemoPerson]
) -> Iterator[DemoFunction]:
    accounts = {"ago-e-filo": people[2].slug, "i-fuori-porta": people[3].slug}
    ordinary = [p.slug for p in people if not p.account]
    for group in groups:
        chosen = rng.sample(ordinary, 3)
        if group.slug in accounts:
            chosen[0] = accounts[group.slug]
        for number, person in enumerate(chosen):
            yield DemoFunction(group.slug, person, FUNCTIONS[number], may_act=number < 2)


def _slug(number: int) -> str:
    return f"person-{number + 1:03d}"


def _phone(number: int) -> str:
    """Mobile prefixes beginning with 30 are not assigned in Italy."""
    return f"+39 300 000{number:04d}"


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z]+", ".", plain).strip(".")
