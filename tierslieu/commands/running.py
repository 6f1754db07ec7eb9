"""run, demo, worker: what serves."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from tierslieu.commands.opening import config_of, opened

if TYPE_CHECKING:
    from tierslieu.config import Config

PORT = click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
HOST = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
DEV = click.option("--dev", is_flag=True, help="Start again when a file changes, for authors.")
HERE = click.option("--here", is_flag=True, hidden=True, help="Without a supervisor.")

ACCOUNTS = (
    ("admin@demo.example", "administers the network"),
    ("manager@demo.example", "manages the venue gattaglio"),
    ("member@demo.example", "is a member at gattaglio"),
    ("member2@demo.example", "is a member at orologio"),
)


@click.command()
@HOST
@PORT
@HERE
@DEV
@click.pass_context
def run(ctx: click.Context, host: str, port: int, here: bool, dev: bool) -> None:
    """Migrate, then serve the site: web and worker in one process."""
    _run(ctx, config_of(ctx), "run", host, port, here=here, dev=dev)


def _run(
    ctx: click.Context, config: Config, verb: str, host: str, port: int, *, here: bool, dev: bool
) -> None:
    from tierslieu.migrate import MigrationError
    from tierslieu.serve import serve, supervise

    if not here:
        where = ["--instance", str(ctx.obj["instance"])] if ctx.obj["instance"] else []
        arguments = [*where, verb, "--host", host, "--port", str(port), "--here"]
        arguments += ["--dev"] if dev else []
        ctx.exit(supervise(arguments, config.instance))
    try:
        ctx.exit(serve(config, host, port, click.echo, dev=dev))
    except MigrationError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from error


@click.command()
@HOST
@PORT
@HERE
@DEV
@click.option("--fresh", is_flag=True, help="Throw the demo's data away and make it again.")
@click.option(
    "--plugin", "plugins", multiple=True, help="Switch this one on, too; when it is made."
)
@click.pass_context
def demo(
    ctx: click.Context,
    host: str,
    port: int,
    here: bool,
    dev: bool,
    fresh: bool,
    plugins: tuple[str, ...],
) -> None:
    """Serve an invented network with people and a year of bookings either side of today."""
    config = demo_config(ctx)
    if not here:
        load_demo(config, fresh=fresh, plugins=plugins)
        click.echo("Accounts, all with the password “demo”:")
        for address, what in ACCOUNTS:
            click.echo(f"  {address:<24}{what}")
    _run(ctx, config, "demo", host, port, here=here, dev=dev)


def demo_config(ctx: click.Context) -> Config:
    """The demo's own settings: a folder inside the instance, its own database, no mail sent."""
    from tierslieu import config

    folder = config_of(ctx).instance / "demo"
    return replace(
        config.load(instance=folder),
        database_url="",
        jobs_url="",
        redis_url="",
        mail_url="",
        uploads_folder="",
        demo=True,
    )


def load_demo(config: Config, *, fresh: bool, plugins: Iterable[str] = ()) -> None:
    """Make the demo's database unless it is there; one that was interrupted is begun again."""
    import shutil

    finished = config.instance / "loaded"
    if finished.exists() and not fresh:
        return
    if config.instance.exists():
        shutil.rmtree(config.instance)
    config.instance.mkdir(parents=True)
    from tierslieu.installation import open_site, upgrade

    site = open_site(config)
    try:
        upgrade(site)
        for name in plugins:
            site.plugins.find(name)
        _load_with_bar(site, plugins)
    finally:
        site.db.dispose()
    finished.touch()


def _load_with_bar(site: Any, plugins: Iterable[str]) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from tierslieu.demo.loader import load

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, transient=True) as shown:
        task = shown.add_task("The demo network is made", total=None)

        def progress(done: int, total: int, what: str = "") -> None:
            shown.update(task, completed=done, total=total, description=what or None)

        load(site, progress, plugins=plugins)


@click.command()
@click.option("--threads", type=click.IntRange(1, 64), help="How many jobs at once.")
@click.pass_context
def worker(ctx: click.Context, threads: int | None) -> None:
    """Do jobs until SIGTERM; any number of workers may run."""
    from tierslieu.worker import Worker

    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with opened(ctx) as site:
        site.plugins.guard(site)
        working = Worker(site, threads)
        working.start()
        click.echo(f"Working with {working.threads} threads (Ctrl-C ends it)")
        while not stopping.wait(1):
            pass
        working.stop()
