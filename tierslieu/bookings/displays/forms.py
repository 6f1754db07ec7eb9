"""Forms of displays and of doors."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import SelectField

from tierslieu.config import LANGUAGES
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.venues.models import Room
from tierslieu.web.forms import CleanText, Form, lazy, required
from tierslieu.web.requests import current_locale

LOOKS = (
    ("ink", msg("A screen like paper: pure black and white, looks again every three minutes")),
    ("tablet", msg("A tablet: with colour and buttons to press, looks again every minute")),
    ("paper", msg("A code on paper, to be printed and hung beside the door")),
)
_NAMES = {"it": "italiano", "fr": "français", "en": "English"}


class DisplayForm(Form):
    """A new display."""

    room = SelectField(lazy("For which door"), default="")
    look = SelectField(lazy("What it is"), default="ink")
    name = CleanText(
        lazy("Where it hangs"), longest=80, description=lazy("So that you know which is which.")
    )
    locale = SelectField(lazy("Its language"), default="")

    def prepare(self, rooms: Iterable[Room]) -> None:
        """Fill the choices."""
        locale = current_locale()
        hall = say(msg("The hall: all rooms"), locale)
        self.room.choices = [("", hall), *((room.public_id, room.name) for room in rooms)]
        self.look.choices = [(key, say(words, locale)) for key, words in LOOKS]
        usual = say(msg("as the network speaks"), locale)
        self.locale.choices = [("", usual), *((code, _NAMES[code]) for code in LANGUAGES)]


class ReferenceForm(Form):
    """The eight characters of a booking, spoken, typed or scanned."""

    reference = CleanText(
        lazy("Reference"),
        longest=400,
        validators=[required(msg("Write the eight characters of the booking."))],
        description=lazy("Eight characters, as in the mail; or scan the code of the booking."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
