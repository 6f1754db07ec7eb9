"""Forms about organisations."""

from __future__ import annotations

from wtforms import EmailField, HiddenField, SelectChoice, SelectField, TelField

from tierslieu.people.organisations.rules import KINDS
from tierslieu.web.forms import CleanLines, CleanText, Form, Lazy, lazy, required


class OrganisationForm(Form):
    """The facts of an organisation."""

    name = CleanText(
        lazy("Name of the organisation"),
        longest=120,
        validators=[required()],
        render_kw={"maxlength": 120},
    )
    kind = SelectField(
        lazy("Kind"), choices=[SelectChoice(key, Lazy(words)) for key, words in KINDS.items()]
    )
    tax_code = CleanText(lazy("Tax code"), longest=64)
    email = EmailField(lazy("E-mail of the organisation"))
    phone = TelField(lazy("Telephone of the organisation"))
    version = HiddenField()


class ProposeForm(OrganisationForm):
    """Proposing an organisation, with one's own function in it."""

    function = CleanText(lazy("Your function there"), longest=100)


class InviteForm(Form):
    """Inviting somebody with an account."""

    email = EmailField(lazy("E-mail"), validators=[required()])
    function = CleanText(lazy("Function"), longest=100)


class AnswerForm(Form):
    """Answering a proposal."""

    reason = CleanLines(lazy("Reason, if you turn it down"), longest=1000)
