"""What people write: an event, a date, a registration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import NumberRange, Optional

import tierslieu.toolkit as tl
from tierslieu_events import rules
from tierslieu_events.models import Event
from tierslieu_events.services import Facts, NewDate
from tierslieu_events.words import AUDIENCES, CATEGORIES, FALLBACKS, MODES, say


def spoken(words: Mapping[str, tl.Message]) -> list[tuple[str, Any]]:
    """Choices that are translated when they are drawn."""
    return [(key, tl.Lazy(message)) for key, message in words.items()]


class EventForm(tl.Form):
    """All that is said of an event."""

    vars().update(tl.texts_fields("title", tl.Lazy(say("Name")), longest=200))
    vars().update(
        tl.texts_fields("description", tl.Lazy(say("What happens there")), lines=True, rows=5)
    )
    category = SelectField(tl.Lazy(say("Kind")), choices=spoken(CATEGORIES))
    audience = SelectField(tl.Lazy(say("For whom")), choices=spoken(AUDIENCES))
    organisation = SelectField(tl.Lazy(say("Organisation that invites")), default="")
    organiser_email = StringField(
        tl.Lazy(say("Person who invites")),
        description=tl.Lazy(say("The e-mail address of her account. Her name is shown.")),
    )
    price = StringField(
        tl.Lazy(say("Price")),
        description=tl.Lazy(say("For one person, for example 5 or 5,50. Empty: free of charge.")),
    )
    most_seats = IntegerField(
        tl.Lazy(say("Places for one registration, at most")),
        default=4,
        validators=[NumberRange(1, 100)],
    )
    members_days = IntegerField(
        tl.Lazy(say("Days in which members come first")),
        default=0,
        validators=[NumberRange(0, 60)],
        description=tl.Lazy(say("From the publication on. 0: everybody at once.")),
    )
    guests = BooleanField(
        tl.Lazy(say("One can register without an account")), default=True,
        description=tl.Lazy(say("With a name and an e-mail address that is confirmed by a link.")),
    )  # fmt: skip
    questions = TextAreaField(
        tl.Lazy(say("Questions to who registers")),
        description=tl.Lazy(say("One on each line. With a star at its end it must be answered.")),
        render_kw={"rows": 3},
    )
    captions = BooleanField(tl.Lazy(say("With captions")))
    sign_language = BooleanField(tl.Lazy(say("With sign language")))
    music_licence = BooleanField(
        tl.Lazy(say("Music is played")),
        description=tl.Lazy(say("A licence for it is needed and seen to.")),
    )
    vars().update(tl.texts_fields("access_note", tl.Lazy(say("How one gets in, hears and sees"))))

    def fill(self, event: Event, organiser: str) -> None:
        """What is said of an event already."""
        for name in ("title", "description", "access_note"):
            tl.fill_texts(self, name, getattr(event, name))
        for name in ("category", "audience", "most_seats", "members_days", "guests", "captions",
                     "sign_language", "music_licence"):  # fmt: skip
            self._fields[name].data = getattr(event, name)
        self.price.data = rules.price_words(event.price_cents)
        self.questions.data = question_lines(event.questions)
        self.organiser_email.data = organiser

    def facts(self, organisation_id: int | None, organiser_id: int | None) -> Facts:
        """What was written; raises Invalid."""
        return Facts(
            title=tl.texts_of(self, "title"),
            description=tl.texts_of(self, "description"),
            category=self.category.data,
            audience=self.audience.data,
            organisation_id=organisation_id,
            organiser_id=organiser_id,
            price_cents=rules.cents_of(self.price.data or ""),
            music_licence=self.music_licence.data,
            captions=self.captions.data,
            sign_language=self.sign_language.data,
            access_note=tl.texts_of(self, "access_note"),
            guests=self.guests.data,
            most_seats=self.most_seats.data,
            members_days=self.members_days.data,
            questions=tuple(questions_of(self.questions.data or "")),
        )


def questions_of(written: str) -> list[dict[str, Any]]:
    """Questions as they are kept: one on each line, a star at the end says that it is needed."""
    found: list[dict[str, Any]] = []
    for line in tl.clean(written, lines=True, field="questions").split("\n"):
        text = line.strip().rstrip("*").strip()[:200]
        if text and len(found) < 10:
            key = f"q{len(found) + 1}"
            found.append({"key": key, "text": text, "required": line.strip().endswith("*")})
    return found


def question_lines(questions: list[dict[str, Any]]) -> str:
    """The same as lines."""
    return "\n".join(q["text"] + (" *" if q.get("required") else "") for q in questions)


class DateForm(tl.Form):
    """One date, and perhaps the same time in the weeks after it."""

    day = DateField(tl.Lazy(say("Day")), validators=[tl.required()])
    start = TimeField(tl.Lazy(say("From")), validators=[tl.required()])
    end = TimeField(tl.Lazy(say("Until")), validators=[tl.required()])
    weeks = IntegerField(
        tl.Lazy(say("Also in so many weeks after it")),
        default=0,
        validators=[Optional(), NumberRange(0, 52)],
    )
    mode = RadioField(tl.Lazy(say("How one takes part")), choices=spoken(MODES), default="room")
    room = SelectField(tl.Lazy(say("Room")), default="")
    in_room = tl.OptionalInteger(
        tl.Lazy(say("Places in the room")),
        validators=[Optional(), NumberRange(1, 100_000)],
        description=tl.Lazy(say("Empty: as many as come.")),
    )
    remote = tl.OptionalInteger(
        tl.Lazy(say("Remote places")),
        validators=[Optional(), NumberRange(1, 100_000)],
        description=tl.Lazy(say("Empty: as many as come.")),
    )

    def wanted(self, zone: ZoneInfo) -> list[NewDate]:
        """The dates that were asked for, on the venue's clock; raises Invalid."""
        found = []
        for week in range((self.weeks.data or 0) + 1):
            day = self.day.data + timedelta(weeks=week)
            last = day if self.end.data > self.start.data else day + timedelta(days=1)
            start = tl.moment(f"{day}T{self.start.data:%H:%M}", zone, "start")
            end = tl.moment(f"{last}T{self.end.data:%H:%M}", zone, "end")
            found.append(
                NewDate(tl.Span(start, end), self.mode.data, self.room.data,
                        self.in_room.data, self.remote.data)
            )  # fmt: skip
        return found


