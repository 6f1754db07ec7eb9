"""What the facts of venues and rooms are called, and the icon beside each word."""

from __future__ import annotations

from typing import Final

from tierslieu.kernel.messages import Message, msg
from tierslieu.venues.models import Room

#: Choices of access in the sentence search: facts joined by commas, and their words.
ACCESSES: Final[tuple[tuple[str, Message], ...]] = (
    ("", msg("steps are fine")),
    ("step_free", msg("step-free")),
    ("step_free,accessible_toilet", msg("step-free, with an accessible toilet")),
    ("step_free,hearing_loop", msg("step-free, with a hearing loop")),
)

FEATURES: Final[dict[str, tuple[str, Message]]] = {
    "projector": ("projector", msg("projector")),
    "tv": ("projector", msg("large screen")),
    "sound": ("mic", msg("sound system")),
    "lights": ("sun", msg("stage lights")),
    "stage": ("star", msg("stage")),
    "piano": ("piano", msg("piano")),
    "wifi": ("wifi", msg("wi-fi")),
    "power": ("plug", msg("power at the seats")),
    "computers": ("desk", msg("computers")),
    "whiteboard": ("edit", msg("whiteboard")),
    "chairs": ("chair", msg("chairs")),
    "folding_tables": ("table", msg("folding tables")),
    "kitchen": ("pot", msg("kitchen")),
    "oven": ("pot", msg("oven")),
    "dishwasher": ("water", msg("dishwasher")),
    "bar": ("cup", msg("bar next door")),
    "water": ("water", msg("water")),
    "tools": ("tool", msg("tools")),
    "billiard_table": ("table", msg("billiard table")),
    "mirror": ("eye", msg("wall of mirrors")),
    "heating": ("sun", msg("heating")),
    "air_conditioning": ("snow", msg("air conditioning")),
    "outdoor": ("tree", msg("outdoors")),
}

#: What the accents of the style are called: things of the town that have the colour.
ACCENTS: Final[dict[str, Message]] = {
    "mattone": msg("brick"),
    "zucca": msg("pumpkin"),
    "ocra": msg("ochre"),
    "oliva": msg("olive"),
    "prato": msg("meadow"),
    "persiana": msg("shutter green"),
    "acqua": msg("water green"),
    "cielo": msg("sky"),
    "notte": msg("night"),
    "prugna": msg("plum"),
    "lambrusco": msg("lambrusco"),
    "rosso": msg("red"),
}

#: Layout → the plan that draws it, and what it is called after the number of people.
LAYOUTS: Final[dict[str, tuple[str, Message]]] = {
    "theatre": ("rows", msg("in rows")),
    "tables": ("islands", msg("at tables")),
    "board": ("table", msg("at one table")),
    "classroom": ("rows", msg("as a classroom")),
    "islands": ("islands", msg("in fours")),
    "circle": ("circle", msg("in a circle")),
    "horseshoe": ("horseshoe", msg("in a horseshoe")),
    "standing": ("standing", msg("standing")),
    "seats": ("rows", msg("seats")),
}

ROOM_KINDS: Final[dict[str, Message]] = {
    "meeting": msg("Meeting room"),
    "hall": msg("Hall"),
    "kitchen": msg("Kitchen"),
    "workshop": msg("Workshop"),
    "games": msg("Games room"),
    "library": msg("Library"),
    "stage": msg("Theatre"),
    "music": msg("Music room"),
    "outdoor": msg("Outdoors"),
    "cloister": msg("Cloister"),
    "gallery": msg("Gallery"),
    "bar": msg("Bar"),
    "desk": msg("Work desk"),
    "lane": msg("Bocce lane"),
    "allotment": msg("Allotment"),
}

#: Section → its anchor on the page, its whole title, and a short one for the contents.
SECTION_TITLES: Final[dict[str, tuple[str, Message, Message]]] = {
    "history": ("history", msg("A little history"), msg("History")),
    "place_and_services": (
        "services",
        msg("The place and its services"),
        msg("Place and services"),
    ),
    "activities": ("activities", msg("Activities"), msg("Activities")),
    "access": ("access", msg("How to take part"), msg("How to take part")),
    "address_note": ("address", msg("How to get there"), msg("Address and hours")),
    "contacts": ("contacts", msg("Contacts"), msg("Contacts")),
}

POSITIONS: Final[dict[str, Message]] = {
    "area": msg("About here: it marks the neighbourhood, not the door"),
    "exact": msg("At the door"),
    "invented": msg("Invented, for the demonstration"),
}


def feature_label(key: str) -> Message:
    """What a feature is called."""
    if key in FEATURES:
        return FEATURES[key][1]
    return msg("%(feature)s", feature=key.replace("_", " "))


def feature_icon(key: str) -> str:
    """The icon of a feature."""
    return FEATURES[key][0] if key in FEATURES else "check"


def layout_label(key: str) -> Message:
    """How people sit or stand in a layout."""
    return LAYOUTS[key][1] if key in LAYOUTS else msg("%(layout)s", layout=key.replace("_", " "))


def layout_kind(key: str) -> str:
    """The plan that draws a layout."""
    return LAYOUTS[key][0] if key in LAYOUTS else "rows"


def room_kind_label(key: str) -> Message:
    """What a kind of room is called."""
    return ROOM_KINDS.get(key, ROOM_KINDS["meeting"])


def layouts_of(room: Room) -> list[tuple[str, int]]:
    """A room's layouts, in the order in which they are always told."""
    order = [*LAYOUTS, *sorted(set(room.layouts) - set(LAYOUTS))]
    return [(key, int(room.layouts[key])) for key in order if room.layouts.get(key)]


def capacity_words(room: Room, most: int = 2) -> list[Message]:
    """How many it holds: "120 in rows", "80 at tables"; nothing where nobody wrote it."""
    shown = [
        msg("%(n)s %(layout)s", n=seats, layout=layout_label(key))
        for key, seats in layouts_of(room)
        if key != "standing"
    ]
    if not shown and room.capacity:
        shown = [msg("up to %(n)s people", n=room.capacity)]
    return shown[:most]


def access_facts(room: Room) -> list[tuple[str, Message]]:
    """What is known to help whoever needs it, each with its icon; nothing that is not known."""
    found: list[tuple[str, Message]] = []
    if room.step_free:
        found.append(("step-free", msg("step-free")))
    elif room.step_free is False:
        found.append(("step-free", msg("steps on the way in")))
    if room.hearing_loop:
        found.append(("ear", msg("hearing loop")))
    if room.accessible_toilet:
        found.append(("toilet", msg("accessible toilet")))
    if room.lift:
        found.append(("lift", msg("lift")))
    return found


def room_facts(room: Room, most: int = 3) -> list[tuple[str, Message]]:
    """A few facts for a room's card: access first, then what is there."""
    dull = {"chairs", "heating", "folding_tables"}
    there = [(feature_icon(k), feature_label(k)) for k in room.features if k not in dull]
    access = access_facts(room)[:2]
    if room.step_free and room.step_cm:
        access[0] = ("step-free", msg("threshold %(n)s cm", n=room.step_cm))
    return [*access, *there][:most]
