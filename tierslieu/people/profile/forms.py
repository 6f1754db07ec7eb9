"""The form about oneself."""

from __future__ import annotations

from wtforms import HiddenField, SelectChoice, SelectField, TelField

from tierslieu.web.forms import CleanText, Form, lazy, required

#: Each language in its own words, which no translation changes.
LANGUAGE_NAMES = [
    SelectChoice("it", "italiano"),
    SelectChoice("fr", "français"),
    SelectChoice("en", "English"),
]


class ProfileForm(Form):
    """Name, telephone and language."""

    name = CleanText(
        lazy("Name and surname"),
        longest=120,
        validators=[required()],
        render_kw={"autocomplete": "name", "maxlength": 120},
    )
    phone = TelField(
        lazy("Telephone"),
        description=lazy("Only the venues you use see it."),
        render_kw={"autocomplete": "tel", "maxlength": 32},
    )
    locale = SelectField(
        lazy("Language"),
        description=lazy("Of your pages and of the mails you get."),
        choices=LANGUAGE_NAMES,
    )
    version = HiddenField()
