"""Nothing on a page speaks English by accident: every sentence went through the translators.

The pseudo-language wraps what translators were given in ⟦ ⟧. The town's own words are Greek, so
a Latin word outside the marks is a sentence somebody forgot.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from typing import Any

import holidays
import pytest
from babel import Locale

from tierslieu.app import create_app
from tierslieu.config import load
from tierslieu.installation import upgrade
from tierslieu.kernel.jobs import drain
from tierslieu.kernel.site import Site
from tierslieu.testing import sign_in

STARTS = {
    "": ("/", "/sign-in", "/register", "/reset", "/nowhere", "/api/docs"),
    "elsa": ("/me", "/"),
    "ada": ("/me", "/"),
    "desk": ("/manage/", "/me"),
    "manager": ("/manage/",),
    "admin": ("/admin/",),
}
#: Addresses, references and the names of the languages are the same in all languages.
SAME = re.compile(
    r"\S+@\S+|https?://\S+|webcal://\S+|\b[A-Z0-9]{8}\b|\b(?:EUR|ICS)\b"
    r"|\b(?:Tierslieu|IT|FR|EN|italiano|français|English|xx|Werkzeug/\S+|Europe/Rome)\b"
)


def said_by_others() -> frozenset[str]:
    """Names of days, months and feasts, which the libraries of calendars say."""
    words: set[str] = set()
    locale = Locale.parse("en_GB")
    for table in (locale.months, locale.days):
        for widths in table.values():
            for names in widths.values():
                words.update(names.values())
    for name in holidays.country_holidays("IT", subdiv="RE", years=2026, language="en_US").values():
        words.update(re.findall(r"[A-Za-z]+", name))
    return frozenset(words)


def forgotten(pieces: list[str], known: frozenset[str]) -> list[str]:
    """Pieces with words in Latin letters that nobody translated."""
    found = []
    for piece in pieces:
        words = re.findall(r"[A-Za-zÀ-ÖØ-öø-ÿ]{2,}", SAME.sub(" ", piece))
        if any(word not in known for word in words):
            found.append(piece)
    return found


@pytest.fixture(scope="module")
def town_app(towns: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A site with the town written in Greek, whose people read the pseudo-language."""
    folder = tmp_path_factory.mktemp("greek")
    config = load(
        {}, folder, testing=True, rate_limits=False, secret_key="for tests only", locale="xx"
    )
    app = create_app(config)
    site: Site = app.extensions["tierslieu"]
    upgrade(site)
    towns.build(site, towns.greek, "xx")
    drain(site)
    yield app
    site.db.dispose()


def entered(app: Any, who: str) -> Any:
    client = app.test_client()
    if who:
        sign_in(client, f"{who}@demo.example")
    client.set_cookie("language", "xx")
    return client


@pytest.mark.parametrize("who", STARTS, ids=lambda who: who or "nobody")
def test_every_word_of_every_page_and_refusal_can_be_translated(
    town_app: Any, reading: Any, who: str
) -> None:
    known = said_by_others()
    client = entered(town_app, who)
    walk = reading.Walk(client.get)
    sheets = walk.from_(*STARTS[who])
    missing = {
        f"{reading.shape(sheet.address)}: {piece}"
        for sheet in sheets
        for piece in (*forgotten(sheet.outside, known), *sheet.odd)
    }
    posted: set[str] = set()
    for form in [form for sheet in sheets for form in sheet.forms if form.typed]:
        for typed in ("", "¤"):
            key = f"{reading.shape(form.action)} {sorted(form.values)} {typed}"
            if key in posted or form.action == "/sign-in":
                continue
            posted.add(key)
            answer = client.post(form.action, data=form.values | dict.fromkeys(form.typed, typed))
            assert answer.status_code < 500, f"{form.action} broke: {answer.status_code}"
            if answer.mimetype == "text/html" and answer.status_code >= 400:
                sheet = reading.take_apart(form.action, answer.get_data(as_text=True))
                missing |= {
                    f"POST {reading.shape(form.action)}: {piece}"
                    for piece in forgotten(sheet.outside, known)
                }

    assert len(sheets) > 10
    assert [page for page in walk.broken if "/nowhere" not in page] == []
    assert not missing, "\n".join(sorted(missing))


def test_no_page_weighs_more_than_100_kilobytes_or_has_a_style_of_its_own(
    town_app: Any, reading: Any
) -> None:
    """Weighed compressed, without photos, nothing in the browser's memory."""
    client = entered(town_app, "admin")
    parts: dict[str, int] = {}

    def weight(address: str) -> int:
        if address not in parts:
            with client.get(address) as answer:
                parts[address] = len(gzip.compress(answer.data))
        return parts[address]

    walk, faults = reading.Walk(client.get, each=1), []
    for sheet in walk.from_("/", "/me", "/manage/", "/admin/"):
        faults += [f"{reading.shape(sheet.address)}: {what}" for what in sheet.odd]
        whole = walk.sizes[sheet.address] + sum(weight(part) for part in sheet.parts if part)
        if whole > 100_000:
            faults.append(f"{reading.shape(sheet.address)}: {whole} bytes")

    assert len(walk.sizes) > 40
    assert faults == []
