"""Sensible house rules to begin with. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tierslieu.kernel.messages import Message, msg


@dataclass(frozen=True)
class Preset:
    """What it is called, what it means, and what it says to each audience."""

    key: str
    title: Message
    sentence: Message
    rules: Mapping[str, Mapping[str, Any]]


PRESETS: Final = (
    Preset(
        "open",
        msg("Open to all"),
        msg("Whoever has an account books and is confirmed at once."),
        {
            "everyone": {
                "who_may_book": "accounts",
                "membership_required": False,
                "approval": "none",
            }
        },
    ),
    Preset(
        "ask",
        msg("Ask first"),
        msg("Whoever has an account asks, and you answer."),
        {
            "everyone": {
                "who_may_book": "accounts",
                "membership_required": False,
                "approval": "asked",
            }
        },
    ),
    Preset(
        "members_first",
        msg("Members first"),
        msg("Members book 90 days ahead and are confirmed at once; others ask, 30 days ahead."),
        {
            "everyone": {
                "who_may_book": "accounts",
                "membership_required": False,
                "approval": "asked",
                "horizon_days": 30,
            },
            "members": {"approval": "none", "horizon_days": 90},
        },
    ),
    Preset(
        "closed",
        msg("Closed to the public"),
        msg("Only whoever runs the venue books; others see what is on."),
        {
            "everyone": {
                "who_may_book": "managers",
                "membership_required": False,
                "approval": "asked",
            }
        },
    ),
)

#: Fields that presets speak of; choosing one forgets what was said about them before.
FIELDS: Final = frozenset(
    name for preset in PRESETS for rules in preset.rules.values() for name in rules
)


def preset_of(key: str) -> Preset | None:
    """The preset of that key."""
    return next((preset for preset in PRESETS if preset.key == key), None)


def with_preset(preset: Preset, said: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What is said to each audience afterwards; what presets do not speak of stays."""
    audiences = {*said, *preset.rules}
    return {
        audience: {
            **{name: v for name, v in said.get(audience, {}).items() if name not in FIELDS},
            **preset.rules.get(audience, {}),
        }
        for audience in sorted(audiences)
    }


def current(said: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The key of the preset that is in force as it comes, if one is."""
    here = {
        audience: {name: v for name, v in rules.items() if name in FIELDS}
        for audience, rules in said.items()
    }
    kept = {audience: rules for audience, rules in here.items() if rules}
    for preset in PRESETS:
        if kept == {audience: dict(rules) for audience, rules in preset.rules.items()}:
            return preset.key
    return None
