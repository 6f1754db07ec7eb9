"""Forms of rooms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, SelectField, SelectMultipleField

from tierslieu.venues.forms import Tristate, VersionedForm, options
from tierslieu.venues.models import Room
from tierslieu.venues.places.rules import slug_from
from tierslieu.venues.rooms.rules import RoomValues
from tierslieu.venues.rooms.services import values_of
from tierslieu.venues.words import FEATURES, LAYOUTS, ROOM_KINDS
from tierslieu.web.forms import (
    CleanText,
    Lazy,
    OptionalInteger,
    fill_texts,
    lazy,
    required,
    texts_fields,
    texts_of,
)

_PLAIN = (
    "name",
    "slug",
    "kind",
    "area_m2",
    "capacity",
    "door_cm",
    "step_cm",
    "parking_m",
    "keys",
)
_FACTS = ("step_free", "accessible_toilet", "hearing_loop", "lift")


class RoomForm(VersionedForm):
    """Everything a manager says of a room. ``parts``: the rooms it is made of."""

    name = CleanText(lazy("Name"), validators=[required()])
    slug = CleanText(lazy("Address on this site"), longest=64)
    kind = SelectField(lazy("What it is"))
    vars().update(texts_fields("description", lazy("What it is like"), lines=True, longest=2000))
    area_m2 = OptionalInteger(lazy("Square metres"))
    capacity = OptionalInteger(lazy("People at most"))
    for _key, (_plan, _label) in LAYOUTS.items():
        vars()[f"layout_{_key}"] = OptionalInteger(Lazy(_label))
    del _key, _plan, _label
    features = SelectMultipleField(lazy("Tick what people find in it"), validate_choice=False)
    step_free = Tristate(lazy("Step-free"))
    accessible_toilet = Tristate(lazy("Accessible toilet"))
    hearing_loop = Tristate(lazy("Hearing loop"))
    lift = Tristate(lazy("Lift"))
    door_cm = OptionalInteger(lazy("Door, centimetres wide"))
    step_cm = OptionalInteger(lazy("Highest step or threshold, centimetres"))
    parking_m = OptionalInteger(lazy("From the car park, metres"))
    vars().update(texts_fields("access_note", lazy("What else helps to know"), longest=500))
    keys = BooleanField(lazy("People of this room have keys"))
    parts = SelectMultipleField(lazy("The rooms it is made of"), validate_choice=False)

    def __init__(self, others: Sequence[Room] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind.choices = options(ROOM_KINDS)
        self.features.choices = options({key: label for key, (_, label) in FEATURES.items()})
        self.parts.choices = options({room.public_id: room.name for room in others})

    @property
    def layout_fields(self) -> list[Any]:
        """The fields of how many people in which layout."""
        return [self._fields[f"layout_{key}"] for key in LAYOUTS]

    def values(self, before: RoomValues | None = None) -> RoomValues:
        """What was typed; features and layouts that the form does not know are kept."""
        typed: dict[str, Any] = {name: self._fields[name].data for name in _PLAIN}
        typed |= {name: self._fields[name].fact for name in _FACTS}
        typed["slug"] = typed["slug"] or slug_from(typed["name"])
        old = before or RoomValues("", "")
        unknown = [key for key in old.features if key not in FEATURES]
        chosen = [key for key in FEATURES if key in (self.features.data or ())]
        layouts = {key: n for key, n in old.layouts.items() if key not in LAYOUTS}
        for key in LAYOUTS:
            if self._fields[f"layout_{key}"].data is not None:
                layouts[key] = self._fields[f"layout_{key}"].data
        return RoomValues(
            **typed,
            description=texts_of(self, "description"),
            access_note=texts_of(self, "access_note"),
            features=(*chosen, *unknown),
            layouts=layouts,
            rank=old.rank,
        )

    @classmethod
    def of(cls, room: Room, others: Sequence[Room], parts: Sequence[str]) -> RoomForm:
        """The form as the room is now."""
        values = values_of(room)
        form = cls(others, formdata=None)
        for name in _PLAIN:
            form._fields[name].data = getattr(values, name)
        for name in _FACTS:
            form._fields[name].put(getattr(values, name))
        for key in LAYOUTS:
            form._fields[f"layout_{key}"].data = values.layouts.get(key)
        form.features.data = list(values.features)
        form.parts.data = list(parts)
        fill_texts(form, "description", values.description)
        fill_texts(form, "access_note", values.access_note)
        form.version.data = str(room.version)
        return form
