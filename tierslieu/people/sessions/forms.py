"""The form to sign in with."""

from __future__ import annotations

from wtforms import EmailField, HiddenField, PasswordField

from tierslieu.web.forms import Form, lazy, required


class SignInForm(Form):
    """Address and password; ``next`` is where to go back to."""

    email = EmailField(
        lazy("E-mail"),
        validators=[required()],
        render_kw={"autocomplete": "username", "maxlength": 254},
    )
    password = PasswordField(
        lazy("Password"),
        validators=[required()],
        render_kw={"autocomplete": "current-password", "maxlength": 200},
    )
    next = HiddenField()
