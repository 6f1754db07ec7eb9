"""Who may do what, who may make others do it, and what a password or address must be."""

from __future__ import annotations

from datetime import date

import pytest

from tierslieu.kernel.actor import SYSTEM, Actor, Grant
from tierslieu.kernel.errors import Invalid
from tierslieu.people.rules import (
    DELEGABLE,
    GRANTED_ROLES,
    ROLES,
    TABLE,
    RoleFacts,
    account_email,
    allowed,
    grants_of,
    may_grant,
    password_reasons,
    permissions_of,
    revoke_reasons,
)

TODAY = date(2026, 5, 4)
HERE, THERE, ORG = 1, 2, 7
SCOPE_OF = {"organisation_admin": ORG, "venue_desk": HERE, "venue_manager": HERE}


def grants(*roles: str, **more: object) -> tuple[Grant, ...]:
    held = [RoleFacts(role, SCOPE_OF.get(role)) for role in roles]
    return grants_of(signed_in=True, roles=held, on=TODAY, **more)  # type: ignore[arg-type]


def test_every_permission_has_a_mark_for_every_role() -> None:
    assert {len(marks) for marks in TABLE.values()} == {len(ROLES)}
    assert set("".join(TABLE.values())) <= set("●○?–")
    assert all("." in name for name in TABLE)


def test_a_network_admin_may_do_everything_in_the_table_but_what_is_only_anybodys_own() -> None:
    own_only = {"accounts.own", "tokens.own"}
    assert permissions_of("network_admin") == set(TABLE) - own_only


@pytest.mark.parametrize(
    ("roles", "permission", "thing", "expected"),
    [
        pytest.param((), "bookings.create", {}, True, id="an account books"),
        pytest.param((), "bookings.change", {"own": True}, True, id="changes her own"),
        pytest.param((), "bookings.change", {"venue": HERE}, False, id="not another's"),
        pytest.param((), "bookings.approve", {"own": True}, False, id="approves nothing"),
        pytest.param((), "people.read", {"own": True}, True, id="reads about herself"),
        pytest.param(
            ("venue_manager",), "bookings.approve", {"venue": HERE}, True, id="manager here"
        ),
        pytest.param(
            ("venue_manager",), "bookings.approve", {"venue": THERE}, False, id="manager there"
        ),
        pytest.param(("venue_manager",), "bookings.change", {}, False, id="manager of nowhere"),
        pytest.param(("venue_desk",), "bookings.cancel", {"venue": HERE}, True, id="desk cancels"),
        pytest.param(
            ("venue_desk",), "bookings.approve", {"venue": HERE}, False, id="desk approves not"
        ),
        pytest.param(("venue_desk",), "rooms.edit", {"venue": HERE}, False, id="desk edits not"),
        pytest.param(("venue_desk",), "dues.take", {"venue": HERE}, True, id="desk takes dues"),
        pytest.param(
            ("organisation_admin",),
            "bookings.change",
            {"venue": HERE, "organisation": ORG},
            True,
            id="her organisation's",
        ),
        pytest.param(
            ("organisation_admin",), "bookings.change", {"organisation": 8}, False, id="another's"
        ),
        pytest.param(("network_admin",), "network.edit", {}, True, id="network admin"),
        pytest.param(("venue_manager",), "network.edit", {"venue": HERE}, False, id="no manager"),
    ],
)
def test_a_role_holds_its_permissions_in_its_scope(
    roles: tuple[str, ...], permission: str, thing: dict[str, int], expected: bool
) -> None:
    held = grants(*roles)
    assert allowed(permission, held, **thing) is expected  # type: ignore[arg-type]


def test_anybody_reads_public_facts_and_nothing_more() -> None:
    stranger = grants_of(signed_in=False, on=TODAY)
    seen = {name for name in TABLE if allowed(name, stranger, venue=HERE, own=True)}
    assert seen == {"venues.read", "rooms.read", "busy.read", "bookings.create"}


def test_a_suspended_account_sees_and_exports_its_own_and_nothing_more() -> None:
    held = grants("network_admin", suspended=True)
    assert allowed("people.export", held, own=True)
    assert not allowed("bookings.change", held, own=True)
    assert not allowed("network.edit", held)


