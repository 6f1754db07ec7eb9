"""Forms of the desk: as few fields as a queue allows."""

from __future__ import annotations

from wtforms import EmailField, HiddenField, TelField

from tierslieu.web.forms import CleanText, Form, lazy, required


class PersonForm(Form):
    """Somebody at the desk; only the name is needed."""

    name = CleanText(
        lazy("Name and surname"),
        longest=120,
        validators=[required()],
        render_kw={"autocomplete": "off", "maxlength": 120},
    )
    phone = TelField(lazy("Telephone"), render_kw={"autocomplete": "off", "maxlength": 32})
    email = EmailField(lazy("E-mail"), render_kw={"autocomplete": "off", "maxlength": 254})
    version = HiddenField()
