"""What a plugin says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from tierslieu.hookspecs import HOOK_API
from tierslieu.kernel.messages import Message
from tierslieu.permission import Permission
from tierslieu.setting import Setting

Parts = Callable[[], Iterable[Any]] | Sequence[Any]


@dataclass(frozen=True)
class Plugin:
    """The manifest: ``plugin = Plugin(…)`` in a plugin's ``plugin.py``.

    ``name`` is short and lower-case: its tables are called ``<name>_…``, its templates stand in
    ``templates/<name>/``, its blueprints are called ``<name>`` or ``<name>_…``.
    ``blueprints``, ``jobs`` and ``commands`` are lists, or functions that import and give them.
    ``person_columns``: each column that points to a person, ``"table.column"``, to what happens
    to its rows when she is erased: ``delete``, ``forget`` (the column becomes empty) or
    ``keep: why and until when``.
    ``on_enable``: names of jobs to queue each time it is switched on; one that takes ``venue``
    is told the venue's row id when it is switched on at one venue, since nothing of that venue
    was told to it while it was off there.
    ``settings``: what people may set, read by ``tl.setting``.
    ``permissions``: what people may do, asked by ``work.require`` and named above views.
    ``journal``: what it writes down by ``work.audit``, in the words of the pages that show it: each
    verb (``"kiln.fired"``: "fired the kiln") and, for the filter, its area (``"kiln"``: "Kiln").
    ``hookspecs``: the module with hooks of its own, called ``<name>_…``, which it calls by
    ``work.hooks`` and which plugins that require it may implement.
    """

    name: str
    title: Message | str
    sentence: Message | str
    hook_api: int = HOOK_API
    requires: tuple[str, ...] = ()
    blueprints: Parts = ()
    jobs: Parts = ()
    commands: Parts = ()
    person_columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    on_enable: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    permissions: tuple[Permission, ...] = ()
    journal: Mapping[str, Message] = field(default_factory=dict, hash=False)
    hookspecs: ModuleType | None = None


def parts(given: Parts) -> list[Any]:
    """The list itself, whichever way it was given."""
    return list(given() if callable(given) else given)