def test_a_venue_delegates_only_what_the_table_lets_it() -> None:
    handed = {HERE: frozenset({"bookings.approve", "rooms.edit"}), THERE: DELEGABLE["venue_desk"]}
    held = grants("venue_desk", delegated=handed)
    assert allowed("bookings.approve", held, venue=HERE)
    assert not allowed("rooms.edit", held, venue=HERE)
    assert not allowed("bookings.approve", held, venue=THERE)
    assert DELEGABLE["venue_manager"] == {"bookings.preempt"}


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (date(2026, 5, 5), None, False),
        (None, date(2026, 5, 3), False),
    ],
)
def test_a_role_holds_between_its_days(
    starts: date | None, ends: date | None, expected: bool
) -> None:
    held = grants_of(signed_in=True, roles=[RoleFacts("venue_desk", HERE, starts, ends)], on=TODAY)
    assert allowed("dues.take", held, venue=HERE) is expected


def actor(*roles: str) -> Actor:
    return Actor(person_id=5, account_id=5, grants=grants(*roles))


@pytest.mark.parametrize(
    ("who", "granted", "scope", "expected"),
    [
        pytest.param("venue_manager", "venue_desk", {"venue": HERE}, True, id="manager: desk"),
        pytest.param("venue_manager", "venue_desk", {"venue": THERE}, False, id="elsewhere"),
        pytest.param("venue_manager", "venue_manager", {"venue": HERE}, False, id="no manager"),
        pytest.param("venue_manager", "network_admin", {}, False, id="no network admin"),
        pytest.param("venue_desk", "venue_desk", {"venue": HERE}, False, id="desk: nobody"),
        pytest.param(
            "organisation_admin", "organisation_admin", {"organisation": ORG}, True, id="hers"
        ),
        pytest.param(
            "organisation_admin", "organisation_admin", {"organisation": 8}, False, id="another"
        ),
        pytest.param("organisation_admin", "venue_desk", {"venue": HERE}, False, id="no desk"),
        pytest.param("network_admin", "venue_manager", {"venue": HERE}, True, id="admin: manager"),
        pytest.param("network_admin", "network_admin", {}, True, id="admin: admin"),
        pytest.param("network_admin", "member", {}, False, id="membership is never granted"),
    ],
)
def test_roles_are_given_by_those_above(
    who: str, granted: str, scope: dict[str, int], expected: bool
) -> None:
    assert may_grant(actor(who), granted, to_person=6, **scope) is expected
    assert may_grant(actor(who), granted, to_person=5, **scope) is False


def test_the_house_itself_may_give_any_role() -> None:
    assert all(may_grant(SYSTEM, role, to_person=5, venue=HERE) for role in GRANTED_ROLES)


def test_the_last_admin_and_the_last_manager_stay() -> None:
    stays = [role for role in GRANTED_ROLES if revoke_reasons(role, others=0)]
    assert stays == ["venue_manager", "network_admin"]
    assert not any(revoke_reasons(role, others=1) for role in GRANTED_ROLES)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (" Anna.Rossi+lab@Example.ORG ", "anna.rossi+lab@example.org"),
        ("demo@demo.example", "demo@demo.example"),
        ("o'neill@caffè.it", "o'neill@caffè.it"),
        ("ａnna@example.org", "anna@example.org"),
    ],
)
def test_an_address_is_compared_folded(written: str, expected: str) -> None:
    assert account_email(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "", "anna", "anna@", "@example.org", "anna@localhost", "a b@example.org", "a..b@x.org",
        ".a@example.org", "a@-x.org", "a@x_.org", "a@example.org\nBcc: b@x.org", "a@b@c.org",
        "a,b@example.org", "<a@example.org>", "a" * 65 + "@example.org", "a@" + "x." * 130 + "org",
        "a@exam\u202eple.org", "a\x00@example.org", "a@example.org,b@example.org",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        account_email(written)
    assert refused.value.code == "bad_email"


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        pytest.param("tre gatti sul tetto", [], id="a few words"),
        pytest.param("äöüß-Ελλη", ["password_short"], id="nine characters of any script"),
        pytest.param("x" * 201, ["password_long"], id="a novel"),
        pytest.param("Password123", ["password_easy"], id="everybody's"),
        pytest.param("aaaaaaaaaaaa", ["password_easy"], id="one key"),
        pytest.param("Anna@Example.org", ["password_easy"], id="her address"),
    ],
)
def test_a_password_is_long_and_not_everybodys(password: str, expected: list[str]) -> None:
    found = password_reasons(password, known=("anna@example.org", ""))
    assert [reason.code for reason in found] == expected
