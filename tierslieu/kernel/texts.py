"""Text that people write: several languages side by side, cleaned, and compared fairly."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping

from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.messages import msg

_JOINERS = "\u200c\u200d"
_JOINED = frozenset({"So", "Sk", "Mn", "Mc", "Lo"})


class Texts(Mapping[str, str]):
    """Content in several languages, immutable; empty texts do not count as written."""

    __slots__ = ("_by_language",)

    def __init__(self, by_language: Mapping[str, str] | None = None, /, **more: str) -> None:
        texts = {**(by_language or {}), **more}
        self._by_language = {lang: text for lang, text in texts.items() if text}

    def best(self, language: str, default: str) -> tuple[str, str]:
        """``(language, text)``: the reader's, else the network's default, else any; or ("", "")."""
        for lang in (language, language.split("-")[0], default, *self._by_language):
            if lang in self._by_language:
                return lang, self._by_language[lang]
        return "", ""

    def with_text(self, language: str, text: str) -> Texts:
        """A copy with one language rewritten; an empty text takes it away."""
        return Texts({**self._by_language, language: text})

    @classmethod
    def from_json(cls, text: str | None) -> Texts:
        """From what `to_json` wrote; raises ValueError for anything but an object of strings."""
        if not text:
            return cls()
        values = json.loads(text)
        if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
            raise ValueError("texts are an object of language to string")
        return cls(values)

    def to_json(self) -> str:
        """A JSON object with sorted keys: equal texts are equal bytes."""
        return json.dumps(self._by_language, ensure_ascii=False, sort_keys=True)

    def __getitem__(self, language: str) -> str:
        return self._by_language[language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_language)

    def __len__(self) -> int:
        return len(self._by_language)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and dict(self) == dict(other)

    def __hash__(self) -> int:
        return hash(frozenset(self._by_language.items()))

    def __str__(self) -> str:
        return self.best("en", "it")[1]

    def __repr__(self) -> str:
        return f"Texts({self._by_language!r})"


def clean(text: str, *, lines: bool = False, field: str | None = None) -> str:
    """What may be stored: NFC, trimmed, without control, bidi and invisible characters.

    With ``lines`` newlines and tabs are kept (CRLF becomes LF), otherwise they become spaces.
    Raises `Invalid` for lone surrogates, which no encoding can store.
    """
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise Invalid("bad_text", msg("This text contains broken characters."), field)
    text = text.replace("\r\n", "\n").translate(_BREAKS)
    if not lines:
        text = text.replace("\n", " ").replace("\t", " ")
    kept: list[str] = []
    for char in text:
        category = unicodedata.category(char)
        invisible = category == "Cf" and not _joins(char, kept)
        if invisible or (category == "Cc" and char not in "\n\t"):
            continue
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def folded(text: str) -> str:
    """What to compare: case, width, composition, invisible characters and spacing ignored."""
    visible = "".join(char for char in text if unicodedata.category(char) not in {"Cf", "Cs"})
    once = unicodedata.normalize("NFKC", visible).casefold()
    return " ".join(unicodedata.normalize("NFKC", once).split())


def plain_words(text: str) -> str:
    """Text as words are looked for: folded, and without accents."""
    parts = unicodedata.normalize("NFD", folded(text))
    return "".join(char for char in parts if unicodedata.category(char) != "Mn")


def has_words(words: str, *texts: str | None) -> bool:
    """Whether these texts, taken together, have each of the words, whatever case and accents."""
    text = plain_words(" ".join(filter(None, texts)))
    return all(word in text for word in plain_words(words).split())


def _joins(char: str, before: list[str]) -> bool:
    """A joiner has a job after an emoji or a letter of a script that joins, and only there."""
    return char in _JOINERS and bool(before) and unicodedata.category(before[-1]) in _JOINED


_BREAKS = {ord(char): "\n" for char in "\r\u0085\u2028\u2029\v\f"}
