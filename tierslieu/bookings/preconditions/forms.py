"""What a manager asks for, and what the desk notes."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, DateField, HiddenField, SelectField, SelectMultipleField
from wtforms.validators import Optional

from tierslieu.bookings.preconditions.words import KIND_WORDS
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.web.forms import CleanText, Form, lazy, texts_fields
from tierslieu.web.requests import current_locale


class NeedForm(Form):
    """A precondition."""

    kind = SelectField(lazy("What is needed"))
    locals().update(texts_fields("label", lazy("What it is called"), longest=200))
    locals().update(texts_fields("how", lazy("How one comes by it"), longest=500))
    rooms = SelectMultipleField(
        lazy("For these rooms"), description=lazy("None ticked: for all of them.")
    )
    may_declare = BooleanField(
        lazy("Whoever books may declare it"),
        description=lazy("Only for being of age: a press on her own page is enough."),
    )
    version = HiddenField()

    def prepare(self, rooms: list[tuple[str, str]]) -> None:
        """Fill the choices."""
        locale = current_locale()
        self.kind.choices = [(key, say(words[0], locale)) for key, words in KIND_WORDS.items()]
        self.rooms.choices = rooms


class GrantForm(Form):
    """What somebody has, or owes."""

    need = SelectField(lazy("What"))
    whose = SelectField(lazy("Whose"), default="")
    from_on = DateField(lazy("First day"), validators=[Optional()])
    until_on = DateField(lazy("Last day"), validators=[Optional()])
    note = CleanText(
        lazy("Note"),
        longest=500,
        description=lazy("For a debt: how much, and for what. She reads it in her own data."),
    )

    def prepare(self, needs: list[Any], bodies: list[tuple[str, str]]) -> None:
        """Fill the choices."""
        locale = current_locale()
        self.need.choices = [(each.public_id, say(_named(each), locale)) for each in needs]
        self.whose.choices = [("", say(msg("her own"), locale)), *bodies]


def _named(need: Any) -> Any:
    if need.kind == "no_debt":
        return msg("Owes something: %(label)s", label=need.label)
    return msg("%(label)s", label=need.label)
