"""Calling plugins: three verbs on typed spec functions, each implementation contained.

``gather`` (contribute) leaves a failing implementation out; ``objections`` (judge) lets it object;
``tell`` (react) undoes only its own writes. Pluggy registers; the loop is ours, because one raising
implementation in a pluggy call loses everyone's results.
"""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from itertools import islice
from typing import Any, ParamSpec, TypeVar, get_args, get_type_hints

import pluggy
import structlog

from tierslieu.kernel import clock
from tierslieu.kernel.calls import Call, Calls
from tierslieu.kernel.db import failure
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.messages import msg

P = ParamSpec("P")
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

hookspec = pluggy.HookspecMarker("tierslieu")
hookimpl = pluggy.HookimplMarker("tierslieu")

log = structlog.get_logger("tierslieu.hooks")

#: A hook call that computes longer than this is recorded as slow, in processor seconds.
SLOW = 0.25
#: One that takes longer than this by the clock waited for something, and is slow as well. It is
#: generous because on a busy machine everybody waits.
WAITED = 2.0
#: More than this many items in one answer are rubbish, such as a generator without an end.
MOST = 100_000


#: Arguments that hold things of many venues: a plugin is told of those where it is on.
NARROWED = frozenset({"candidates", "changes"})


@dataclass(frozen=True)
class Fault:
    """What went wrong in one call of one implementation: it *raised*, was *slow* or *hung*."""

    plugin: str
    hook: str
    kind: str
    detail: str
    at: datetime


@dataclass(frozen=True)
class Deprecation:
    """What goes away: a hook, or one of its arguments. It works for two minor versions more."""

    since: str
    instead: str
    argument: str = ""

    @property
    def gone_in(self) -> str:
        """The first version without it: 0.3 says so, 0.4 still has it, 0.5 has not."""
        major, minor = self.since.split(".")[:2]
        return f"{major}.{int(minor) + 2}"


def deprecated(since: str, instead: str, argument: str = "") -> Callable[[F], F]:
    """Mark a spec, or one of its arguments, as going away; ``instead`` says what to do."""

    def mark(spec: F) -> F:
        said = (Deprecation(since, instead, argument), *deprecations(spec))
        spec.tierslieu_deprecated = said  # type: ignore[attr-defined]
        return spec

    return mark


def deprecations(spec: Callable[..., Any]) -> tuple[Deprecation, ...]:
    """What of a spec goes away."""
    return getattr(spec, "tierslieu_deprecated", ())


