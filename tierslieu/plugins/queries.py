"""What a network admin sees of the plugins of this installation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from tierslieu.kernel.calls import Count
from tierslieu.kernel.messages import Message, msg
from tierslieu.people.roles.rules import HOLDERS
from tierslieu.permission import Permission
from tierslieu.plugins.finding import Installed
from tierslieu.plugins.models import PluginFault
from tierslieu.plugins.specs import going_away, hooks_of, summary, verb
from tierslieu.plugins.suspension import last_faults
from tierslieu.plugins.switches import Switch

if TYPE_CHECKING:
    from tierslieu.plugins.platform import Plugins


@dataclass(frozen=True)
class Allowed:
    """One permission of a plugin as it is read: what, its name, who holds it."""

    sentence: Message
    name: str
    holders: tuple[Message, ...]
    own: tuple[Message, ...]


@dataclass(frozen=True)
class Shown:
    """One plugin on the page. ``state``: on, off, enabling, failed, broken or suspended."""

    name: str
    title: Message
    sentence: Message
    version: str
    state: str
    reason: Message | str
    changed_at: datetime | None
    needs: tuple[str, ...]
    faults: tuple[PluginFault, ...]
    has_settings: bool
    #: Whether its judges rest too, while it is suspended.
    rests: bool
    #: Whether it refused something until it broke, which is refused now without being checked.
    is_missed: bool
    #: What it uses that goes away in a later version.
    going: tuple[Message, ...]
    #: What it lets people do, each with whom, and with who may for her own things alone.
    permissions: tuple[Allowed, ...]


def overview(session: Session, plugins: Plugins) -> list[Shown]:
    """Every plugin that was found, with its state and its newest faults; for ``plugins.server``."""
    faults = last_faults(session, (item.name for item in plugins.all), limit=50)
    return [_shown(plugins, name, faults) for name in (item.name for item in plugins.all)]


def _shown(plugins: Plugins, name: str, faults: Iterable[PluginFault]) -> Shown:
    item = plugins.find(name)
    switch = plugins.switches.get(name)
    fault = plugins.fault(item)
    state: str = switch.state
    if fault is not None:
        state = "broken"
    elif switch.is_suspended and switch.is_on:
        state = "suspended"
    return Shown(
        name=name,
        title=item.title,
        sentence=item.sentence,
        version=item.version,
        state=state,
        reason=fault or _hung(switch) or switch.note,
        changed_at=switch.changed_at,
        needs=item.requires,
        faults=tuple([each for each in faults if each.plugin == name][:5]),
        has_settings=bool(item.settings),
        rests=switch.rests,
        is_missed=fault is not None and switch.state == "on" and bool(switch.judges),
        going=tuple(going_away(item, plugins.known_hooks(item))),
        permissions=tuple(_allowed(item, each) for each in item.permissions),
    )


def _allowed(item: Installed, permission: Permission) -> Allowed:
    held, own = ([HOLDERS[role] for role in roles] for roles in (permission.roles, permission.own))
    sentence = item.said(permission.sentence)
    return Allowed(sentence, permission.name, tuple(held), tuple(own))


def _hung(switch: Switch) -> Message | None:
    if not switch.hung:
        return None
    hooks = tuple(sorted(switch.hung))
    return msg("It did not return from %(hooks)s, so the site was started again.", hooks=hooks)


@dataclass(frozen=True)
class HookLine:
    """One hook that a plugin implements and what it took in this process, in milliseconds."""

    name: str
    verb: str
    sentence: str
    calls: int
    faults: int
    mean: float
    worst: float


def hook_lines(plugins: Plugins, name: str) -> list[HookLine]:
    """The hooks of one plugin, and its pages that failed."""
    item, counts = plugins.find(name), plugins.hooks.calls.counts
    known = plugins.known_hooks(item)
    lines = [
        _line(spec.__name__, verb(spec), summary(spec), counts.get((name, spec.__name__)))
        for spec in hooks_of(item, known)
    ]
    names = {line.name for line in lines}
    more = [hook for plugin, hook in counts if plugin == name and hook not in names]
    return lines + [_line(hook, "", "", counts[name, hook]) for hook in sorted(more)]


def _line(name: str, family: str, sentence: str, count: Count | None) -> HookLine:
    count = count or Count()
    mean, worst = round(count.mean * 1000, 1), round(count.worst * 1000, 1)
    return HookLine(name, family, sentence, count.calls, count.faults, mean, worst)
