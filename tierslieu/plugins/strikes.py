"""Faults of plugins: kept, counted, and after three in an hour without their contributions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import pluggy

from tierslieu.kernel.calls import Call
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.hooks import Fault, Hooks, asked_of, narrowed, says_something, unchecked
from tierslieu.plugins.specs import JUDGES
from tierslieu.plugins.suspension import STRIKES, note, strikes, suspend
from tierslieu.plugins.switches import Switch

if TYPE_CHECKING:
    from tierslieu.kernel.site import Site

P = ParamSpec("P")
T = TypeVar("T")

#: The core's own parts are not switched off by their faults.
CORE = "core"
#: A suspended plugin's judges go on being asked; their faults are written so often at most, in
#: seconds, for each hook and process.
REPEATED = 60.0


def is_judge(spec: Callable[..., Any]) -> bool:
    """Whether a hook is asked for objections."""
    return spec.__name__.endswith(JUDGES)


class WatchedHooks(Hooks):
    """Hooks that leave out who is suspended, and remember faults until they can be written.

    Of a suspended plugin only the judges are asked: one that is silent would let pass what it is
    there to refuse. One that hung objects without being asked, since it would hang again, and so
    does one whose plugin broke. They rest when a network admin said to go on without the plugin.
    """

    def __init__(
        self,
        manager: pluggy.PluginManager,
        is_on: Callable[[str, int | None], bool],
        switch: Callable[[str], Switch],
        absent: Callable[[str], list[str]],
    ) -> None:
        super().__init__(manager, is_on)
        self._switch = switch
        self._absent = absent
        self.unwritten: list[Fault] = []
        self.write: Callable[[], None] = self.unwritten.clear
        self._written_at: dict[tuple[str, str], float] = {}

    def objections(
        self, spec: Callable[P, Iterable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> list[T | Reason]:
        found = super().objections(spec, *args, **kwargs)
        asked = asked_of(spec, args, kwargs)
        for impl, given in super()._implementations(spec, asked):
            if not self._rests(impl.plugin_name) and self._hung(impl.plugin_name, spec):
                found += unchecked(spec, impl.plugin_name, asked, given)
        for name in self._absent(spec.__name__):
            given = narrowed(asked, self._switch(name).places.has)
            if says_something(asked, given):
                found += unchecked(spec, name, asked, given)
        return found

    def _implementations(
        self, spec: Callable[..., Any], asked: dict[str, Any]
    ) -> Iterator[tuple[Any, dict[str, Any]]]:
        for impl, given in super()._implementations(spec, asked):
            name = impl.plugin_name
            if not self._is_suspended(name) or (
                is_judge(spec) and not self._rests(name) and not self._hung(name, spec)
            ):
                yield impl, given

    def _is_suspended(self, name: str) -> bool:
        return not name.startswith(CORE) and self._switch(name).is_suspended

    def _rests(self, name: str) -> bool:
        return self._is_suspended(name) and self._switch(name).rests

    def _hung(self, name: str, spec: Callable[..., Any]) -> bool:
        return self._is_suspended(name) and spec.__name__ in self._switch(name).hung

    @contextmanager
    def contained(self, plugin: str, hook: str, work: Any = None) -> Iterator[Call]:
        before = len(self.unwritten)
        with super().contained(plugin, hook, work) as call:
            yield call
        if len(self.unwritten) > before and work is not None and work.is_writing:
            work.after_commit(self.write)

    def _record(self, fault: Fault) -> None:
        super()._record(fault)
        key, now = (fault.plugin, fault.hook), time.monotonic()
        if (
            self._is_suspended(fault.plugin)
            and now - self._written_at.get(key, -REPEATED) < REPEATED
        ):
            return
        self._written_at[key] = now
        self.unwritten.append(fault)


def write_faults(site: Site, hooks: WatchedHooks) -> None:
    """Write the faults that this process remembers, and suspend who has three in an hour."""
    faults, hooks.unwritten[:] = list(hooks.unwritten), []
    if not faults:
        return
    with site.writing() as work:
        note(work.session, faults, work.now)
        newest = {f.plugin: f.detail for f in faults if not f.plugin.startswith(CORE)}
        for name, detail in sorted(newest.items()):
            many = strikes(work.session, name, work.now) >= STRIKES
            if many and suspend(work.session, name, work.now, detail):
                work.audit("plugins.suspended", f"plugin:{name}")
