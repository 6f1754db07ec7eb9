"""``tierslieu ical rebuild``: make every fragment again, after a restore by hand."""

from __future__ import annotations

import click

import tierslieu.toolkit as tl
from tierslieu_ical import services
from tierslieu_ical.intake.imports.commands import bring


@click.group()
def ical() -> None:
    """Calendars that people subscribe to."""


ical.add_command(bring)


@ical.command()
@click.pass_obj
def rebuild(site: tl.Site) -> None:
    """Bring the calendar text of every booking up to date."""
    with site.writing() as work:
        work.later(services.REBUILD, key=services.REBUILD)
    click.echo("Queued: it runs with the next worker.")
