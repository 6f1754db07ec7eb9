"""One form for every plugin's settings, made of what its manifest declares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import BooleanField, Field, PasswordField, SelectField

from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import Message, msg
from tierslieu.plugins.settings.queries import Shown
from tierslieu.plugins.settings.rules import LONGEST, Found, written
from tierslieu.setting import Setting
from tierslieu.web.forms import CleanLines, CleanText, Form, Lazy, lazy
from tierslieu.web.requests import current_locale

_VALUE, _FORGET = "s_", "forget_"

_SOURCES = {
    "network": msg("Empty: %(value)s, as the network says."),
    "venue": msg("Empty: %(value)s, as the venue says."),
    "default": msg("Empty: %(value)s, as it comes."),
}
#: The same, as the first of several choices.
_EMPTY = {
    "network": msg("As the network: %(value)s"),
    "venue": msg("As the venue: %(value)s"),
    "default": msg("As it comes: %(value)s"),
}


@dataclass(frozen=True)
class Row:
    """One setting as the page draws it; ``forget`` is the tick that removes a secret."""

    field: Field
    forget: Field | None
    effect: Message
    source: Message


def form_of(shown: Sequence[Shown], domain: str, *, typed: bool = True) -> Form:
    """The form as things are; ``typed``: with what somebody has sent."""
    made: dict[str, Any] = {}
    for each in shown:
        made[_VALUE + each.setting.name] = _field(each, domain)
        if each.setting.secret and each.is_said:
            made[_FORGET + each.setting.name] = BooleanField(lazy("Forget what is set here"))
    form: Form = type("SettingsForm", (Form,), made)(**({} if typed else {"formdata": None}))
    if not form.is_submitted() or not typed:
        for each in shown:
            if not each.setting.secret:
                form._fields[_VALUE + each.setting.name].data = written(each.setting, each.said)
    return form


def _field(each: Shown, domain: str) -> Any:
    setting, label = each.setting, Lazy(_said(each.setting.label, domain))
    if setting.secret:
        return PasswordField(label, render_kw={"autocomplete": "off"})
    if setting.kind in ("choice", "boolean"):
        empty = Lazy(_with_value(_EMPTY[each.around.source], setting, each.around, domain))
        # Whether it is one of them is said by the rules, for every door alike.
        choices = [("", empty), *_choices(setting, domain)]
        return SelectField(label, choices=choices, validate_choice=False)
    if setting.kind == "integer":
        return CleanText(label, longest=20, render_kw={"inputmode": "numeric"})
    kind = CleanLines if setting.kind == "lines" else CleanText
    return kind(label, longest=setting.most or LONGEST)


def _choices(setting: Setting, domain: str) -> list[tuple[str, Lazy]]:
    if setting.kind == "boolean":
        return [("yes", lazy("Yes")), ("no", lazy("No"))]
    return [(key, Lazy(_said(label, domain))) for key, label in setting.choices]


def texts_of(form: Form, shown: Sequence[Shown]) -> dict[str, str | None]:
    """What was typed of each setting; None: nothing is to be said here."""
    found: dict[str, str | None] = {}
    for each in shown:
        name = each.setting.name
        text = str(form._fields[_VALUE + name].data or "").strip()
        forget = form._fields.get(_FORGET + name)
        if each.setting.secret and not text and not (forget and forget.data):
            continue
        found[name] = text or None
    return found


def refuse(form: Form, shown: Sequence[Shown], refusal: Refusal) -> None:
    """Put a refusal's reasons on their settings."""
    form.refuse(refusal, {each.setting.name: _VALUE + each.setting.name for each in shown})


def rows_of(form: Form, shown: Sequence[Shown], domain: str) -> list[Row]:
    """The settings as the page draws them."""
    return [
        Row(
            form._fields[_VALUE + each.setting.name],
            form._fields.get(_FORGET + each.setting.name),
            _said(each.setting.help, domain),
            _source(each, domain),
        )
        for each in shown
    ]


def _source(each: Shown, domain: str) -> Message:
    if each.setting.secret and each.is_said:
        return msg("Something is set here and is not shown. Empty: it stays.")
    return _with_value(_SOURCES[each.around.source], each.setting, each.around, domain)


def _with_value(sentence: Message, setting: Setting, found: Found, domain: str) -> Message:
    value = value_words(setting, found.value, domain)
    return Message(sentence.domain, sentence.msgid, {"value": value})


def value_words(setting: Setting, value: Any, domain: str) -> str:
    """A value in the reader's words."""
    label: Message | str = str(value)
    if value is None or value == "":
        label = msg("nothing")
    elif setting.kind == "boolean":
        label = msg("yes") if value else msg("no")
    elif setting.kind == "choice":
        label = _said(dict(setting.choices)[value], domain)
    return say(label, current_locale()) if isinstance(label, Message) else label


def _said(text: Message | str, domain: str) -> Message:
    return text if isinstance(text, Message) else Message(domain, text)
