"""The switchboard as a form: a switch for each plugin at each venue, and what was pressed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tierslieu.kernel.messages import Message
from tierslieu.plugins.venues.queries import allowed, state_at
from tierslieu.plugins.venues.rules import plan

if TYPE_CHECKING:
    from tierslieu.plugins.platform import Plugins

#: The row of the venues where nobody has said anything; a slug has letters.
ELSEWHERE = "*"


@dataclass(frozen=True)
class Row:
    """One venue's switches, in the order of the columns."""

    key: str
    label: str | None
    cells: tuple[bool, ...]


@dataclass(frozen=True)
class Board:
    """``columns``: the plugins that are on in the network; ``ids``: row ids of venues by slug."""

    columns: tuple[tuple[str, Message], ...]
    rows: tuple[Row, ...]
    ids: Mapping[str, int]


def board(plugins: Plugins, venues: Sequence[tuple[int, str, str]]) -> Board:
    """The switchboard of some venues, each an id, a slug and a name."""
    columns = tuple((item.name, item.title) for item in allowed(plugins))
    names = [name for name, _ in columns]
    elsewhere = tuple(plugins.switches.get(name).at_venues == "on" for name in names)
    rows = [
        Row(slug, title, tuple(plugins.is_on(name, venue_id) for name in names))
        for venue_id, slug, title in venues
    ]
    ids = {slug: venue_id for venue_id, slug, _ in venues}
    return Board(columns, (Row(ELSEWHERE, None, elsewhere), *rows), ids)


def pressed(shown: Board, form: Mapping[str, str]) -> dict[str, dict[str, bool]]:
    """What was pressed, by row and plugin. The form says what it showed: ``was:<row>:<plugin>``.

    A switch that somebody else moved meanwhile and that was not pressed here stays as it is.
    """
    found: dict[str, dict[str, bool]] = {}
    for row in shown.rows:
        for name, _ in shown.columns:
            key = f"{row.key}:{name}"
            was, wanted = form.get(f"was:{key}") == "1", form.get(key) == "1"
            if f"was:{key}" in form and was is not wanted:
                found.setdefault(row.key, {})[name] = wanted
    return found


def falling(
    plugins: Plugins, shown: Board, presses: Mapping[str, Mapping[str, bool]]
) -> list[tuple[str, list[Message]]]:
    """The venues where something goes off that was not pressed, with what that is."""
    found = []
    for row in shown.rows:
        if row.key == ELSEWHERE or row.key not in presses:
            continue
        now = state_at(plugins, shown.ids[row.key])
        requires = {name: plugins.find(name).requires for name in now}
        falls = plan(now, presses[row.key], requires).falls
        if falls:
            titles = [plugins.find(name).title for name in falls]
            found.append((row.label or row.key, titles))
    return found
