"""Forms of getting ready: lists, ticking, keys."""

from __future__ import annotations

from collections.abc import Iterable

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, IntegerField, SelectField
from wtforms.validators import NumberRange, Optional

from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.venues.models import Room
from tierslieu.web.forms import CleanLines, CleanText, Form, lazy, required
from tierslieu.web.requests import current_locale


def rooms_choices(rooms: Iterable[Room]) -> list[tuple[str, str]]:
    """Every room, or one of them."""
    every = say(msg("Every room"), current_locale())
    return [("", every), *((room.public_id, room.name) for room in rooms)]


class ListForm(Form):
    """What is to be done before or after each booking."""

    title = CleanText(lazy("Name"), longest=120, validators=[required(msg("Give it a name."))])
    moment = SelectField(lazy("When"), default="before")
    room = SelectField(lazy("Room"), default="")
    points = CleanLines(
        lazy("Points to tick"),
        longest=4000,
        description=lazy("One a line: chairs in rows, heating on, keys on the hook."),
        render_kw={"rows": 6},
    )
    inspection = BooleanField(
        lazy("A walk round, with notes and photos"),
        description=lazy("How the room was found, and how it was left."),
    )
    public_id = HiddenField()

    def prepare(self, rooms: Iterable[Room]) -> None:
        """Fill the choices."""
        locale = current_locale()
        self.moment.choices = [
            ("before", say(msg("before the booking, to get ready"), locale)),
            ("after", say(msg("after the booking, to tidy up"), locale)),
        ]
        self.room.choices = rooms_choices(rooms)


class TickForm(Form):
    """How far a chore is."""

    note = CleanLines(lazy("Note"), longest=2000, render_kw={"rows": 3})


class PhotoForm(Form):
    """One photo of a walk round."""

    photo = FileField(lazy("Photo"))
    shows = CleanText(lazy("What it shows"), longest=300)


class AssignForm(Form):
    """Who does it."""

    person = SelectField(lazy("Who does it"), default="")
    other = CleanText(
        lazy("Or somebody else, by e-mail"),
        longest=254,
        render_kw={"autocomplete": "off", "inputmode": "email"},
    )

    def prepare(self, helpers: Iterable[tuple[str, str]]) -> None:
        """Fill the choices."""
        nobody = say(msg("nobody yet"), current_locale())
        self.person.choices = [("", nobody), *helpers]


class KeyForm(Form):
    """A key or a code."""

    label = CleanText(lazy("Name"), longest=80, validators=[required(msg("Give it a name."))])
    kind = SelectField(lazy("What it is"), default="key")
    room = SelectField(lazy("Room"), default="")
    code = CleanText(
        lazy("The code"),
        longest=40,
        description=lazy("Whoever booked reads it on the booking's page, from some hours before."),
        render_kw={"autocomplete": "off"},
    )
    hours = IntegerField(
        lazy("Hours before"), default=24, validators=[Optional(), NumberRange(0, 336)]
    )

    def prepare(self, rooms: Iterable[Room]) -> None:
        """Fill the choices."""
        locale = current_locale()
        self.kind.choices = [
            ("key", say(msg("a key that is handed over"), locale)),
            ("code", say(msg("a code that opens the door"), locale)),
        ]
        self.room.choices = rooms_choices(rooms)


class GiveForm(Form):
    """Into whose hands a key goes."""

    reference = CleanText(lazy("Reference of the booking"), longest=40)
    holder = CleanText(lazy("Or a name"), longest=120, render_kw={"autocomplete": "off"})
