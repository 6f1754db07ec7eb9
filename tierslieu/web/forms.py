"""Forms: what a browser sends as typed values, with errors kept beside their fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, IntegerField, StringField, TextAreaField
from wtforms.validators import ValidationError

from tierslieu.config import LANGUAGES
from tierslieu.kernel.errors import Reason, Refusal
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.texts import Texts, clean
from tierslieu.web.requests import current_locale


class Lazy:
    """A label that is translated when it is drawn."""

    def __init__(self, message: Message) -> None:
        self.message = message

    def __str__(self) -> str:
        return say(self.message, current_locale())

    def __html__(self) -> str:
        from markupsafe import escape

        return str(escape(str(self)))

    def __bool__(self) -> bool:
        return bool(self.message.msgid)


def lazy(msgid: str, /, **params: object) -> Any:
    """Mark an English label for translation (pybabel keyword ``lazy``)."""
    return Lazy(msg(msgid, **params))


class _Sentences:
    """What WTForms says by itself, in our words and through our translators."""

    known: Mapping[str, Message] = {
        "This field is required.": msg("Please fill this in."),
        "Not a valid choice.": msg("Please choose one of those shown."),
        "Invalid Choice: could not coerce.": msg("Please choose one of those shown."),
        "Invalid choice(s): one or more data inputs could not be coerced.": msg(
            "Please choose among those shown."
        ),
        "Not a valid date value.": msg("This is no date: write it like 2026-11-28."),
        "Not a valid time value.": msg("This is no time: write it like 18:00."),
        "Not a valid datetime value.": msg("This is no day and time."),
        "Not a valid integer value.": msg("This is no whole number."),
        "Not a valid decimal value.": msg("This is no number."),
        "Not a valid float value.": msg("This is no number."),
        "Number must be at least %(min)s.": msg("At least %(min)s, please."),
        "Number must be at most %(max)s.": msg("At most %(max)s, please."),
        "Number must be between %(min)s and %(max)s.": msg("From %(min)s to %(max)s, please."),
    }

    def gettext(self, text: str) -> str:
        found = self.known.get(text)
        return text if found is None else say(found, current_locale())

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.gettext(singular if n == 1 else plural)


class Form(FlaskForm):
    """A form that can show a refusal: reasons on their fields, the others above.

    ``reasons`` are all reasons of the last refusal, with their nearest choices.
    """

    reasons: tuple[Reason, ...] = ()

    class Meta(FlaskForm.Meta):
        def get_translations(self, _form: Any) -> _Sentences:
            return _Sentences()

    def refuse(self, refusal: Refusal, names: Mapping[str, str] | None = None) -> None:
        """Put a refusal's reasons where they belong; ``names`` maps a reason's field to ours."""
        self.reasons = refusal.reasons
        for reason in refusal.reasons:
            name = (names or {}).get(reason.field or "", reason.field)
            sentence = say(reason.message, current_locale())
            field = self._fields.get(name) if name else None
            if field is None:
                self.form_errors.append(sentence)
            else:
                field.errors = [*field.errors, sentence]

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        self.form_errors: list[str] = []
        return bool(super().validate(extra_validators))


class CleanText(StringField):
    """One line of text as it may be stored: cleaned; too long is an error."""

    def __init__(self, label: Any = None, *, longest: int = 200, **kwargs: Any) -> None:
        self.longest = longest
        super().__init__(label, **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = _cleaned(valuelist[0], self.longest, lines=False) if valuelist else ""


class CleanLines(TextAreaField):
    """Several lines of text, cleaned."""

    def __init__(self, label: Any = None, *, longest: int = 5000, **kwargs: Any) -> None:
        self.longest = longest
        super().__init__(label, **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = _cleaned(valuelist[0], self.longest, lines=True) if valuelist else ""


class OptionalInteger(IntegerField):
    """A whole number that may be left empty."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist and not str(valuelist[0]).strip():
            self.data = None
            return
        super().process_formdata(valuelist)


def _cleaned(text: str, longest: int, *, lines: bool) -> str:
    try:
        cleaned = clean(str(text), lines=lines)
    except Refusal as refusal:
        raise ValueError(say(refusal.reasons[0].message, current_locale())) from refusal
    if len(cleaned) > longest:
        raise ValueError(say(msg("At most %(n)s characters.", n=longest), current_locale()))
    return cleaned


def required(message: Message | None = None) -> Any:
    """A validator: something must be written."""

    def check(_form: Any, field: Field) -> None:
        if field.data is None or field.data == "" or field.data == []:
            text = message or msg("Please fill this in.")
            raise ValidationError(say(text, current_locale()))

    check.field_flags = {"required": True}  # type: ignore[attr-defined]
    return check


def texts_fields(
    name: str, label: Any, *, lines: bool = False, longest: int = 5000, rows: int = 0
) -> dict[str, Any]:
    """Fields of one text in every language, named ``<name>_<lang>``; add them to a class body.

    ``rows``: how high a field of several lines is.
    """
    kind = CleanLines if lines else CleanText
    look = {"rows": rows} if rows else None
    return {f"{name}_{lang}": kind(label, longest=longest, render_kw=look) for lang in LANGUAGES}


def texts_of(form: Form, name: str) -> Texts:
    """The texts written in a form's fields ``<name>_<lang>``."""
    return Texts({lang: form._fields[f"{name}_{lang}"].data or "" for lang in LANGUAGES})


def fill_texts(form: Form, name: str, texts: Texts | None) -> None:
    """Put texts in a form's fields ``<name>_<lang>``."""
    for lang in LANGUAGES:
        form._fields[f"{name}_{lang}"].data = (texts or Texts()).get(lang, "")


def texts_rows(form: Form, name: str) -> Iterable[tuple[str, Field]]:
    """(language, field) rows for the macro ``texts_field``."""
    return [(lang, form._fields[f"{name}_{lang}"]) for lang in LANGUAGES]
