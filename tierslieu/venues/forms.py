"""Forms that know which version they were filled from, and can be laid beside another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wtforms import Field, FloatField, HiddenField, SelectChoice, SelectField

from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import Message, msg
from tierslieu.web.forms import Form, Lazy
from tierslieu.web.requests import current_locale


class VersionedForm(Form):
    """A form over a row that counts its changes.

    ``theirs``: (label, typed here, saved meanwhile) of what somebody else changed in between.
    """

    version = HiddenField()
    theirs: tuple[tuple[str, str, str], ...] = ()

    @property
    def seen(self) -> int:
        """The version the form was filled from; nonsense counts as an old one."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def refuse(self, refusal: Refusal, names: Mapping[str, str] | None = None) -> None:
        """Put reasons where they belong; an old version is nobody's field."""
        super().refuse(refusal, {"version": "", **(names or {})})

    def set_beside(self, fresh: VersionedForm) -> None:
        """Keep what was typed, show what was saved meanwhile, and let the next press win."""
        self.theirs = tuple(_differences(self, fresh))
        self.version.data = fresh.version.data
        self.version.raw_data = None


def _differences(mine: Form, fresh: Form) -> Iterator[tuple[str, str, str]]:
    for field in mine:
        other = fresh._fields.get(field.name)
        if other is None or field.type in ("HiddenField", "CSRFTokenField", "FileField"):
            continue
        typed, saved = shown(field), shown(other)
        if typed != saved:
            yield str(field.label.text), typed, saved


def shown(field: Field) -> str:
    """A field's value in words."""
    choices = getattr(field, "choices", None)
    if choices:
        names = {str(choice.value): str(choice.label) for choice in choices}
        chosen = field.data if isinstance(field.data, list) else [field.data]
        return ", ".join(names.get(str(value), str(value)) for value in chosen if value is not None)
    if isinstance(field.data, bool):
        return say(msg("yes") if field.data else msg("no"), current_locale())
    return "" if field.data is None else str(field.data)


class Tristate(SelectField):
    """Yes, no, or nobody has looked: never guessed."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        words = {"": msg("not known"), "yes": msg("yes"), "no": msg("no")}
        choices = options(words)
        super().__init__(label, choices=choices, **kwargs)

    @property
    def fact(self) -> bool | None:
        """What was chosen."""
        return {"yes": True, "no": False}.get(self.data)

    def put(self, fact: bool | None) -> None:
        """Choose what is known."""
        self.data = "" if fact is None else "yes" if fact else "no"


class OptionalFloat(FloatField):
    """A number that may be left empty."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist and not str(valuelist[0]).strip():
            self.data = None
            return
        super().process_formdata([str(valuelist[0]).replace(",", ".")] if valuelist else [])
        if self.data is not None and not -1000 < self.data < 1000:
            raise ValueError(say(msg("This value is not acceptable."), current_locale()))


def is_stale(refusal: Refusal) -> bool:
    """Whether somebody changed the row while the form was open."""
    return refusal.code == "changed_meanwhile"


def options(pairs: Mapping[str, Message | str]) -> list[SelectChoice]:
    """Choices of a select from keys and what they are called."""
    return [
        SelectChoice(key, label if isinstance(label, str) else Lazy(label))
        for key, label in pairs.items()
    ]
