"""Forms of the desk: booking for somebody, changing a booking, a reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField

from tierslieu.bookings.member.forms import WhenForm, fact_choices, purpose_choices
from tierslieu.bookings.member.forms import _OptionalPeople as OptionalPeople
from tierslieu.bookings.rules.uses import DECLARED, Purpose
from tierslieu.bookings.series.forms import RepeatFields
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import Message, msg
from tierslieu.web.forms import CleanLines, CleanText, Form, lazy, required
from tierslieu.web.requests import current_locale

_VISIBLE: tuple[tuple[str, Message], ...] = (
    ("private", msg("Only the desk reads the title")),
    ("members", msg("Members read the title")),
    ("public", msg("Everybody reads the title")),
)
_KINDS: tuple[tuple[str, Message], ...] = (
    ("normal", msg("For somebody")),
    ("staff", msg("The venue's own activity")),
    ("blocked", msg("Kept free: works, cleaning")),
)


def said(pairs: tuple[tuple[str, Message], ...]) -> list[tuple[str, str]]:
    """Choices in the reader's language."""
    return [(key, say(words, current_locale())) for key, words in pairs]


class ChangeForm(WhenForm):
    """Everything about a booking that the desk may change."""

    room = SelectField(lazy("Room"))
    title = CleanText(
        lazy("What is it called"),
        longest=200,
        validators=[required(msg("Give it a title: it is what the calendar shows."))],
    )
    n = OptionalPeople(lazy("How many people"))
    visibility = SelectField(lazy("Who reads the title"), default="private")
    note = CleanLines(
        lazy("Note"),
        longest=2000,
        description=lazy("Only the desk and whoever booked read it."),
        render_kw={"rows": 3},
    )
    override = CleanText(
        lazy("Pass the rules, because"),
        longest=500,
        description=lazy("A reason here passes every rule but a taken time; it stays written."),
    )
    version = HiddenField()

    def prepare(self, rooms: list[tuple[str, str]]) -> None:
        """Fill the choices."""
        self.room.choices = rooms
        self.visibility.choices = said(_VISIBLE)


class BookForm(ChangeForm, RepeatFields):
    """Booking for somebody, for a body, or for the house itself. ``person`` is a public id."""

    #: Whether the room that is chosen offers places or things that were not shown yet.
    unseen = False
    #: The room whose places and things were shown.
    kit = HiddenField()
    find = StringField(lazy("Name, card, address or telephone"), render_kw={"maxlength": 100})
    person = HiddenField()
    name = CleanText(lazy("Name and surname"), longest=120)
    phone = StringField(lazy("Telephone"), render_kw={"maxlength": 32})
    email = StringField(lazy("E-mail"), render_kw={"maxlength": 254})
    organisation = SelectField(lazy("For an organisation"))
    kind = SelectField(lazy("What kind of booking"), default="normal")
    purpose = SelectField(lazy("What it is for"), default="")
    declared = SelectMultipleField(lazy("What there will be"))
    accepted = BooleanField(
        lazy("She has read and accepts the terms"),
        description=lazy("Tick it for her: it is written down who did."),
    )

    def offer(
        self,
        rooms: list[tuple[str, str]],
        bodies: list[tuple[str, str]],
        purposes: Iterable[Purpose] = (),
    ) -> None:
        """Fill the choices."""
        self.prepare(rooms)
        self.offer_repeats()
        self.purpose.choices = purpose_choices(purposes)
        self.declared.choices = fact_choices(DECLARED)
        self.kind.choices = said(_KINDS)
        self.organisation.choices = [("", "–"), *bodies]


class ReasonForm(Form):
    """Why: it is told to whoever booked."""

    reason = CleanLines(
        lazy("Why"),
        longest=2000,
        description=lazy("It is told to whoever booked."),
        render_kw={"rows": 3},
    )
    version = HiddenField()


def version_of(form: Any) -> int | None:
    """The version that a form was made from."""
    text = str(form.version.data or "")
    return int(text) if text.isdigit() and len(text) < 10 else None
