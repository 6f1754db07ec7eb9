"""The form with which a record is forgiven."""

from __future__ import annotations

from tierslieu.kernel.messages import msg
from tierslieu.web.forms import CleanText, Form, lazy, required


class ForgiveForm(Form):
    """Why it does not count."""

    reason = CleanText(
        lazy("Why it does not count"),
        longest=500,
        validators=[required(msg("Say why, in a few words."))],
    )
