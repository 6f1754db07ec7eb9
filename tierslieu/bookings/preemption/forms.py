"""What whoever takes a time over writes."""

from __future__ import annotations

from wtforms import RadioField

from tierslieu.bookings.member.forms import WhenForm, _OptionalPeople
from tierslieu.kernel.messages import msg
from tierslieu.web.forms import CleanLines, CleanText, lazy, required


class TakeOverForm(WhenForm):
    """A time that somebody else has."""

    title = CleanText(
        lazy("What is it called"),
        longest=200,
        validators=[required(msg("Give it a title: it is what the calendar shows."))],
    )
    n = _OptionalPeople(lazy("How many people"))
    who = RadioField(lazy("Who books"), default="me")
    reason = CleanLines(
        lazy("Why"),
        longest=2000,
        description=lazy("Whoever loses the time reads it."),
        render_kw={"rows": 3},
        validators=[required(msg("Say why: whoever loses the time reads it."))],
    )

    def prepare(self, parties: list[tuple[str, str]]) -> None:
        """Fill the choices."""
        self.who.choices = parties
