"""The form of a new calendar."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import SelectField

import tierslieu.toolkit as tl

msg = tl.sentences("tierslieu_ical")


class ExternalForm(tl.Form):
    """Which room, what it is called, where it is."""

    room = SelectField(tl.Lazy(msg("Room")))
    name = tl.CleanText(
        tl.Lazy(msg("What it is")),
        longest=80,
        validators=[tl.required()],
        description=tl.Lazy(msg("For instance: the school's timetable.")),
    )
    address = tl.CleanText(
        tl.Lazy(msg("Address")),
        longest=2000,
        validators=[tl.required()],
        description=tl.Lazy(
            msg("It begins with https:// or webcal:// and often ends in .ics; nobody is shown it.")
        ),
        render_kw={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"},
    )

    def offer(self, rooms: Iterable[tl.Room]) -> None:
        """Fill the choices."""
        self.room.choices = [(room.public_id, room.name) for room in rooms]
