"""init, upgrade, revision, backup, restore, doctor: what keeps an installation well."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import click

from tierslieu.commands.opening import config_of, opened

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.pass_context
def init(ctx: click.Context) -> None:
    """Make the instance folder with its settings, and the tables."""
    config = config_of(ctx)
    config.instance.mkdir(parents=True, exist_ok=True)
    config.uploads.mkdir(parents=True, exist_ok=True)
    example, file = _example(), config.instance / "config.toml"
    if not file.exists() and example.exists():
        shutil.copyfile(example, file)
        click.echo(f"Settings: {file}")
    # Made now, so that two servers that start at once find the same one.
    assert config.key  # noqa: S101
    ctx.invoke(upgrade)


def _example() -> Path:
    package = Path(__file__).resolve().parents[1]
    beside = package.parent / "instance" / "config.example.toml"
    return beside if beside.exists() else package / "config.example.toml"


@click.command()
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Apply the steps that wait: the core's, then the plugins'. Safe on two servers at once."""
    from tierslieu import installation

    with opened(ctx, ready=False) as site:
        applied = installation.upgrade(site)
        for step in applied:
            click.echo(f"applied {step}")
        if not applied:
            click.echo("Everything is up to date.")
        for name, why in site.plugins.broken.items():
            click.echo(f"The plugin “{name}” cannot be used: {why}", err=True)


@click.command()
@click.argument("message")
@click.option("--plugin", "name", help="The plugin whose stream it is; else the core's.")
@click.option("--empty", is_flag=True, help="A step to be filled in by hand.")
@click.pass_context
def revision(ctx: click.Context, message: str, name: str | None, empty: bool) -> None:
    """Write the next migration, MESSAGE in a few words, from what the models say."""
    from tierslieu import migrate

    with opened(ctx, ready=False) as site:
        plugin: Any = None if name is None else site.plugins.find(name)
        if plugin is not None and plugin.migrations is None:
            raise click.ClickException(f"the plugin “{name}” has no tables")
        click.echo(migrate.revision(message, plugin, empty=empty))


@click.command()
@click.argument("file", type=FILE)
@click.pass_context
def backup(ctx: click.Context, file: Path) -> None:
    """Write database, uploads, settings and secret key into FILE (.zip). Keep it safe."""
    from tierslieu.backup import write_archive

    with opened(ctx) as site:
        rows = write_archive(site, file)
    click.echo(f"{file}: {rows} rows, {file.stat().st_size / 1e6:.1f} MB")
    click.echo("It holds people's data and the secret key: keep it where nobody else reads it.")


@click.command()
@click.argument("file", type=FILE)
@click.option("--check", is_flag=True, help="Only check the archive.")
@click.option("--yes", is_flag=True, help="Do not ask before what is there is replaced.")
@click.pass_context
def restore(ctx: click.Context, file: Path, check: bool, yes: bool) -> None:
    """Put what FILE holds in the place of this installation's data, once it is seen to be whole."""
    from tierslieu.backup import BadArchive, read_manifest, restore_archive

    try:
        manifest = read_manifest(file)
        click.echo(f"{file}: {manifest.rows} rows of {manifest.made_at}, whole")
        if check:
            return
        with opened(ctx, ready=False) as site:
            if not yes:
                where = site.db.url.render_as_string(hide_password=True)
                click.confirm(f"Replace everything in {where}?", abort=True)
            restore_archive(site, file)
    except BadArchive as error:
        raise click.ClickException(str(error)) from error
    click.echo("Restored. Start the site again.")


@click.command()
@click.option("--deploy", is_flag=True, help="Also what matters on the internet.")
@click.pass_context
def doctor(ctx: click.Context, deploy: bool) -> None:
    """Look for what is wrong or missing; one line each, exit status 1 on an error."""
    from tierslieu.doctor import examine

    worst = 0
    with opened(ctx, ready=False) as site:
        for finding in examine(site, deploy=deploy):
            worst = max(worst, finding.is_error)
            click.secho(f"{finding.level:<8}{finding.text}", fg=finding.colour)
    ctx.exit(int(worst))
