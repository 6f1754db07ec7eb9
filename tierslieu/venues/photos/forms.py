"""Forms of photos."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from tierslieu.kernel.messages import msg
from tierslieu.venues.forms import options
from tierslieu.venues.models import Photo, Room
from tierslieu.web.forms import Form, OptionalInteger, fill_texts, lazy, texts_fields


class PhotoForm(Form):
    """A photo and what it shows."""

    photo = FileField(lazy("Photo"), validators=[FileRequired(message=lazy("Choose a file."))])
    room = SelectField(lazy("What it is of"))
    vars().update(texts_fields("alt", lazy("What it shows, for who cannot see it"), longest=300))

    def __init__(self, rooms: Iterable[Room], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        named = {room.public_id: room.name for room in rooms}
        self.room.choices = options({"": msg("the whole place"), **named})


class AltForm(Form):
    """What a photo shows, and its place among the others."""

    rank = OptionalInteger(lazy("Place in the row"))
    vars().update(texts_fields("alt", lazy("What it shows, for who cannot see it"), longest=300))

    @property
    def place(self) -> int | None:
        """Its place, or None to leave it where it is."""
        typed = self.rank.data
        return typed if isinstance(typed, int) and 0 <= typed < 1000 else None

    @classmethod
    def of(cls, photo: Photo) -> AltForm:
        """The form as the photo is now; its fields bear the photo's id, so ids stay unique."""
        form = cls(formdata=None)
        form.rank.process_data(photo.rank)
        fill_texts(form, "alt", photo.alt)
        for field in form:
            field.id = f"{field.id}-{photo.public_id}"
        return form
