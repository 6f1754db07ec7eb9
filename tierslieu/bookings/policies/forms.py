"""The form of a policy: a choice for each rule, and a number where the choice needs one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms import HiddenField, SelectField, SelectMultipleField

from tierslieu.bookings.houserules.words import listed
from tierslieu.bookings.policies.fields import SETTINGS
from tierslieu.bookings.policies.setting import Setting
from tierslieu.bookings.rules import NONE, EffectivePolicy, Notice, PolicyValues
from tierslieu.bookings.rules.uses import NO_PURPOSES, Purposes
from tierslieu.bookings.rules.windows import month_day
from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.languages import month_words, say
from tierslieu.kernel.messages import Message, msg
from tierslieu.web.forms import CleanText, Form, OptionalInteger, lazy
from tierslieu.web.requests import current_locale

_SET = "set"


def _fields() -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, setting in SETTINGS.items():
        label = lazy(setting.title.msgid)
        description = lazy(setting.sentence.msgid)
        made[name] = SelectField(label, description=description, default="")
        if setting.kind in ("number", "notice"):
            made[f"{name}_n"] = OptionalInteger(label, render_kw={"min": 0, "inputmode": "numeric"})
        if setting.kind == "notice":
            made[f"{name}_unit"] = SelectField(label, default="h")
        if setting.kind == "list":
            made[f"{name}_l"] = SelectMultipleField(label)
        if setting.kind == "yearday":
            made[f"{name}_m"] = SelectField(lazy("of"), default="9")
            made[f"{name}_n"] = OptionalInteger(label, render_kw={"min": 1, "max": 28})
    return made


class _Base(Form):
    """What every form of rules carries."""

    version = HiddenField()
    audience = HiddenField()
    room = HiddenField()

    def prepare(self, below: EffectivePolicy, purposes: Purposes = NO_PURPOSES) -> None:
        """Fill the choices; "not said here" says what counts then."""
        values = {each.key: each.value for each in listed(below, purposes)}
        for name, setting in SETTINGS.items():
            self[name].choices = _choices(setting, values.get(name))
            if setting.kind == "notice":
                self[f"{name}_unit"].choices = [
                    ("h", _say(msg("hours"))), ("d", _say(msg("days")))
                ]  # fmt: skip
            elif setting.kind == "list":
                self[f"{name}_l"].choices = _options(setting, purposes)
            elif setting.kind == "yearday":
                self[f"{name}_m"].choices = month_choices()

    def show(self, own: PolicyValues) -> None:
        """Put in what is said."""
        for name, setting in SETTINGS.items():
            self._show(setting, getattr(own, name))

    def _show(self, setting: Setting, value: Any) -> None:
        field = self[setting.name]
        if value is None:
            field.data = ""
        elif setting.kind == "flag":
            field.data = "yes" if value else "no"
        elif setting.kind == "choice" or value == NONE:
            field.data = str(value)
        else:
            field.data = _SET
            if setting.kind == "list":
                self[f"{setting.name}_l"].data = [str(each) for each in value]
                return
            if setting.kind == "yearday":
                month, day = month_day(value)
                self[f"{setting.name}_m"].data, self[f"{setting.name}_n"].data = str(month), day
                return
            notice = value if isinstance(value, Notice) else None
            self[f"{setting.name}_n"].data = notice.amount if notice else value
            if notice:
                self[f"{setting.name}_unit"].data = notice.unit[0]

    def rules(self) -> dict[str, Any]:
        """What is said, as it is stored; raises Invalid for a number that is missing."""
        found = {name: self._rule(setting) for name, setting in SETTINGS.items()}
        return {name: value for name, value in found.items() if value is not None}

    def _rule(self, setting: Setting) -> Any:
        chosen = self[setting.name].data or ""
        if setting.kind == "flag":
            return {"yes": True, "no": False}.get(chosen)
        if setting.kind == "choice" or chosen != _SET:
            return chosen or None
        if setting.kind == "list":
            ticked = self[f"{setting.name}_l"].data or []
            return [int(each) if each.isdigit() else each for each in ticked]
        amount = self[f"{setting.name}_n"].data
        if amount is None:
            raise Invalid("missing", msg("Write a number, or choose something else."), setting.name)
        if setting.kind == "yearday":
            return f"{int(self[f'{setting.name}_m'].data):02d}-{amount:02d}"
        if setting.kind == "notice":
            return f"{amount}{self[f'{setting.name}_unit'].data}"
        return amount


def _options(setting: Setting, purposes: Purposes) -> list[tuple[str, str]]:
    if setting.options:
        return [(key, _say(words)) for key, words in setting.options]
    return [(each.key, _say(msg("%(purpose)s", purpose=each.label))) for each in purposes.values()]


def month_choices() -> list[tuple[str, str]]:
    """The months of a year by name."""
    locale = current_locale()
    words = (month_words(date(2026, n, 1), locale).rsplit(" ", 1)[0] for n in range(1, 13))
    return [(str(n), word) for n, word in enumerate(words, start=1)]


def _choices(setting: Setting, below: Message | str | None) -> list[tuple[str, str]]:
    unsaid = msg("Not said here: %(value)s", value=below) if below else msg("Not said here")
    found = [("", _say(unsaid))]
    if setting.kind == "flag":
        return [*found, ("yes", _say(msg("yes"))), ("no", _say(msg("no")))]
    if setting.kind == "choice":
        return [*found, *((key, _say(words)) for key, words in setting.options)]
    found.append((_SET, _say(msg("As written beside"))))
    if setting.unlimited:
        found.append((NONE, _say(msg("No limit"))))
    return found


def _say(message: Message) -> str:
    return say(message, current_locale())


PolicyForm: Any = type("PolicyForm", (_Base,), _fields())


class TariffForm(Form):
    """What an hour of a room costs; empty = free of charge."""

    hour = CleanText(lazy("An hour costs"), longest=12, render_kw={"inputmode": "decimal"},
                     description=lazy("Empty: free of charge."))  # fmt: skip
    member_hour = CleanText(lazy("For members"), longest=12, render_kw={"inputmode": "decimal"},
                            description=lazy("Empty: the same for everybody."))  # fmt: skip
    version = HiddenField()
    room = HiddenField()


_AMOUNT = re.compile(r"(\d{1,7})(?:[.,](\d{1,2}))?")


def cents_of(written: str, field: str) -> int | None:
    """“12,50” or “12.5” in minor units, None when nothing is written; raises Invalid."""
    text = written.replace("€", "").strip()
    if not text:
        return None
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise Invalid("bad_price", msg("Write an amount like 12 or 12,50."), field)
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))


def amount_of(cents: int | None) -> str:
    """Minor units as they are written in the form."""
    if cents is None:
        return ""
    whole, rest = divmod(cents, 100)
    return f"{whole},{rest:02d}" if rest else str(whole)


def said_values(form: Any) -> Mapping[str, object]:
    """The rules a form says, checked; raises Invalid with the field."""
    rules: dict[str, object] = form.rules()
    PolicyValues.from_json(rules)
    return rules
