"""The form that brings a file."""

from __future__ import annotations

from collections.abc import Iterable

from flask_wtf.file import FileField
from wtforms import DateField, SelectField
from wtforms.validators import Optional

import tierslieu.toolkit as tl

msg = tl.sentences("tierslieu_ical")


class BringForm(tl.Form):
    """Which room, which file, for whom, until when."""

    room = SelectField(tl.Lazy(msg("Room")))
    file = FileField(
        tl.Lazy(msg("File")),
        validators=[tl.required()],
        description=tl.Lazy(
            msg("A calendar file that ends in .ics; Google gives one under Settings, Export.")
        ),
        render_kw={"accept": ".ics,text/calendar"},
    )
    organisation = SelectField(tl.Lazy(msg("For which association")), default="")
    email = tl.CleanText(
        tl.Lazy(msg("For whom")),
        longest=254,
        description=tl.Lazy(
            msg("Her e-mail address. Without association and person it is the venue's own.")
        ),
        render_kw={"autocomplete": "off", "inputmode": "email"},
    )
    until = DateField(
        tl.Lazy(msg("Last day")),
        validators=[Optional()],
        description=tl.Lazy(msg("Of what repeats without end; a year from now if left empty.")),
    )
    override = tl.CleanText(
        tl.Lazy(msg("Pass the rules, because")),
        longest=500,
        description=tl.Lazy(
            msg("Only with a reason: it is kept with each booking. What is taken stays taken.")
        ),
    )

    def offer(self, rooms: Iterable[tl.Room], bodies: Iterable[tl.Organisation]) -> None:
        """Fill the choices."""
        self.room.choices = [(room.public_id, room.name) for room in rooms]
        self.organisation.choices = [("", "–"), *((each.public_id, each.name) for each in bodies)]
