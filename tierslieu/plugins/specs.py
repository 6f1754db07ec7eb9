"""What the specs of hooks say of themselves: the core's, and those that plugins add."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tierslieu import hookspecs
from tierslieu.kernel.hooks import deprecations, kind_of
from tierslieu.kernel.messages import Message, msg

if TYPE_CHECKING:
    from tierslieu.plugins.finding import Installed

Spec = Callable[..., Any]

#: What a spec's docstring says, in this order; the example stands indented under its mark.
MARKS = ("When", "Give", "Promise", "Example", "Since", "Used by")


#: How the name of a hook ends that is asked for objections.
JUDGES = "_objections"


class HookDeprecated(DeprecationWarning):
    """A plugin implements a hook, or asks for an argument, that goes away."""


def specs_in(module: Any) -> Iterator[Spec]:
    """The specs of a module, in the order in which they stand there."""
    for value in vars(module).values() if module is not None else ():
        if inspect.isfunction(value) and hasattr(value, "tierslieu_spec"):
            yield value


def core_specs() -> list[Spec]:
    """Every hook of the core."""
    return list(specs_in(hookspecs))


def verb(spec: Spec) -> str:
    """The family of a hook: contribute, judge or react."""
    if spec.__name__.endswith(JUDGES):
        return "judge"
    said = inspect.signature(spec).return_annotation
    return "react" if said in (None, "None") else "contribute"


def signature(spec: Spec) -> str:
    """``(work: Work, person_id: int) -> None``, as it stands in the source."""
    said = inspect.signature(spec)
    given = ", ".join(_parameter(each) for each in said.parameters.values())
    return f"({given}) -> {said.return_annotation}"


def _parameter(each: inspect.Parameter) -> str:
    # Annotations are text already, since hookspecs.py postpones them.
    default = "" if each.default is each.empty else f" = {each.default!r}"
    return f"{each.name}: {each.annotation}{default}"


def summary(spec: Spec) -> str:
    """The first sentences of a spec, on one line."""
    return " ".join((inspect.getdoc(spec) or "").split("\n\n")[0].split())


def said(spec: Spec) -> dict[str, str]:
    """The parts of a spec's docstring by their marks; the example is code, the others text."""
    text = inspect.getdoc(spec) or ""
    found: dict[str, str] = {}
    for mark, body in _PART.findall(text):
        if mark == "Example":
            code = inspect.cleandoc("\n" + body.lstrip(":").strip("\n"))
            found[mark] = code
        else:
            found[mark] = " ".join(body.split()).rstrip(".") + "."
    return found


_NAMES = "|".join(MARKS)
_PART = re.compile(
    rf"(?:^|\. )({_NAMES}):(.*?)(?=(?:^|\. )(?:{_NAMES}):|\Z)", re.MULTILINE | re.DOTALL
)


def specs_fault(name: str, module: Any) -> Message | None:
    """What is wrong with the specs that a plugin adds; None: nothing. Raises what they raise."""
    for spec in specs_in(module):
        if not spec.__name__.startswith(f"{name}_"):
            return msg("Its hook “%(hook)s” does not begin with its name.", hook=spec.__name__)
        if verb(spec) != "react":
            kind_of(spec)  # raises where the spec names what is not there
    return None


def unknown_hooks(module: Any, known: Iterable[Spec]) -> Iterator[str]:
    """Functions marked as implementations of hooks that do not exist for this plugin."""
    names = {spec.__name__ for spec in known}
    for name, value in vars(module).items():
        # Only functions: sqlalchemy.func has every attribute one asks it for.
        if inspect.isfunction(value) and hasattr(value, "tierslieu_impl") and name not in names:
            yield name


def hooks_of(item: Installed, known: Iterable[Spec]) -> list[Spec]:
    """The hooks that a plugin implements."""
    return [
        spec
        for spec in known
        if hasattr(getattr(item.module, spec.__name__, None), "tierslieu_impl")
    ]


def judges_of(item: Installed) -> list[str]:
    """The names of what a plugin implements to refuse something."""
    marked = [name for name, value in vars(item.module).items() if hasattr(value, "tierslieu_impl")]
    return [name for name in marked if name.endswith(JUDGES)]


def going_away(item: Installed, known: Iterable[Spec]) -> list[Message]:
    """What a plugin uses of the hooks that goes away, a sentence each."""
    found = []
    for spec in hooks_of(item, known):
        wanted = inspect.signature(getattr(item.module, spec.__name__)).parameters
        for each in deprecations(spec):
            if each.argument and each.argument not in wanted:
                continue
            what = f"{spec.__name__}({each.argument})" if each.argument else spec.__name__
            found.append(
                msg(
                    "“%(what)s” goes away in version %(version)s: %(instead)s",
                    what=what,
                    version=each.gone_in,
                    instead=each.instead,
                )
            )
    return found
