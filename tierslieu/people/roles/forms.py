"""Forms to give a role."""

from __future__ import annotations

from wtforms import DateField, SelectChoice, SelectField
from wtforms.validators import Optional

from tierslieu.web.forms import Form, lazy


class GrantForm(Form):
    """A role in the network or at a venue, with its days. Choices are set by the page."""

    role = SelectField(
        lazy("Role"),
        choices=[
            SelectChoice("venue_desk", lazy("Desk of a venue")),
            SelectChoice("venue_manager", lazy("Manager of a venue")),
            SelectChoice("network_admin", lazy("Network administrator")),
        ],
    )
    venue = SelectField(lazy("Venue"), choices=[], validate_choice=False)
    starts_on = DateField(lazy("First day"), validators=[Optional()])
    ends_on = DateField(lazy("Until (that day included)"), validators=[Optional()])