class Hooks:
    """The hooks of one application.

    ``is_on(plugin, venue_id)`` is asked at each call, so that switching needs no restart.
    """

    def __init__(
        self, manager: pluggy.PluginManager, is_on: Callable[[str, int | None], bool]
    ) -> None:
        self.manager = manager
        self._is_on = is_on
        self.faults: deque[Fault] = deque(maxlen=500)
        self.calls = Calls()

    def gather(
        self, spec: Callable[P, Iterable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> list[T]:
        """Contributions of all that are on, sorted by their ``order`` where they have one.

        A failing implementation is left out and recorded.
        """
        return [item for _, item in self.gather_named(spec, *args, **kwargs)]

    def gather_named(
        self, spec: Callable[P, Iterable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> list[tuple[str, T]]:
        """As ``gather``, each contribution with the name of the plugin that gave it."""
        found: list[tuple[int, str, T]] = []
        asked = asked_of(spec, args, kwargs)
        for impl, given in self._implementations(spec, asked):
            call = self._ask(spec, impl, given, _items)
            if not call.error:
                found.extend((order, impl.plugin_name, item) for order, item in call.answer)
        return [(name, item) for _, name, item in sorted(found, key=lambda each: each[0])]

    def objections(
        self, spec: Callable[P, Iterable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> list[T | Reason]:
        """Objections of all that are on; one that fails objects: it fails closed."""
        found: list[T | Reason] = []
        asked = asked_of(spec, args, kwargs)
        for impl, given in self._implementations(spec, asked):
            call = self._ask(spec, impl, given, _items)
            if call.error:
                found += unchecked(spec, impl.plugin_name, asked, given)
            else:
                found.extend(item for _, item in call.answer)
        return found

    def tell(self, spec: Callable[P, None], /, *args: P.args, **kwargs: P.kwargs) -> list[str]:
        """Tell what happened, inside the transaction; a failing one loses only its own writes.

        The names of those that failed are returned.
        """
        asked = asked_of(spec, args, kwargs)
        asking = self._implementations(spec, asked)
        told = [self._ask(spec, impl, given) for impl, given in asking]
        return [call.plugin for call in told if call.error]

    def implementers(self, spec: Callable[..., Any]) -> list[str]:
        """Names of the plugins that implement a hook, in the order in which they are called."""
        return [impl.plugin_name for impl in self._all(spec)]

    @contextmanager
    def contained(self, plugin: str, hook: str, work: Any = None) -> Iterator[Call]:
        """Whatever a plugin raises inside is recorded and goes no further, nor do its writes."""
        guard = work.savepoint() if work is not None else nullcontext()
        call = Call(plugin, hook)
        try:
            with self.calls.running(call), guard:
                yield call
        except (Exception, SystemExit) as error:
            fatal = failure(error)
            if fatal is not None:
                # Not the plugin's: the work is over, and going on would acknowledge nothing.
                raise fatal from None
            call.error = f"{type(error).__name__}: {error}"[:500]
            self._record(Fault(plugin, hook, "raised", call.error, clock.now()))
        else:
            took, computed = call.own()
            if took > WAITED or computed > SLOW:
                slow = f"{took * 1000:.0f} ms"
                self._record(Fault(plugin, hook, "slow", slow, clock.now()))

    def blame(self, plugin: str, hook: str, error: BaseException) -> None:
        """Record what a plugin raised elsewhere, such as in one of its pages."""
        detail = f"{type(error).__name__}: {error}"[:500]
        self._record(Fault(plugin, hook, "raised", detail, clock.now()))

    def _ask(
        self,
        spec: Callable[..., Any],
        impl: Any,
        asked: dict[str, Any],
        read: Callable[[Callable[..., Any], Any], Any] = lambda _spec, answer: answer,
    ) -> Call:
        with self.contained(impl.plugin_name, spec.__name__, asked.get("work")) as call:
            call.asked = asked
            call.answer = read(spec, impl.function(*[asked[name] for name in impl.argnames]))
        return call

    def _all(self, spec: Callable[..., Any]) -> list[Any]:
        caller = getattr(self.manager.hook, getattr(spec, "__name__", ""), None)
        if caller is None:
            raise LookupError(f"no such hook: {spec!r}")
        # Registration order, which ``plugins.py`` keeps: core, then by requires, then by name.
        return list(caller.get_hookimpls())

    def _implementations(
        self, spec: Callable[..., Any], asked: dict[str, Any]
    ) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Who is asked, and what: each is told of the venues where it is on."""
        venue = asked.get("venue_id")
        for impl in self._all(spec):
            if self._is_on(impl.plugin_name, venue):
                given = narrowed(asked, partial(self._is_on, impl.plugin_name))
                if says_something(asked, given):
                    yield impl, given

    def _record(self, fault: Fault) -> None:
        self.faults.append(fault)
        self.calls.count(fault.plugin, fault.hook).faults += 1
        log.warning("plugin fault", plugin=fault.plugin, hook=fault.hook, kind=fault.kind)


def narrowed(asked: dict[str, Any], is_on_at: Callable[[int], bool]) -> dict[str, Any]:
    """The arguments without what lies at venues where a plugin is off."""
    given = asked
    for name in NARROWED & asked.keys():
        many = asked[name]
        off = {venue for venue in {each.venue_id for each in many} if not is_on_at(venue)}
        if off:
            given = given | {name: [each for each in many if each.venue_id not in off]}
    return given


def says_something(asked: dict[str, Any], given: dict[str, Any]) -> bool:
    """Whether anything is left to say of what there was."""
    return all(given[name] or not asked[name] for name in NARROWED & asked.keys())


def asked_of(
    spec: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """Every argument by its name, what was not said by its default; TypeError when one lacks."""
    bound = _signature(spec).bind(*args, **kwargs)
    bound.apply_defaults()
    return dict(bound.arguments)


_signature = lru_cache(maxsize=256)(inspect.signature)


def _items(spec: Callable[..., Any], answer: Iterable[Any] | None) -> list[tuple[int, Any]]:
    """What was given, each with its order and of the promised kind; TypeError for rubbish."""
    items = list(islice(answer or (), MOST + 1))
    if len(items) > MOST:
        raise TypeError(f"more than {MOST} answers")
    kind = kind_of(spec)
    for item in items:
        if not isinstance(item, kind):
            raise TypeError(f"{item!r} is not what this hook is asked for"[:500])
    return [(int(getattr(item, "order", 0)), item) for item in items]


@lru_cache(maxsize=256)
def kind_of(spec: Callable[..., Any]) -> type:
    """``NavItem`` of a spec that returns ``Iterable[NavItem]``; else ``object``."""
    # ``Work`` is known to type checkers only, since work knows hooks.
    given = get_args(get_type_hints(spec, localns={"Work": object}).get("return"))
    return given[0] if given and isinstance(given[0], type) else object


def unchecked(
    spec: Callable[..., Any], plugin: str, asked: dict[str, Any], given: dict[str, Any]
) -> list[Any]:
    """The objection of a judge that gave no answer: to everything that it was asked about."""
    reason = Reason(
        "cannot_be_checked",
        msg("A rule of “%(plugin)s” cannot be checked now. Please try again later.", plugin=plugin),
    )
    kind = kind_of(spec)
    if given is not asked and "candidate" in getattr(kind, "__dataclass_fields__", ()):
        return [kind(each, reason) for each in given["candidates"]]
    return [reason]
