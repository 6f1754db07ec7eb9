"""import, export: bookings into a file and out of one."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import click

from tierslieu.commands.opening import opened

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("import")
def import_() -> None:
    """Read from a file."""


@import_.command("bookings")
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--skip", is_flag=True, help="Book the other rows where some have faults.")
@click.pass_context
def import_bookings(ctx: click.Context, file: Path, dry_run: bool, skip: bool) -> None:
    """Book every row of FILE (CSV: venue, room, starts_at, ends_at, title; email, attendance,
    purpose, visibility). A time without offset is the venue's wall time."""
    from tierslieu.exchange import read_csv

    if not file.exists():
        raise click.ClickException(f"{file}: there is no such file")
    with opened(ctx) as site, file.open(encoding="utf-8-sig", newline="") as rows:
        taken, faults = read_csv(site, rows, dry_run=dry_run, skip=skip)
    for fault in faults:
        click.echo(str(fault), err=True)
    written = not dry_run and (skip or not faults)
    click.echo(f"{taken} bookings {'made' if written else 'could be made, nothing was written'}")
    ctx.exit(1 if faults else 0)


@click.group("export")
def export() -> None:
    """Write into a file."""


@export.command("bookings")
@click.argument("file", type=FILE)
@click.option("--venue", help="The venue's short name; else all.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day; else a year ago.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Day after the last.")
@click.pass_context
def export_bookings(
    ctx: click.Context,
    file: Path,
    venue: str | None,
    since: datetime | None,
    until: datetime | None,
) -> None:
    """Write bookings into FILE: .csv or .ics."""
    from datetime import UTC

    from tierslieu import exchange
    from tierslieu.kernel import clock
    from tierslieu.kernel.span import Span

    if file.suffix not in {".csv", ".ics"}:
        raise click.UsageError("the file's name must end in .csv or .ics")
    year = timedelta(days=366)
    span = Span(
        since.replace(tzinfo=UTC) if since else clock.now() - year,
        until.replace(tzinfo=UTC) if until else clock.now() + year,
    )
    with (
        opened(ctx) as site,
        site.reading() as work,
        file.open("w", encoding="utf-8", newline="") as out,
    ):
        views = exchange.bookings(work.session, span, venue)
        if file.suffix == ".ics":
            count = exchange.write_ics(views, out)
        else:
            count = exchange.write_csv(work.session, views, out)
    click.echo(f"{file}: {count} bookings")
