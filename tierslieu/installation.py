"""Opening an installation from outside a request: with its tables, or with a plain refusal."""

from __future__ import annotations

from typing import Any

import structlog

from tierslieu import migrate
from tierslieu.config import Config
from tierslieu.kernel import guards
from tierslieu.kernel.site import Site
from tierslieu.migrate import MigrationError

log = structlog.get_logger("tierslieu.installation")


def open_site(config: Config) -> Site:
    """The site of these settings, whatever the state of its database."""
    from tierslieu.app import create_site

    # People's data: nobody else on this machine needs to look in.
    config.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    return create_site(config)


def plugins_to_migrate(site: Site) -> list[Any]:
    """The plugins whose tables are kept up to date, in the order in which they need each other."""
    return list(site.plugins.migration_streams(site)) if site.plugins is not None else []


def upgrade(site: Site) -> list[str]:
    """Bring all tables up to date; what was applied is returned.

    A plugin that fails is broken and said so by ``site.plugins``. Raises MigrationError (or what a
    step raised) when the core cannot be brought up to date.
    """
    if site.plugins is None:
        return migrate.upgrade(site.db)
    # The core first and alone: which plugins are on is asked of its tables.
    return migrate.upgrade(site.db) + list(site.plugins.upgrade(site))


def refuse_unless_ready(site: Site) -> None:
    """Raise MigrationError when the tables are not as this program needs them."""
    if migrate.is_newer(site.db):
        raise MigrationError("the database was migrated by a newer program than this one")
    waiting = migrate.pending(site.db)
    if waiting:
        raise MigrationError(f"steps wait to be applied ({', '.join(waiting)}): tierslieu upgrade")
    migrate.import_models()
    with site.db.reader.connect() as connection:
        gone = guards.missing(connection)
    if gone:
        raise MigrationError(f"the database lost its guards ({', '.join(gone)}): tierslieu upgrade")
