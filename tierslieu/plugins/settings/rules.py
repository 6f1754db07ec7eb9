"""What a setting may be, and which of the values that were said is in force."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.texts import clean
from tierslieu.setting import Kind, Scope, Setting

#: From the widest to the narrowest.
SCOPES: Final[tuple[Scope, ...]] = ("network", "venue", "room")
Where = tuple[str, int, str]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_KINDS: Final = frozenset(get_args(Kind))
_YES, _NO = {"1", "yes", "true", "on"}, {"0", "no", "false", "off"}
LONGEST: Final = 5000


@dataclass(frozen=True)
class Place:
    """Where a setting is looked at: a room in its venue, a venue, or the network (neither)."""

    venue_id: int | None = None
    room_id: int | None = None

    @property
    def scope(self) -> Scope:
        if self.room_id is not None:
            return "room"
        return "network" if self.venue_id is None else "venue"

    @property
    def scope_id(self) -> int:
        return self.room_id or self.venue_id or 0

    def wider(self) -> Iterator[tuple[str, int]]:
        """This place and those around it, from the narrowest."""
        if self.room_id is not None:
            yield "room", self.room_id
        if self.venue_id is not None:
            yield "venue", self.venue_id
        yield "network", 0


@dataclass(frozen=True)
class Found:
    """A value and where it was said: ``room``, ``venue``, ``network`` or ``default``."""

    value: Any
    source: str


def in_force(setting: Setting, said: Mapping[Where, Any], place: Place) -> Found:
    """The value of the nearest place that says one which the setting still allows."""
    for scope, scope_id in place.wider():
        if SCOPES.index(setting.scope) < SCOPES.index(scope):
            continue
        value = said.get((scope, scope_id, setting.name))
        if value is not None and fault_of(setting, value) is None:
            return Found(value, scope)
    return Found(setting.default, "default")


def settings_at(settings: Iterable[Setting], scope: str) -> list[Setting]:
    """The settings that may be said at a place of this scope."""
    here = SCOPES.index(scope)
    return [each for each in settings if SCOPES.index(each.scope) >= here]


def read(setting: Setting, text: str) -> Any:
    """A value as somebody wrote it. Raises Invalid, on the setting's name, with a sentence."""
    value: Any = clean(text, lines=setting.kind == "lines", field=setting.name)
    if setting.kind == "integer":
        try:
            value = int(value)
        except ValueError:
            raise Invalid("invalid", msg("This is no whole number."), setting.name) from None
    elif setting.kind == "boolean":
        if value.casefold() not in _YES | _NO:
            raise Invalid("invalid", msg("Write yes or no."), setting.name)
        value = value.casefold() in _YES
    fault = fault_of(setting, value)
    if fault is not None:
        raise Invalid("invalid", fault, setting.name)
    return value


def fault_of(setting: Setting, value: Any) -> Message | None:
    """Why a value is not one of the setting's; None: it is."""
    known = [key for key, _ in setting.choices]
    match setting.kind, value:
        case "boolean", bool():
            return None
        case "integer", int() if not isinstance(value, bool):
            return _number_fault(setting, value)
        case "choice", str():
            if value in known:
                return None
            return msg("It is one of these: %(choices)s.", choices=", ".join(known))
        case (("text" | "lines"), str()):
            return _length_fault(setting, len(value))
    return msg("This is not a value of its kind.")


def _number_fault(setting: Setting, value: int) -> Message | None:
    least, most = setting.least, setting.most
    if least is not None and most is not None and not least <= value <= most:
        return msg("From %(min)s to %(max)s, please.", min=least, max=most)
    if least is not None and value < least:
        return msg("At least %(min)s, please.", min=least)
    if most is not None and value > most:
        return msg("At most %(max)s, please.", max=most)
    return None if abs(value) < 2**53 else msg("This number is too large.")


def _length_fault(setting: Setting, length: int) -> Message | None:
    most = LONGEST if setting.most is None else setting.most
    if length > most:
        return msg("At most %(n)s characters.", n=most)
    if setting.least is not None and length < setting.least:
        return msg("At least %(n)s characters.", n=setting.least)
    return None


def written(setting: Setting, value: Any) -> str:
    """A value as ``read`` understands it."""
    if value is None:
        return ""
    if setting.kind == "boolean":
        return "yes" if value else "no"
    return str(value)


def declaration_faults(settings: Iterable[Any]) -> Iterator[str]:
    """What is wrong with a manifest's settings, a line each, for their author."""
    seen: set[str] = set()
    for each in settings:
        if not isinstance(each, Setting):
            yield f"{each!r} is no Setting"
            continue
        if not _NAME.fullmatch(each.name) or each.name in seen:
            yield f"the setting “{each.name}” is not plain, or named twice"
        seen.add(each.name)
        yield from _declared_wrongly(each)


def _declared_wrongly(each: Setting) -> Iterator[str]:
    checks: dict[str, Callable[[], bool]] = {
        "is of no known kind": lambda: each.kind not in _KINDS,
        "is for no known scope": lambda: each.scope not in SCOPES,
        "has no label": lambda: not str(each.label).strip(),
        "has choices and is no choice, or the other way": lambda: (
            bool(each.choices) is not (each.kind == "choice")
        ),
        "is a secret and no text, or has a default": lambda: (
            each.secret and (each.kind != "text" or each.default is not None)
        ),
        "has a default that it would refuse": lambda: (
            each.default is not None and fault_of(each, each.default) is not None
        ),
    }
    for what, wrong in checks.items():
        if wrong():
            yield f"the setting “{each.name}” {what}"
            return
