"""``tierslieu kiln list``."""

from __future__ import annotations

import click

import tierslieu.toolkit as tl
from kiln import queries


@click.group()
def kiln() -> None:
    """Kilns of the venues."""


@kiln.command("list")
@click.pass_obj
def list_kilns(site: tl.Site) -> None:
    """Every kiln, and where it is."""
    with site.reading() as work:
        for each, venue in queries.kilns(work.session):
            click.echo(f"{venue.slug}  {each.name}  {each.hottest}")
