"""Persons, their accounts, the bodies they act for, their roles and cards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from tierslieu.demo.cards import generate_memberships
from tierslieu.demo.loading.tables import Known, count_on, put
from tierslieu.demo.people import PASSWORD
from tierslieu.demo.records import DemoMembership, DemoNetwork, DemoPlan
from tierslieu.kernel.texts import folded
from tierslieu.kernel.work import Work
from tierslieu.memberships.models import DuesPayment, Membership, Plan
from tierslieu.memberships.rules import Season, card_number
from tierslieu.people.accounts.passwords import hash_password
from tierslieu.people.models import (
    Account,
    Organisation,
    OrganisationPerson,
    Person,
    PersonVenue,
    RoleGrant,
)

#: Everybody was there before the first membership.
KNOWN_SINCE = timedelta(days=4 * 365)


class Cards:
    """Admitted memberships by person and venue: which one gave a booking its price."""

    def __init__(self, network: DemoNetwork) -> None:
        self._circuits = {plan.venue: plan.circuit for plan in network.plans}
        self._found: dict[str, list[tuple[int, DemoMembership]]] = {}

    def add(self, row_id: int, membership: DemoMembership) -> None:
        """Remember one that was admitted."""
        self._found.setdefault(membership.person, []).append((row_id, membership))

    def of(self, person: str, venue: str, day: date) -> int | None:
        """The row of the card that counts at a venue on a day, the venue's own first."""
        running = [
            (each.plan != venue, row_id)
            for row_id, each in self._found.get(person, ())
            if each.season_starts_on <= day < each.season_ends_on + timedelta(days=31)
            and (each.plan == venue or self._circuit(each.plan) == self._circuit(venue) != "")
        ]
        return min(running)[1] if running else None

    def _circuit(self, venue: str) -> str:
        return self._circuits.get(venue, "")


def write_people(work: Work, network: DemoNetwork, known: Known) -> None:
    """Persons and accounts, organisations and who acts for them."""
    since = work.now - KNOWN_SINCE
    known.persons = {person.slug: n for n, person in enumerate(network.people, start=1)}
    put(work, Person, list(_persons(network, known, since)))
    put(work, Account, list(_accounts(network, known, since)))
    bodies = [*(venue.operator for venue in network.venues), *network.groups]
    known.organisations = {body.slug: n for n, body in enumerate(bodies, start=1)}
    rows = [
        {
            "id": known.organisations[body.slug],
            "name": body.name,
            "kind": "third_sector" if body.kind == "operator" else "association",
            "created_at": since,
        }
        for body in bodies
    ]
    put(work, Organisation, rows)
    functions = [
        {
            "organisation_id": known.organisations[each.organisation],
            "person_id": known.persons[each.person],
            "function": each.function,
            "may_act": each.may_act,
        }
        for each in network.functions
    ]
    put(work, OrganisationPerson, functions)
    count_on(work, Person, Organisation)


def _persons(network: DemoNetwork, known: Known, since: datetime) -> Iterator[dict[str, Any]]:
    for person in network.people:
        yield {
            "id": known.persons[person.slug],
            "name": person.name,
            "name_folded": folded(person.name),
            "email": person.email,
            "phone": person.phone,
            "locale": person.locale,
            "created_at": since,
        }


def _accounts(network: DemoNetwork, known: Known, since: datetime) -> Iterator[dict[str, Any]]:
    # One hash for all: in a demonstration everybody knows the password.
    hashed = hash_password(PASSWORD)
    for person in network.people:
        if person.account:
            yield {
                "person_id": known.persons[person.slug],
                "email": person.email,
                "password_hash": hashed,
                "confirmed_at": since,
                "created_at": since,
            }


def write_roles(work: Work, network: DemoNetwork, known: Known) -> None:
    """Who manages what; needs the venues."""
    rows = [
        {
            "person_id": known.persons[role.person],
            "role": role.role,
            "venue_id": known.venues.get(role.venue),
            "granted_at": work.now - KNOWN_SINCE,
        }
        for role in network.roles
    ]
    put(work, RoleGrant, rows)


def write_cards(work: Work, seed: int, network: DemoNetwork, known: Known) -> Cards:
    """Plans, memberships and dues; which of them count is answered."""
    known.plans = {plan.venue: n for n, plan in enumerate(network.plans, start=1)}
    found = list(generate_memberships(seed, work.now, network))
    put(work, Plan, list(_plans(network, known, found)))
    cards, rows, dues = Cards(network), [], []
    plans = {plan.venue: plan for plan in network.plans}
    for row_id, membership in enumerate(found, start=1):
        rows.append(_membership(row_id, membership, plans[membership.plan], known))
        dues += _dues(row_id, membership, known)
        if membership.state == "admitted":
            cards.add(row_id, membership)
    put(work, Membership, rows)
    put(work, DuesPayment, dues)
    count_on(work, Plan, Membership)
    return cards


def _plans(
    network: DemoNetwork, known: Known, found: list[DemoMembership]
) -> Iterator[dict[str, Any]]:
    for plan in network.plans:
        numbers = [_sequence(each) for each in found if each.plan == plan.venue]
        yield {
            "id": known.plans[plan.venue],
            "venue_id": known.venues[plan.venue],
            "organisation_id": known.organisations[plan.organisation],
            "name": plan.name,
            "season_month": plan.season_month,
            "season_day": plan.season_day,
            "fee_cents": plan.fee_cents,
            "grace_days": plan.grace_days,
            "circuit": plan.circuit,
            "next_card": max(numbers, default=0) + 1,
        }


def _sequence(membership: DemoMembership) -> int:
    return int(membership.card_number.partition("-")[2]) if membership.card_number else 0


def _membership(
    row_id: int, membership: DemoMembership, plan: DemoPlan, known: Known
) -> dict[str, Any]:
    season = Season(membership.season_starts_on, membership.season_ends_on)
    number = _sequence(membership)
    return {
        "id": row_id,
        "plan_id": known.plans[membership.plan],
        "person_id": known.persons[membership.person],
        "state": membership.state,
        "season_starts_on": season.starts_on,
        "season_ends_on": season.ends_on,
        "counts_until": season.ends_on + timedelta(days=plan.grace_days),
        "fee_cents": plan.fee_cents,
        "card_number": card_number(season, number) if number else None,
        "applied_at": membership.applied_at,
        "decided_at": membership.decided_at,
        "decided_by_id": known.persons.get(membership.decided_by or ""),
        "reason": membership.reason,
    }


def _dues(row_id: int, membership: DemoMembership, known: Known) -> list[dict[str, Any]]:
    return [
        {
            "membership_id": row_id,
            "amount_cents": due.amount_cents,
            "method": due.method,
            "taken_at": due.taken_at,
            "taken_by_id": known.persons[due.taken_by],
            "withdraws_id": None,
        }
        for due in membership.dues
    ]


def write_relations(
    work: Work, network: DemoNetwork, known: Known, booked: set[tuple[int, int]]
) -> None:
    """Who is known at which venue: by a role, a card or a booking."""
    from sqlalchemy import select

    cards = select(Membership.person_id, Plan.venue_id).join(Plan, Plan.id == Membership.plan_id)
    pairs = booked | {(person, venue) for person, venue in work.session.execute(cards)}
    pairs |= {
        (known.persons[role.person], known.venues[role.venue])
        for role in network.roles
        if role.venue
    }
    since = work.now - KNOWN_SINCE
    rows = [{"person_id": p, "venue_id": v, "since": since} for p, v in sorted(pairs)]
    put(work, PersonVenue, rows)
