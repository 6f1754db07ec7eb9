"""Forms of the network."""

from __future__ import annotations

from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from tierslieu.venues.forms import VersionedForm, options
from tierslieu.venues.models import Network
from tierslieu.venues.words import ACCENTS
from tierslieu.web.forms import CleanText, Form, fill_texts, lazy, required, texts_fields

_PLAIN = (
    "name",
    "place",
    "zone",
    "locale",
    "currency",
    "accent",
    "holiday_country",
    "holiday_subdivision",
)
_LANGUAGES = {"it": "italiano", "fr": "français", "en": "English"}


class NetworkForm(VersionedForm):
    """The network's settings."""

    name = CleanText(lazy("Name of the network"), validators=[required()])
    place = CleanText(lazy("Town"))
    locale = SelectField(lazy("Language when nobody chose one"), choices=options(_LANGUAGES))
    accent = SelectField(lazy("Colour"), choices=options(ACCENTS))
    zone = CleanText(lazy("Time zone"), validators=[required()], longest=64)
    currency = CleanText(lazy("Currency"), validators=[required()], longest=3)
    holiday_country = CleanText(lazy("Public holidays of the country"), longest=2)
    holiday_subdivision = CleanText(lazy("and of its province or region"), longest=8)
    vars().update(texts_fields("banner", lazy("Announcement on every page"), longest=300))
    vars().update(texts_fields("help_text", lazy("Whom to ask for help"), longest=500))

    @classmethod
    def of(cls, network: Network) -> NetworkForm:
        """The form as the network is now."""
        form = cls(formdata=None)
        for name in _PLAIN:
            form._fields[name].data = getattr(network, name)
        fill_texts(form, "banner", network.banner)
        fill_texts(form, "help_text", network.help_text)
        form.version.data = str(network.version)
        return form

    def plain(self) -> dict[str, str]:
        """What was typed, but for the texts."""
        return {name: self._fields[name].data or "" for name in _PLAIN}


class KindForm(Form):
    """A kind of venue."""

    key = CleanText(lazy("Short key"), validators=[required()], longest=32)
    vars().update(texts_fields("label", lazy("What it is called"), longest=60))


class HolidayForm(Form):
    """A yearly holiday of the place."""

    day = IntegerField(lazy("Day"), validators=[InputRequired(), NumberRange(1, 31)])
    month = IntegerField(lazy("Month"), validators=[InputRequired(), NumberRange(1, 12)])
    vars().update(texts_fields("name", lazy("What is celebrated"), longest=80))
