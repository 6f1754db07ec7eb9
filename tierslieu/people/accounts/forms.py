"""Forms about an account. Passwords are taken as typed, never cleaned or trimmed."""

from __future__ import annotations

from wtforms import EmailField, PasswordField

from tierslieu.web.forms import CleanText, Form, lazy, required

_NEW = {"autocomplete": "new-password", "minlength": 10, "maxlength": 200}
_KNOWN = {"autocomplete": "current-password", "maxlength": 200}
_EMAIL = {"autocomplete": "email", "maxlength": 254}


class RegisterForm(Form):
    """Opening an account."""

    name = CleanText(
        lazy("Name and surname"),
        longest=120,
        validators=[required()],
        render_kw={"autocomplete": "name", "maxlength": 120},
    )
    email = EmailField(lazy("E-mail"), validators=[required()], render_kw=_EMAIL)
    password = PasswordField(
        lazy("Password"),
        description=lazy("At least 10 characters. A few words in a row are easy to remember."),
        validators=[required()],
        render_kw=_NEW,
    )
    again = PasswordField(lazy("The same password again"), validators=[required()], render_kw=_NEW)


class AskResetForm(Form):
    """Asking for a link to choose a new password."""

    email = EmailField(lazy("E-mail"), validators=[required()], render_kw=_EMAIL)


class ResetForm(Form):
    """Choosing a new password by a mailed link."""

    password = PasswordField(
        lazy("New password"),
        description=lazy("At least 10 characters. A few words in a row are easy to remember."),
        validators=[required()],
        render_kw=_NEW,
    )
    again = PasswordField(lazy("The same password again"), validators=[required()], render_kw=_NEW)


class PasswordForm(ResetForm):
    """Changing one's own password."""

    current = PasswordField(lazy("Present password"), validators=[required()], render_kw=_KNOWN)


class EmailForm(Form):
    """Asking to sign in with another address."""

    email = EmailField(lazy("New address"), validators=[required()], render_kw=_EMAIL)
    password = PasswordField(lazy("Password"), validators=[required()], render_kw=_KNOWN)


class SureForm(Form):
    """Nothing but the token: a press that confirms."""


class PressWithPasswordForm(Form):
    """A press that cannot be undone, with the password."""

    password = PasswordField(lazy("Password"), validators=[required()], render_kw=_KNOWN)
