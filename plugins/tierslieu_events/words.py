"""The names of things, each in one place."""

from __future__ import annotations

from typing import Final

import tierslieu.toolkit as tl

say = tl.sentences("tierslieu_events")

ROOM: Final = "room"
REMOTE: Final = "remote"
HYBRID: Final = "hybrid"

MODES: Final = {
    ROOM: say("In the room"),
    REMOTE: say("Remote"),
    HYBRID: say("In the room and remote"),
}
SIDES: Final = {ROOM: say("In the room"), REMOTE: say("Remote")}

CATEGORIES: Final = {
    "talk": say("Talks and debates"),
    "music": say("Music and dance"),
    "cinema": say("Cinema and theatre"),
    "course": say("Courses and workshops"),
    "repair": say("Repairing and making"),
    "food": say("Eating together"),
    "game": say("Games and sport"),
    "children": say("Children and families"),
    "meeting": say("Meetings and assemblies"),
    "other": say("Other"),
}

AUDIENCES: Final = {
    "everybody": say("For everybody"),
    "families": say("For families"),
    "children": say("For children"),
    "young": say("For young people"),
    "elders": say("For older people"),
    "women": say("For women"),
    "newcomers": say("For who is new in town"),
}

STATES: Final = {
    "pending": say("To be confirmed"),
    "registered": say("Registered"),
    "waiting": say("On the waiting list"),
    "offered": say("A place is offered"),
    "asked": say("Asked what to do"),
    "cancelled": say("Cancelled"),
    "lapsed": say("Lapsed"),
}

FALLBACKS: Final = {
    "ask": say("Ask me"),
    "remote": say("I take part remotely"),
    "cancel": say("I give up my place"),
}
