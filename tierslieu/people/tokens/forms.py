"""The form to make a token."""

from __future__ import annotations

from wtforms import SelectChoice, SelectField, SelectMultipleField

from tierslieu.web.forms import CleanText, Form, lazy, required

#: What most programmes need; finer scopes are names of permissions, by the API.
SCOPES = [
    SelectChoice("venues:read", lazy("Read venues")),
    SelectChoice("rooms:read", lazy("Read rooms")),
    SelectChoice("busy:read", lazy("Read when rooms are busy")),
    SelectChoice("bookings:read", lazy("Read your bookings")),
    SelectChoice("bookings:write", lazy("Book, change and cancel for you")),
    SelectChoice("people:read", lazy("Read your name and address")),
    SelectChoice("tokens:write", lazy("Make and stop tokens")),
]


class TokenForm(Form):
    """What it is for, what it may do, how long."""

    name = CleanText(
        lazy("What is it for?"), longest=100, validators=[required()], render_kw={"maxlength": 100}
    )
    scopes = SelectMultipleField(
        lazy("What it may do"),
        choices=SCOPES,
        default=["venues:read", "rooms:read", "busy:read", "bookings:read"],
        validators=[required()],
    )
    days = SelectField(
        lazy("How long"),
        choices=[
            SelectChoice("30", lazy("30 days")),
            SelectChoice("90", lazy("90 days")),
            SelectChoice("365", lazy("A year")),
        ],
        default="365",
    )
