"""The form of a purpose: its name in each language, and whether it is open to everybody."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField

from tierslieu.bookings.purposes.models import PurposeRow
from tierslieu.web.forms import Form, fill_texts, lazy, texts_fields


class PurposeForm(Form):
    """One use of rooms."""

    vars().update(texts_fields("label", lazy("What it is called"), longest=80))
    public = BooleanField(lazy("Open to everybody, not a private use"))
    retired = BooleanField(lazy("Not offered any more"))
    key = HiddenField()

    def show(self, row: PurposeRow) -> None:
        """Put in what is known of a use."""
        fill_texts(self, "label", row.label)
        self.public.data, self.retired.data, self.key.data = row.public, not row.active, row.key
