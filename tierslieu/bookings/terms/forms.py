"""What a manager writes: terms in three languages, and from when they count."""

from __future__ import annotations

from wtforms import DateField, HiddenField

from tierslieu.bookings.terms.services import LONGEST
from tierslieu.kernel.messages import msg
from tierslieu.web.forms import Form, lazy, required, texts_fields


class TermsForm(Form):
    """A draft."""

    locals().update(texts_fields("title", lazy("Title"), longest=200))
    locals().update(texts_fields("text", lazy("Text"), lines=True, longest=LONGEST, rows=10))
    version = HiddenField()


class PublishForm(Form):
    """From when it is asked for."""

    valid_from = DateField(lazy("First day"), validators=[required(msg("Choose a day."))])
