"""What a guest writes."""

from __future__ import annotations

from wtforms import EmailField

from tierslieu.bookings.member.forms import BookForm
from tierslieu.kernel.messages import msg
from tierslieu.web.forms import CleanText, Form, lazy, required

_EMAIL = {"autocomplete": "email", "maxlength": 254}


class GuestBookForm(BookForm):
    """A booking without an account."""

    guest_name = CleanText(
        lazy("Name and surname"),
        longest=120,
        validators=[required(msg("Please write a name."))],
        render_kw={"autocomplete": "name", "maxlength": 120},
    )
    email = EmailField(
        lazy("E-mail"),
        description=lazy("A link is mailed there: it confirms, changes and cancels the booking."),
        validators=[required(msg("This is not an e-mail address."))],
        render_kw=_EMAIL,
    )


class AgainForm(Form):
    """The address with which one booked."""

    email = EmailField(
        lazy("E-mail"),
        validators=[required(msg("This is not an e-mail address."))],
        render_kw=_EMAIL,
    )
