"""What a member writes: a booking, another time for it, why it is cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TimeField,
)
from wtforms.validators import ValidationError

from tierslieu.bookings.member.when import span_on
from tierslieu.bookings.models import Booking
from tierslieu.bookings.rules.uses import DECLARED, Purpose
from tierslieu.bookings.series.forms import RepeatFields
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import new_public_id
from tierslieu.web.forms import CleanLines, CleanText, Form, OptionalInteger, lazy, required
from tierslieu.web.requests import current_locale

MOST_PEOPLE = 100_000


class Day(DateField):
    """A date, said wrong in the reader's language."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(say(msg("Choose a day."), current_locale())) from error


class Clock(TimeField):
    """A time of day to the minute, said wrong in the reader's language."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, format=["%H:%M", "%H:%M:%S"], **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(say(msg("Write a time like 18:30."), current_locale())) from error


class _OptionalPeople(OptionalInteger):
    """How many people; empty where nobody knows yet."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(say(msg("Write a number."), current_locale())) from error

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and not 1 <= self.data <= MOST_PEOPLE:
            text = msg("How many people? Write a number from 1 to %(most)s.", most=MOST_PEOPLE)
            raise ValidationError(say(text, current_locale()))


class WhenForm(Form):
    """A day and its times on the wall clock of the venue."""

    date = Day(lazy("Day"), validators=[required(msg("Choose a day."))])
    start = Clock(lazy("From"), validators=[required(msg("From what time?"))])
    end = Clock(lazy("Until"), validators=[required(msg("Until what time?"))])
    start_fold = HiddenField()
    end_fold = HiddenField()

    def span(self, zone: ZoneInfo) -> Span | None:
        """What is asked for, None while a part is missing. Raises Invalid (see `span_on`)."""
        if self.date.data is None or self.start.data is None or self.end.data is None:
            return None
        return span_on(
            self.date.data,
            self.start.data,
            self.end.data,
            zone,
            _fold(self.start_fold.data),
            _fold(self.end_fold.data),
        )


def _fold(written: str | None) -> int | None:
    return int(written) if written in ("0", "1") else None


VISIBILITIES: tuple[tuple[str, Message, Message], ...] = (
    ("public", msg("Everybody, on the notice board"), msg("It appears in what's on")),
    ("private", msg("Only “taken”"), msg("The title stays between us")),
    ("members", msg("Members only"), msg("After signing in")),
)


class BookForm(WhenForm, RepeatFields):
    """A booking. ``nonce`` makes the same form sent twice book once."""

    title = CleanText(
        lazy("What is it called"),
        longest=200,
        description=lazy("This is how whoever looks at the calendar finds you."),
        validators=[required(msg("Give it a title: it is what the calendar shows."))],
    )
    n = _OptionalPeople(lazy("How many people"))
    layout = SelectField(lazy("How the room is arranged"), default="")
    purpose = SelectField(lazy("What it is for"), default="")
    declared = SelectMultipleField(lazy("What there will be"))
    visibility = RadioField(lazy("Who sees it"), default="private")
    who = RadioField(lazy("Who books"), default="me")
    note = CleanLines(lazy("Two lines for whoever opens the door"), longest=500)
    accept_terms = SelectMultipleField(lazy("Terms to accept"))
    sponsor = CleanText(
        lazy("Who vouches for you"),
        longest=254,
        description=lazy("The card number or the e-mail address of a member: she is asked."),
    )
    nonce = HiddenField()

    def prepare(
        self,
        layouts: list[tuple[str, str]],
        parties: list[tuple[str, str]],
        purposes: Iterable[Purpose] = (),
        facts: Iterable[str] = (),
        terms: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Fill the choices that depend on the room and on who asks."""
        self.accept_terms.choices = list(terms)
        locale = current_locale()
        self.purpose.choices = purpose_choices(purposes)
        self.declared.choices = fact_choices(facts)
        self.offer_repeats()
        self.layout.choices = [("", say(msg("as it is"), locale)), *layouts]
        self.who.choices = parties
        self.visibility.choices = [(key, say(label, locale)) for key, label, _ in VISIBILITIES]
        if not self.nonce.data:
            self.nonce.data = new_public_id()

    def kept(self) -> dict[str, str]:
        """What was written, to be kept while one signs in."""
        names = ("title", "n", "layout", "purpose", "visibility", "date", "start", "end",
                 "start_fold", "end_fold", "note")  # fmt: skip
        written = {name: _text(self, name) for name in names}
        return {name: text for name, text in written.items() if text}


def purpose_choices(purposes: Iterable[Purpose]) -> list[tuple[str, str]]:
    """Uses to choose from, in the reader's language; none is the first."""
    locale = current_locale()
    labels = [(each.key, msg("%(purpose)s", purpose=each.label)) for each in purposes]
    return [("", say(msg("choose"), locale)), *((key, say(text, locale)) for key, text in labels)]


def fact_choices(facts: Iterable[str]) -> list[tuple[str, str]]:
    """What may have to be declared, in the reader's language."""
    return [(key, say(DECLARED[key], current_locale())) for key in facts]


def _text(form: Form, name: str) -> str:
    field = form._fields[name]
    raw = field.raw_data
    return str(raw[0]) if raw else ""


class MoveForm(WhenForm):
    """Another time, room, title or number of people for a booking."""

    title = CleanText(
        lazy("What is it called"),
        longest=200,
        validators=[required(msg("Give it a title: it is what the calendar shows."))],
    )
    n = _OptionalPeople(lazy("How many people"))
    room = SelectField(lazy("Room"))
    purpose = SelectField(lazy("What it is for"), default="")
    visibility = RadioField(lazy("Who sees it"), default="private")
    note = CleanLines(lazy("Two lines for whoever opens the door"), longest=500)
    version = HiddenField()

    def prepare(self, rooms: list[tuple[str, str]]) -> None:
        """Fill the choices that depend on the venue."""
        locale = current_locale()
        self.room.choices = rooms
        self.purpose.choices = purpose_choices(())
        self.visibility.choices = [(key, say(label, locale)) for key, label, _ in VISIBILITIES]

    def offer_purposes(self, purposes: Mapping[str, Purpose], kept: str) -> None:
        """The uses known there, whatever the rules say of each: that is said where one is chosen.

        ``kept``: the one it has, where none are known.
        """
        own = [Purpose(kept, Texts(en=kept))] if kept else []
        self.purpose.choices = purpose_choices(purposes.values() if purposes else own)

    def purpose_for(self, booking: Booking, *, other_room: bool) -> str | None:
        """The use where it differs, or where another room is to judge it; None: as it is."""
        written = self.purpose.data or ""
        if not self.purpose.raw_data or (not other_room and written in ("", booking.purpose)):
            return None
        return written


class CancelForm(Form):
    """Cancel a booking, perhaps with a word to the venue."""

    reason = CleanLines(lazy("A word to the venue"), longest=500)
    version = HiddenField()
