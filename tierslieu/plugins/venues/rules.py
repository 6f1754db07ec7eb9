"""What a press of a switch means, with what needs what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.messages import msg

Requires = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Plan:
    """What changes at one place. ``falls``: was not asked for, but needs what goes off.

    ``missing``: what cannot go on, with the first thing that it lacks.
    """

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    falls: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()


def plan(now: Mapping[str, bool], wanted: Mapping[str, bool], requires: Requires) -> Plan:
    """What becomes of a place where ``now`` is on and somebody wants to switch.

    ``requires`` names the plugins in order: what is needed comes before what needs it.
    """
    after: dict[str, bool] = {}
    falls, missing = [], []
    for name, needs in requires.items():
        after[name] = wanted.get(name, now.get(name, False))
        lacking = next((need for need in needs if not after.get(need, False)), None)
        if not after[name] or lacking is None:
            continue
        after[name] = False
        if wanted.get(name, False) and not now.get(name, False):
            missing.append((name, lacking))
        elif now.get(name, False):
            falls.append(name)
    return Plan(
        tuple(name for name in after if after[name] and not now.get(name, False)),
        tuple(
            name for name in after if now.get(name, False) and name in wanted and not wanted[name]
        ),
        tuple(falls),
        tuple(missing),
    )


def needed(users: Sequence[str]) -> Invalid:
    """The refusal to switch off what others need, unless these go off as well."""
    text = msg("“%(names)s” needs it and would go off too.", names="”, “".join(users))
    return Invalid("plugin_required", text)


def lacking(need: str) -> Invalid:
    """The refusal to switch on what needs something that is off."""
    return Invalid("plugin_requires", msg("Switch “%(name)s” on first.", name=need))
