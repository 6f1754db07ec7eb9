"""Forms of the waiting list."""

from __future__ import annotations

from wtforms import HiddenField, IntegerField

from tierslieu.web.forms import CleanText, Form, lazy, required


class OrderForm(Form):
    """Another place in line, and why."""

    place = IntegerField(lazy("New place"), validators=[required()], render_kw={"min": 1})
    reason = CleanText(
        lazy("Why"),
        longest=500,
        description=lazy("It stays written, and who waits may ask to read it."),
        validators=[required()],
    )
    entry = HiddenField()
