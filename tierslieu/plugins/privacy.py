"""What a plugin keeps about a person while it cannot be asked itself.

A plugin that is off, suspended, broken or no longer installed is not called by the hooks of
privacy, but its rows are still there. Its manifest is kept as data: which columns point to a
person, and what is to become of their rows when she is erased.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from tierslieu.contributions import PersonDataPart
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.plugins.models import PluginRegistry

#: Columns that open something; nobody takes them along in a file.
SECRET = re.compile(r"token|secret|hash|password")


def parts_of(work: Work, person_id: int) -> Iterator[PersonDataPart]:
    """The rows about a person of every plugin that cannot be asked, a part for each table."""
    for manifest in _unasked(work):
        there = _tables(work)
        for column in manifest.get("person_columns", {}):
            table, _, name = column.partition(".")
            if table not in there:
                continue
            names = [each for each in manifest["tables"][table] if not SECRET.search(each)]
            rows_of = sa.table(table, *(sa.column(each) for each in {*names, name}))
            question = sa.select(rows_of).where(rows_of.c[name] == person_id)
            found = work.session.execute(question).mappings()
            rows = tuple({key: _plain(row[key]) for key in names} for row in found)
            title = msg("%(plugin)s: %(table)s", plugin=manifest["title"], table=table)
            yield PersonDataPart(title, rows, order=900)


def forget(work: Work, person_id: int) -> None:
    """Do with the rows about a person what the manifests of the unasked plugins say.

    ``delete`` takes the row away, ``forget`` empties the column, what is kept by law stays.
    """
    for manifest in _unasked(work):
        there = _tables(work)
        for column, duty in manifest.get("person_columns", {}).items():
            table, _, name = column.partition(".")
            if table not in there or duty.startswith("keep"):
                continue
            rows, about = sa.table(table, sa.column(name)), sa.column(name) == person_id
            if duty == "forget":
                work.session.execute(sa.update(rows).where(about).values({name: None}))
            else:
                work.session.execute(sa.delete(rows).where(about))


def _unasked(work: Work) -> Iterator[dict[str, Any]]:
    plugins = work.site.plugins
    rows = work.session.scalars(sa.select(PluginRegistry).order_by(PluginRegistry.name))
    installed = {item.name for item in plugins.all}
    for row in rows:
        asked = row.name in installed and plugins.is_on(row.name)
        if not asked or plugins.is_suspended(row.name):
            yield row.manifest


def _tables(work: Work) -> set[str]:
    return set(sa.inspect(work.session.connection()).get_table_names())


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
