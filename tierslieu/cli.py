"""The ``tierslieu`` command. Subcommands are imported only when they are called."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from tierslieu import __version__

#: name → (where it is, one line of help)
COMMANDS = {
    "run": ("running:run", "Serve the site: web and worker in one process."),
    "demo": ("running:demo", "Serve an invented network, to try everything."),
    "worker": ("running:worker", "Do jobs only; the web runs elsewhere."),
    "init": ("upkeep:init", "Make the instance folder, its settings and tables."),
    "upgrade": ("upkeep:upgrade", "Bring the tables up to date: the core, then plugins."),
    "revision": ("upkeep:revision", "Write a migration from what the models say."),
    "backup": ("upkeep:backup", "Write everything into one archive, while people work."),
    "restore": ("upkeep:restore", "Put an archive in the place of this database."),
    "doctor": ("upkeep:doctor", "Say what is wrong or missing, a line each."),
    "user": ("people:user", "Accounts of people."),
    "token": ("people:token", "Tokens of the REST API."),
    "plugin": ("plugins:plugin", "See plugins, switch them on and off."),
    "import": ("exchange:import_", "Book what a file says, after a dry run."),
    "export": ("exchange:export", "Write bookings into a file."),
    "docs": ("docs:docs", "Print what the documents say about the code, or write it there."),
}


class Catalogue(click.Group):
    """The list above, and what the plugins add."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *sorted(name for name in self.commands if name not in COMMANDS)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            where, _, attribute = COMMANDS[cmd_name][0].partition(":")
            found: click.Command = getattr(import_module(f"tierslieu.commands.{where}"), attribute)
            return found
        return _from_plugins(ctx).get(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def _from_plugins(ctx: click.Context) -> dict[str, click.Command]:
    """Commands that plugins bring; asked only for a name that is not the core's."""
    from tierslieu import config
    from tierslieu.installation import open_site

    site = open_site(config.load(instance=(ctx.obj or {}).get("instance")))
    return {command.name: command for command in site.plugins.commands() if command.name}


@click.group(cls=Catalogue, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(version)s")
@click.option(
    "--instance",
    type=click.Path(path_type=Path),
    help="The folder of the installation; TIERSLIEU_INSTANCE, else ./instance.",
)
@click.pass_context
def cli(ctx: click.Context, instance: Path | None) -> None:
    """Rooms, bookings and memberships for a city's social places."""
    ctx.obj = {"instance": instance}


def main(arguments: list[str] | None = None) -> Any:
    """Entry point: what a person can mend is one line and exit status 1, never a traceback."""
    from tierslieu.kernel.errors import TierslieuError

    try:
        return cli.main(arguments, prog_name="tierslieu")
    except TierslieuError as error:
        click.echo(f"tierslieu: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
