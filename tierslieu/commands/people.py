"""user, token: the first administrator, and programmes that use the API."""

from __future__ import annotations

import sys
from typing import Any

import click

from tierslieu.commands.opening import opened

#: A role as people say it, and as the rows call it.
ROLES = {
    "member": "",
    "admin": "network_admin",
    "manager": "venue_manager",
    "desk": "venue_desk",
}
AT_A_VENUE = {"venue_manager", "venue_desk"}


@click.group()
def user() -> None:
    """Accounts of people."""


@user.command("create")
@click.argument("email")
@click.option("--name", help="Her name; else the part of the address before @.")
@click.option(
    "--role", type=click.Choice([*ROLES, *filter(None, ROLES.values())]), default="member"
)
@click.option("--venue", help="The venue's short name, for desk and manager.")
@click.option("--password", help="Else it is asked for, or a link to choose one is mailed.")
@click.pass_context
def create_user(
    ctx: click.Context,
    email: str,
    name: str | None,
    role: str,
    venue: str | None,
    password: str | None,
) -> None:
    """Make a confirmed account for EMAIL."""
    from tierslieu.people.accounts.services import create_account

    named = ROLES.get(role, role)
    if (named in AT_A_VENUE) != (venue is not None):
        raise click.UsageError("--venue belongs to the roles desk and manager, and only to them")
    if password is None and sys.stdin.isatty():
        password = click.prompt(
            "Password (empty: a link is mailed)", hide_input=True, default="", show_default=False
        )
    with opened(ctx) as site, site.writing() as work:
        roles = [_role(work, named, venue)] if named else []
        create_account(work, email, name or email.split("@")[0], password or None, roles)
    click.echo(f"{email}: {role}" + (f" of {venue}" if venue else ""))


def _role(work: Any, role: str, venue: str | None) -> Any:
    """A role as the people's services take it. Raises click.ClickException: no such venue."""
    import sqlalchemy as sa

    from tierslieu.people.roles.services import Role
    from tierslieu.venues.models import Venue

    if venue is None:
        return Role(role)
    found = work.session.scalar(sa.select(Venue.id).where(Venue.slug == venue))
    if found is None:
        raise click.ClickException(f"there is no venue “{venue}”")
    return Role(role, venue=found)


@click.group()
def token() -> None:
    """Tokens of the REST API."""


@token.command("create")
@click.argument("email")
@click.option("--name", default="command line", show_default=True)
@click.option("--scope", "scopes", multiple=True, help="bookings:read, bookings:write, …")
@click.option("--days", type=click.IntRange(1), default=365, show_default=True)
@click.pass_context
def create_token(
    ctx: click.Context, email: str, name: str, scopes: tuple[str, ...], days: int
) -> None:
    """Make a token for the account of EMAIL; it is printed once and never shown again."""
    from tierslieu.people import queries
    from tierslieu.people.tokens.services import create_token as make

    with opened(ctx) as site, site.writing() as work:
        account = queries.account_by_email(work.session, email.strip().casefold())
        if account is None:
            raise click.ClickException(f"there is no account “{email}”")
        _, secret = make(work, name, scopes or SCOPES, days=days, account_id=account.id)
    click.echo(secret)


#: What a token may do when nothing is said: what its owner may do with rooms and bookings.
SCOPES = ("venues:read", "rooms:read", "bookings:read", "bookings:write")
