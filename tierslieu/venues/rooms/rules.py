"""What may be said of a room: plain values, and why they are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from tierslieu.kernel.errors import Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import Texts
from tierslieu.venues.places.rules import name_reasons

KINDS: Final = (
    "meeting",
    "hall",
    "kitchen",
    "workshop",
    "games",
    "library",
    "stage",
    "music",
    "outdoor",
    "cloister",
    "gallery",
    "bar",
    "desk",
    "lane",
    "allotment",
)
LAYOUTS: Final = (
    "theatre",
    "tables",
    "board",
    "classroom",
    "islands",
    "circle",
    "horseshoe",
    "standing",
    "seats",
)
_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")
#: The most of anything a form takes; more is a slip of the finger.
MOST = 10_000


@dataclass(frozen=True)
class RoomValues:
    """Everything a manager may say of a room. Access facts: None = not known, never "no".

    ``layouts``: name → people. ``capacity`` None = that of the largest layout.
    """

    slug: str
    name: str
    kind: str = "meeting"
    description: Texts = Texts()  # noqa: RUF009 (immutable)
    area_m2: int | None = None
    capacity: int | None = None
    layouts: Mapping[str, int] = field(default_factory=dict)
    features: tuple[str, ...] = ()
    step_free: bool | None = None
    accessible_toilet: bool | None = None
    hearing_loop: bool | None = None
    lift: bool | None = None
    door_cm: int | None = None
    step_cm: int | None = None
    parking_m: int | None = None
    access_note: Texts = Texts()  # noqa: RUF009 (immutable)
    keys: bool = False
    rank: int = 0


def people(values: RoomValues) -> int | None:
    """How many it holds: as written, else the largest of its layouts."""
    return values.capacity or max(values.layouts.values(), default=None)


def reasons(values: RoomValues) -> Iterator[Reason]:
    """Why these values are refused; nothing when they may be kept."""
    yield from name_reasons(values.slug, values.name)
    if values.kind not in KINDS:
        yield Reason("invalid", msg("This is not one of the possible values."), "kind")
    for layout, seats in values.layouts.items():
        if layout not in LAYOUTS or not 1 <= seats <= MOST:
            yield _out_of_range(f"layout_{layout}", 1)
    if not all(_KEY.fullmatch(feature) for feature in values.features):
        yield Reason("invalid", msg("This is not one of the possible values."), "features")
    yield from _measures(values)


def _measures(values: RoomValues) -> Iterator[Reason]:
    bounds = {"area_m2": 1, "capacity": 1, "door_cm": 1, "step_cm": 0, "parking_m": 0}
    for name, least in bounds.items():
        number = getattr(values, name)
        if number is not None and not least <= number <= MOST:
            yield _out_of_range(name, least)
    if values.step_free and values.step_cm and values.step_cm > 3:
        text = msg("A step of %(n)s cm is not step-free.", n=values.step_cm)
        yield Reason("step_not_free", text, "step_cm")


def _out_of_range(name: str, least: int) -> Reason:
    text = msg("Write a number from %(least)s to %(most)s.", least=least, most=MOST)
    return Reason("out_of_range", text, name)
