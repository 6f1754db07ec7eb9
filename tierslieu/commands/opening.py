"""What commands share: the installation they work on, and how they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tierslieu.config import Config
    from tierslieu.kernel.site import Site


def config_of(ctx: click.Context) -> Config:
    """The settings of the installation named on the command line or by the environment.

    Raises click.ClickException when one of them is wrong.
    """
    from tierslieu import config

    try:
        return config.load(instance=(ctx.obj or {}).get("instance"))
    except ValueError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def opened(ctx: click.Context, *, ready: bool = True) -> Iterator[Site]:
    """The site, closed at the end; ``ready``: refuse unless its tables are up to date.

    Raises click.ClickException, one line, when they are not.
    """
    from tierslieu.installation import open_site, refuse_unless_ready
    from tierslieu.migrate import MigrationError

    site = open_site(config_of(ctx))
    try:
        if ready:
            refuse_unless_ready(site)
        yield site
    except MigrationError as error:
        raise click.ClickException(str(error)) from error
    finally:
        site.db.dispose()
