"""Sentences, refusals, money, texts, tokens and the clock."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierslieu.kernel import clock
from tierslieu.kernel.errors import (
    Busy,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Reason,
    Refused,
    TierslieuError,
    refusal,
    refuse,
)
from tierslieu.kernel.languages import duration_words
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.money import CurrencyMismatch, Money, half_up
from tierslieu.kernel.texts import Texts, clean, folded
from tierslieu.kernel.tokens import hash_token, new_public_id, new_reference, new_token

ITALIAN = {
    "Closed on %(day)s.": "Chiuso il %(day)s.",
    "%(n)s seat": "%(n)s posto",
    "Broken %(day)s.": "Rotto %(giorno)s.",
}


def italian(domain: str, msgid: str, plural: str | None, n: int | None) -> str:
    return ITALIAN.get(msgid, msgid)


def short(value: object) -> object:
    return f"{value:%d/%m}" if isinstance(value, date) else value


@pytest.mark.parametrize(
    ("message", "english", "translated"),
    [
        pytest.param(
            msg("Closed on %(day)s.", day=date(2026, 5, 1)),
            "Closed on 2026-05-01.",
            "Chiuso il 01/05.",
            id="a date in the reader's way",
        ),
        pytest.param(nmsg("%(n)s seat", "%(n)s seats", 2), "2 seats", "2 posto", id="plural"),
        pytest.param(nmsg("%(n)s seat", "%(n)s seats", 1), "1 seat", "1 posto", id="singular"),
        pytest.param(
            msg("Broken %(day)s.", day="x"), "Broken x.", "Broken x.", id="a wrong translation"
        ),
        pytest.param(msg("100%"), "100%", "100%", id="a bare per cent"),
        pytest.param(
            msg("%(a)s!", a=(msg("x"), "y", 3)), "x, y, 3!", "x, y, 3!", id="a list of values"
        ),
        pytest.param(
            msg("%(name)s", name="%(day)s %s"), "%(day)s %s", "%(day)s %s", id="marks in a name"
        ),
    ],
)
def test_a_sentence_is_rendered_for_its_reader(
    message: Message, english: str, translated: str
) -> None:
    assert str(message) == english
    assert message.render(italian, short) == translated
    assert str(pickle.loads(pickle.dumps(message))) == english


RULE = Reason("too_long", msg("Too long."), "ends_at")
TAKEN = Reason("taken", msg("Taken."), kind="conflict")
STATE = Reason("wrong_state", msg("Already answered."), kind="state")


@pytest.mark.parametrize(
    ("reasons", "kind"),
    [
        pytest.param([RULE], Refused, id="a rule"),
        pytest.param([TAKEN], Conflict, id="a conflict"),
        pytest.param([STATE], Conflict, id="a state"),
        pytest.param([TAKEN, RULE], Refused, id="both: the rule decides"),
    ],
)
def test_a_refusal_carries_all_reasons_and_the_right_status(
    reasons: list[Reason], kind: type[TierslieuError]
) -> None:
    found = refusal(reasons)
    assert type(found) is kind
    assert list(found.reasons) == reasons
    with pytest.raises(kind):
        refuse(reasons)


def test_no_reason_is_no_refusal() -> None:
    refuse([])


def test_every_error_has_its_status_and_an_english_line() -> None:
    errors = [
        Refused(RULE), Conflict(TAKEN), NotFound(), Forbidden("bookings.approve"), Busy(2),
        Invalid("bad", msg("Bad."), "title"),
    ]  # fmt: skip
    assert [error.status for error in errors] == [422, 409, 404, 403, 503, 422]
    assert all(str(error) for error in errors)


@given(st.integers(-(10**9), 10**9), st.integers(1, 1000))
def test_half_up_is_within_half_a_cent_and_mirrors(cents: int, parts: int) -> None:
    value = Fraction(cents, parts)
    assert abs(half_up(value) - value) <= Fraction(1, 2)
    assert half_up(-value) == -half_up(value)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("0.5", 1), ("1.5", 2), ("2.5", 3), ("2.4999", 2), ("-0.5", -1), ("-2.5", -3), ("7", 7)],
)
def test_halves_go_up(value: str, rounded: int) -> None:
    assert half_up(Fraction(value)) == rounded


def test_money_is_whole_cents_of_one_currency() -> None:
    assert Money(1250, "EUR").times(Fraction(3, 2)) + Money(1, "EUR") == Money(1876, "EUR")
    assert str(Money(-5, "EUR")) == "-0.05 EUR"
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "CHF")
    with pytest.raises(TypeError):
        Money(0.5, "EUR")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, "euro")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        pytest.param("fr", ("fr", "Salle"), id="the reader's"),
        pytest.param("fr-CH", ("fr", "Salle"), id="a region of it"),
        pytest.param("en", ("it", "Sala"), id="the network's"),
    ],
)
def test_texts_fall_back(language: str, expected: tuple[str, str]) -> None:
    texts = Texts({"fr": "Salle", "it": "Sala", "en": ""})
    assert texts.best(language, "it") == expected
    assert Texts.from_json(texts.to_json()) == texts


def test_texts_fall_back_to_any_and_then_to_nothing() -> None:
    assert Texts(de="Saal").best("en", "it") == ("de", "Saal")
    assert Texts().best("en", "it") == ("", "")
    assert Texts.from_json(None) == Texts()
    assert not Texts(it="x").with_text("it", "")
    with pytest.raises(ValueError, match="object of language"):
        Texts.from_json("[1]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("  Caffè\u202e ", "Caff\u00e8", id="bidi override"),
        pytest.param("Caffe\u0300", "Caff\u00e8", id="composed"),
        pytest.param("a\x00b\x07", "ab", id="NUL and bell"),
        pytest.param("a\u200bb\ufeff", "ab", id="zero width"),
        pytest.param("a\u200db", "ab", id="a joiner between Latin letters"),
        pytest.param("👩\u200d🍳", "👩\u200d🍳", id="a joiner in an emoji"),
        pytest.param("a\r\nb\u2028c\td", "a b c d", id="lines and tabs"),
    ],
)
def test_what_is_stored_is_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_lines_are_kept_when_asked() -> None:
    assert clean("a\r\nb\u2029c\td", lines=True) == "a\nb\nc\td"


def test_a_lone_surrogate_is_refused_with_its_field() -> None:
    with pytest.raises(Invalid) as refused:
        clean("a\ud800", field="title")
    assert refused.value.reasons[0].field == "title"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text, lines=True)
    assert clean(once, lines=True) == once


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_folding_ignores_case(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def test_folding_ignores_width_and_spacing() -> None:
    assert folded("ＳＴＲＡＳＳＥ  1\u200b") == folded("straße 1")


def test_random_names_have_their_shapes() -> None:
    token = new_token("tlp_")
    assert token.startswith("tlp_")
    assert len(token) == 47
    assert token != new_token("tlp_")
    assert len(hash_token(token)) == 64
    assert len(hash_token("\ud800")) == 64
    assert len(new_public_id()) == 16
    assert set(new_public_id()) <= set("abcdefghijklmnopqrstuvwxyz234567")
    assert len(new_reference()) == 8
    assert not any(set(new_reference()) & set("0O1IL") for _ in range(200))


def test_the_clock_is_whole_seconds_of_utc_and_can_be_stopped() -> None:
    assert clock.now().tzinfo is UTC
    assert clock.now().microsecond == 0
    at = datetime(2026, 5, 2, 12, tzinfo=UTC)
    with clock.frozen(at):
        assert clock.now() == at
    assert clock.now() != at


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(90, "90 minuti"), (120, "2 ore"), (150, "2 ore 30 minuti"), (8370, "139 ore 30 minuti")],
)
def test_a_length_is_said_in_units_that_people_count_in(minutes: int, words: str) -> None:
    assert duration_words(timedelta(minutes=minutes), "it") == words
