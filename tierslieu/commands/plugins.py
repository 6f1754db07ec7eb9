"""plugin: what is installed, on, off, broken; where; how it is set; and a new one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tierslieu.commands.opening import config_of, opened

if TYPE_CHECKING:
    from tierslieu.kernel.actor import Actor
    from tierslieu.kernel.site import Site
    from tierslieu.plugins.settings.rules import Place

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def plugin() -> None:
    """See plugins, switch them on and off."""


@plugin.command("list")
@click.pass_context
def list_plugins(ctx: click.Context) -> None:
    """Every plugin that was found, with its state."""
    with opened(ctx) as site:
        for item in site.plugins.all:
            fault = site.plugins.fault(item)
            state = "broken" if fault else "on" if site.plugins.is_on(item.name) else "off"
            if state == "on" and site.plugins.is_suspended(item.name):
                state = "stopped"
            where = "" if site.plugins.places(item.name).is_everywhere else " (not at every venue)"
            line = f"{item.name:<20}{state:<8}{item.version:<12}{fault or item.sentence}{where}"
            click.echo(line.rstrip())
        for name in _gone(site):
            click.echo(
                f"{name:<20}{'gone':<8}{'':<12}Not installed any more; what it kept is here."
            )


@plugin.command("purge")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Without asking.")
@click.pass_context
def purge(ctx: click.Context, name: str, yes: bool) -> None:
    """Write all that NAME keeps into an archive, then remove it from the database."""
    from tierslieu.plugins.purging import purge as remove

    with opened(ctx) as site:
        if not yes:
            click.confirm(f"All that “{name}” keeps will be removed. Go on?", abort=True)
        done = remove(site, name)
    click.echo(f"exported to {done.archive}")
    click.echo(f"{name}: removed {len(done.tables)} tables with {done.rows} rows")
    if done.held:
        click.echo(f"{done.held} of its claims still hold something; a manager can give it back.")


def _gone(site: Site) -> list[str]:
    """Plugins that are not installed any more and whose rows are still here."""
    import sqlalchemy as sa

    from tierslieu.plugins.models import PluginRegistry

    known = {item.name for item in site.plugins.all}
    with site.reading() as work:
        names = work.session.scalars(sa.select(PluginRegistry.name)).all()
    return sorted(set(names) - known - set(site.config.plugins_blocked))


@plugin.command("enable")
@click.argument("name")
@click.option("--venue", help="At one venue only, by its slug.")
@click.pass_context
def enable(ctx: click.Context, name: str, venue: str | None) -> None:
    """Bring the tables of NAME up to date and switch it on; no restart is needed."""
    with opened(ctx) as site:
        if venue is None:
            site.plugins.enable(site, name)
        else:
            _switch_at(site, venue, name, True)
    click.echo(f"{name}: on{_at(venue)}")


@plugin.command("disable")
@click.argument("name")
@click.option("--venue", help="At one venue only, by its slug.")
@click.option("--others", is_flag=True, help="Also switch off what needs it, without asking.")
@click.pass_context
def disable(ctx: click.Context, name: str, venue: str | None, others: bool) -> None:
    """Switch NAME off; its data stays."""
    from tierslieu.plugins.venues.services import users_at

    with opened(ctx) as site:
        plugins = site.plugins
        place = _place(site, venue, None)
        at = place.venue_id
        users = plugins.users(name) if at is None else users_at(plugins, name, at)
        if users and not others:
            click.confirm(f"{', '.join(users)} would go off too. Go on?", abort=True)
        if venue is None:
            plugins.disable(site, name, others=True)
        else:
            _switch_at(site, venue, name, False)
    for each in (name, *users):
        click.echo(f"{each}: off{_at(venue)}")


@plugin.command("set")
@click.argument("name")
@click.argument("key")
@click.argument("value", required=False)
@click.option("--venue", help="For one venue, by its slug.")
@click.option("--room", help="For one room, by its id or VENUE.ROOM.")
@click.option("--unset", is_flag=True, help="Say nothing here any more.")
@click.pass_context
def set_(
    ctx: click.Context,
    name: str,
    key: str,
    value: str | None,
    venue: str | None,
    room: str | None,
    unset: bool,
) -> None:
    """Set KEY of NAME to VALUE; a secret is asked for when VALUE is left out."""
    from tierslieu.plugins.settings.queries import setting_named
    from tierslieu.plugins.settings.services import say

    with opened(ctx) as site:
        if value is None and not unset:
            hidden = setting_named(site.plugins, name, key).secret
            value = click.prompt(key, hide_input=hidden)
        place = _place(site, venue, room)
        with site.writing() as work:
            say(work, site.plugins, name, place, {key: None if unset else value})
    click.echo(f"{name}: {key} {'is not set here' if unset else 'is set'}")


@plugin.command("settings")
@click.argument("name")
@click.option("--venue", help="For one venue, by its slug.")
@click.option("--room", help="For one room, by its id or VENUE.ROOM.")
@click.pass_context
def settings(ctx: click.Context, name: str, venue: str | None, room: str | None) -> None:
    """The settings of NAME, their values in force and whose word each is."""
    from tierslieu.plugins.settings.queries import shown
    from tierslieu.plugins.settings.rules import written

    with opened(ctx) as site:
        for each in shown(site.plugins, name, _place(site, venue, room)):
            found = each.found
            secret = each.setting.secret and (each.is_said or found.value is not None)
            value = "•••" if secret else written(each.setting, found.value)
            click.echo(f"{each.setting.name:<24}{value or '-':<24}{found.source:<10}".rstrip())


def _at(venue: str | None) -> str:
    return f" at {venue}" if venue else ""


def _place(site: Site, venue: str | None, room: str | None) -> Place:
    """The place that options name; click.ClickException where there is none such."""
    from tierslieu.kernel.errors import NotFound
    from tierslieu.plugins.settings.rules import Place
    from tierslieu.venues.places.queries import venue_by_slug
    from tierslieu.venues.rooms.queries import room_by_public_id

    with site.reading() as work:
        try:
            if room is not None:
                row = room_by_public_id(work.session, room, hidden=True)
                return Place(row.venue_id, row.id)
            if venue is not None:
                return Place(venue_by_slug(work.session, venue, hidden=True).id)
        except NotFound as error:
            what = f"room “{room}”" if room is not None else f"venue “{venue}”"
            raise click.ClickException(f"there is no {what}") from error
    return Place()


def _switch_at(site: Site, venue: str, name: str, on: bool) -> None:
    from tierslieu.plugins.venues.services import switch

    venue_id = _place(site, venue, None).venue_id
    with site.writing() as work:
        switch(work, site.plugins, venue_id or 0, {name: on}, others=True)


@plugin.command("continue-without")
@click.argument("name")
@click.pass_context
def continue_without(ctx: click.Context, name: str) -> None:
    """Let the rules of NAME rest, which is suspended: what it refused is allowed again."""
    from tierslieu.plugins.suspension import go_on_without

    with opened(ctx) as site:
        site.plugins.find(name)
        with site.writing() as work:
            go_on_without(work, name)
    click.echo(f"{name}: its rules rest until it is enabled again")


@plugin.command("trace")
@click.argument("address")
@click.option("--as", "email", help="The address of the account that asks; without it, nobody.")
@click.option("--only", default="", help="Only the calls of this plugin.")
@click.option("--post", "body", help="JSON to send by POST. What it writes is really written.")
@click.option("--json", "as_data", is_flag=True, help="For programs.")
@click.pass_context
def trace_request(
    ctx: click.Context, address: str, email: str | None, only: str, body: str | None, as_data: bool
) -> None:
    """Ask this site for ADDRESS, such as /venues, and say which hooks were called meanwhile."""
    from tierslieu.app import create_app
    from tierslieu.plugins.tracing import as_json, lines, trace

    with opened(ctx) as site:
        if only:
            site.plugins.find(only)
        actor = _actor(site, email) if email else None
        sent = _json(body) if body is not None else None
        traced = trace(create_app(site=site), address, actor, sent)
        click.echo(as_json(traced, only) if as_data else "\n".join(lines(traced, only)))


def _actor(site: Site, email: str) -> Actor:
    from tierslieu.memberships.queries import with_cards
    from tierslieu.people.queries import actor_for_email

    with site.reading() as work:
        found = actor_for_email(work.session, email, work.now)
        if found is None:
            raise click.ClickException(f"no confirmed account has the address {email}")
        endowed: Actor = site.plugins.endowed(with_cards(work.session, found, work.now))
        return endowed


def _json(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--post") from error


@plugin.command("new")
@click.argument("name")
@click.option("--title", help="What people read; else the name.")
@click.option("--table/--no-table", default=None, help="It keeps something.  [default: table]")
@click.option("--page/--no-page", default=None, help="It has a page.  [default: page]")
@click.option("--job/--no-job", default=None, help="It does something each day.  [default: no-job]")
@click.option("--api/--no-api", default=None, help="Programmes may use it.  [default: no-api]")
@click.option("--in", "parent", type=FOLDER, default=".", help="Where its folder is made.")
@click.option("--yes", is_flag=True, help="Without asking.")
@click.pass_context
def new(
    ctx: click.Context,
    name: str,
    title: str | None,
    table: bool | None,
    page: bool | None,
    job: bool | None,
    api: bool | None,
    parent: Path,
    yes: bool,
) -> None:
    """Write a plugin called NAME, whose tests pass at once, into a folder of that name."""
    from tierslieu.plugins.writing.queries import is_importable, taken_names
    from tierslieu.plugins.writing.rules import Wanted, name_fault, title_of, wanted_fault
    from tierslieu.plugins.writing.services import write

    _refuse(name_fault(name, taken_names(config_of(ctx))))
    folder = parent.resolve() / name
    if folder.exists():
        _refuse(f"{folder} is there already")
    if is_importable(name):
        _refuse(f"Python has a package called “{name}” already")
    asks = not yes and sys.stdin.isatty()
    if title is None:
        title = click.prompt("Title", default=title_of(name)) if asks else title_of(name)
    table = _answer(table, "Does it keep something, in a table?", True, asks)
    page = _answer(page, "Does it have a page?", True, asks)
    job = _answer(job, "Does it do something each day?", False, asks and table)
    api = _answer(api, "Do programmes use it, by the API?", False, asks and table)
    wanted = Wanted(name, title.strip(), table, page, job, api)
    _refuse(wanted_fault(wanted))
    try:
        written = write(wanted, folder)
    except OSError as error:
        raise click.ClickException(str(error)) from error
    for path in written:
        click.echo(path.relative_to(folder.parent).as_posix())
    click.echo(f"Its tests: cd {folder} && python -m pytest")
    click.echo(f"To use it: pip install -e {folder}, or name that folder in plugins_folders")


def _answer(given: bool | None, question: str, default: bool, asks: bool) -> bool:
    if given is not None:
        return given
    return click.confirm(question, default=default) if asks else default


def _refuse(fault: str) -> None:
    if fault:
        raise click.ClickException(fault)