class PictureForm(tl.Form):
    """A picture, and what is to be seen."""

    photo = FileField(
        tl.Lazy(say("Picture")), description=tl.Lazy(say("JPEG, PNG or WebP.")),
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )  # fmt: skip
    vars().update(tl.texts_fields("alt", tl.Lazy(say("What is to be seen"))))


class ReasonForm(tl.Form):
    """Why something is called off."""

    reason = tl.CleanText(tl.Lazy(say("The reason")), longest=500)


class CapacityForm(tl.Form):
    """How many places a date has."""

    room = tl.OptionalInteger(
        tl.Lazy(say("Places in the room")), validators=[Optional(), NumberRange(0, 100_000)]
    )
    remote = tl.OptionalInteger(
        tl.Lazy(say("Remote places")), validators=[Optional(), NumberRange(0, 100_000)]
    )


class RegisterForm(tl.Form):
    """How somebody takes part; a guest and the desk write a name, too."""

    side = RadioField(tl.Lazy(say("How will you take part?")))
    seats = IntegerField(
        tl.Lazy(say("For how many people")), default=1, validators=[NumberRange(1, 100_000)]
    )
    name = tl.CleanText(
        tl.Lazy(say("Name and surname")), longest=120, render_kw={"autocomplete": "name"}
    )
    email = EmailField(tl.Lazy(say("E-mail")), render_kw={"autocomplete": "email"})
    phone = tl.CleanText(tl.Lazy(say("Telephone")), longest=40, render_kw={"autocomplete": "tel"})
    fallback = RadioField(
        tl.Lazy(say("Should the room not be possible")), choices=spoken(FALLBACKS), default="ask"
    )
    wait = BooleanField(tl.Lazy(say("If all places are taken, put me on the waiting list")))


class CodeForm(tl.Form):
    """The code that somebody shows or says at the door."""

    code = tl.CleanText(
        tl.Lazy(say("Code")), longest=16,
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )  # fmt: skip
