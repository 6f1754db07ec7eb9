"""Every sentence exists in every language of the interface, and says the same things."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message

_SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "catalogues.py"
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_PLURALS = {"it": 2, "fr": 2}


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("catalogues_script", _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


catalogues = _script()
EVERY = [
    pytest.param(domain, language, id=f"{domain} in {language}")
    for domain in catalogues.domains()
    for language in catalogues.LANGUAGES
]


@pytest.fixture(scope="module")
def read() -> dict[tuple[str, str], tuple[Catalog, Catalog]]:
    """Domain and language → today's sentences with their translations, and the file as it is."""
    found = {}
    for domain, folder in catalogues.domains().items():
        for language in catalogues.LANGUAGES:
            path, catalogue, _before = catalogues.updated(domain, folder, language)
            with path.open("rb") as file:
                found[domain, language] = catalogue, catalogues.read_po(file, locale=language)
    return found


def _said(message: Message) -> tuple[str, ...]:
    said = message.string
    return tuple(said) if isinstance(said, tuple | list) else (said or "",)


def _asked(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, tuple | list) else (message.id,)


@pytest.mark.parametrize(("domain", "language"), EVERY)
def test_no_sentence_is_without_a_translation(
    domain: str, language: str, read: dict[tuple[str, str], tuple[Catalog, Catalog]]
) -> None:
    assert catalogues.missing(read[domain, language][0]) == []


@pytest.mark.parametrize(("domain", "language"), EVERY)
def test_no_translation_is_of_a_sentence_that_is_gone(
    domain: str, language: str, read: dict[tuple[str, str], tuple[Catalog, Catalog]]
) -> None:
    today, file = read[domain, language]
    known = {message.id for message in today}
    gone = [message.id for message in file if message.id not in known]
    assert [*gone, *file.obsolete] == []


@pytest.mark.parametrize(("domain", "language"), EVERY)
def test_a_translation_has_the_placeholders_of_its_sentence(
    domain: str, language: str, read: dict[tuple[str, str], tuple[Catalog, Catalog]]
) -> None:
    wrong = []
    for message in read[domain, language][1]:
        if not message.id or not all(_said(message)):
            continue
        asked = [set(_PLACEHOLDER.findall(text)) for text in _asked(message)]
        said = [set(_PLACEHOLDER.findall(text)) for text in _said(message)]
        # A singular may say "one" in words; the last form is for every number.
        if said[-1] != asked[-1] or not all(each <= asked[-1] for each in said):
            wrong.append(message.id)
    assert wrong == []


@pytest.mark.parametrize(("domain", "language"), EVERY)
def test_a_translation_can_be_filled_in(
    domain: str, language: str, read: dict[tuple[str, str], tuple[Catalog, Catalog]]
) -> None:
    for message in read[domain, language][1]:
        values = {name: "7" for text in _asked(message) for name in _PLACEHOLDER.findall(text)}
        for text in _said(message) if message.id and values else ():
            assert "%(" not in text % values, message.id


@pytest.mark.parametrize(("domain", "language"), EVERY)
def test_a_counted_sentence_has_as_many_forms_as_the_language(
    domain: str, language: str, read: dict[tuple[str, str], tuple[Catalog, Catalog]]
) -> None:
    file = read[domain, language][1]
    assert file.num_plurals == _PLURALS[language]
    counted = [message for message in file if message.pluralizable]
    assert [m.id for m in counted if len(_said(m)) != _PLURALS[language]] == []
