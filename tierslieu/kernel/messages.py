"""Sentences that are not yet in any language.

Rules and services answer with a `Message`; pages, mails and commands render it in the language
and the zone of whoever reads. ``pybabel extract -k msg -k nmsg:1,2`` finds every sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

DOMAIN = "tierslieu"

Translate = Callable[[str, str, str | None, int | None], str]
"""``(domain, msgid, plural, n) -> the sentence in the reader's language``."""

FormatParam = Callable[[object], object]
"""One value -> what to print; dates, spans and money become words in the reader's language."""


@dataclass(frozen=True)
class Message:
    """A sentence with named gaps (``%(name)s``), known by its English text.

    Values may be text, numbers, dates, `Money`, other messages, or tuples of these. An aware
    datetime carries the zone in which it should be read.
    """

    domain: str
    msgid: str
    params: Mapping[str, object] = field(default_factory=dict, hash=False)
    plural: str | None = None
    n: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", MappingProxyType(dict(self.params)))

    def __reduce__(self) -> tuple[object, ...]:
        return Message, (self.domain, self.msgid, dict(self.params), self.plural, self.n)

    def render(self, translate: Translate, format_param: FormatParam = str) -> str:
        """The sentence for one reader. A translation with a wrong gap falls back to English.

        One whose own English cannot be filled is shown as it is: it may be a plugin's.
        """
        values = {
            name: _value(value, translate, format_param) for name, value in self.params.items()
        }
        text = translate(self.domain, self.msgid, self.plural, self.n)
        if not values:
            return text.replace("%%", "%")
        english = _english(self.domain, self.msgid, self.plural, self.n)
        for each in (text, english):
            try:
                return each % values
            except (KeyError, ValueError, TypeError):
                continue
        return english

    def __str__(self) -> str:
        return self.render(_english)


def _value(value: object, translate: Translate, format_param: FormatParam) -> object:
    if isinstance(value, Message):
        return value.render(translate, format_param)
    if isinstance(value, tuple | list):
        return ", ".join(str(_value(item, translate, format_param)) for item in value)
    if isinstance(value, str):
        return value
    return format_param(value)


def _english(domain: str, msgid: str, plural: str | None, n: int | None) -> str:
    return msgid if plural is None or n == 1 else plural


def msg(msgid: str, /, **params: object) -> Message:
    """Mark one English sentence of the core for translation."""
    return Message(DOMAIN, msgid, params)


def nmsg(singular: str, plural: str, n: int, /, **params: object) -> Message:
    """Mark a sentence that depends on a number; ``%(n)s`` is the number."""
    return Message(DOMAIN, singular, {"n": n, **params}, plural, n)
