"""Calls of hooks while they happen: which run now, what they took, what was asked and answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class Call:
    """One call of one implementation. Times are in seconds, ``took`` is known when it is over."""

    plugin: str
    hook: str
    asked: Mapping[str, Any] = field(default_factory=dict)
    answer: Any = None
    #: What it raised, in words; "" when it answered.
    error: str = ""
    thread: int = field(default_factory=threading.get_ident)
    took: float = 0.0
    #: How long the watchdog has seen it run.
    seen: float = 0.0
    _began: float = field(default_factory=time.monotonic)
    _computed: float = field(default_factory=time.thread_time)
    #: What calls made from inside it took, by the clock and of the processor.
    _inner: list[float] = field(default_factory=lambda: [0.0, 0.0])

    def own(self) -> tuple[float, float]:
        """Seconds by the clock and of the processor, less those of the calls it made."""
        computed = time.thread_time() - self._computed
        return self.took - self._inner[0], computed - self._inner[1]


@dataclass
class Count:
    """What one plugin's implementations of one hook took in this process, in seconds."""

    calls: int = 0
    faults: int = 0
    total: float = 0.0
    worst: float = 0.0

    @property
    def mean(self) -> float:
        return self.total / self.calls if self.calls else 0.0


_listening: ContextVar[list[Call] | None] = ContextVar("listening", default=None)


class Calls:
    """The calls of one application: those that run, and the sums of those that ran."""

    def __init__(self) -> None:
        #: Only the thread itself changes its list.
        self._running: dict[int, list[Call]] = {}
        self.counts: dict[tuple[str, str], Count] = {}

    @contextmanager
    def running(self, call: Call) -> Iterator[Call]:
        """Know that a call runs, for as long as it does, and count it."""
        stack = self._running.setdefault(call.thread, [])
        stack.append(call)
        try:
            yield call
        finally:
            call.took = time.monotonic() - call._began
            stack.pop()
            if stack:
                outer = stack[-1]._inner
                outer[0] += call.took
                outer[1] += time.thread_time() - call._computed
            else:
                self._running.pop(call.thread, None)
            self._count(call)

    def now(self) -> list[Call]:
        """What runs at this moment: of calls inside each other the innermost."""
        stacks = [list(stack) for stack in self._running.copy().values()]
        return [stack[-1] for stack in stacks if stack]

    def count(self, plugin: str, hook: str) -> Count:
        """The sums of one plugin's calls of one hook."""
        return self.counts.setdefault((plugin, hook), Count())

    def _count(self, call: Call) -> None:
        count = self.count(call.plugin, call.hook)
        count.calls += 1
        count.total += call.took
        count.worst = max(count.worst, call.took)
        heard = _listening.get()
        if heard is not None:
            heard.append(call)


@contextmanager
def heard() -> Iterator[list[Call]]:
    """Collect the calls that are made inside, in the order in which they end."""
    calls: list[Call] = []
    token = _listening.set(calls)
    try:
        yield calls
    finally:
        _listening.reset(token)
