"""What was done with events, as the journal says it."""

from __future__ import annotations

from typing import Final

import tierslieu.toolkit as tl
from tierslieu_events.words import say

JOURNAL: Final[dict[str, tl.Message]] = {
    "events": say("Events"),
    "events.made": say("Made an event"),
    "events.changed": say("Changed an event"),
    "events.dated": say("Gave an event dates"),
    "events.published": say("Published an event"),
    "events.called_off": say("Called an event off"),
    "events.dropped": say("Threw a draft of an event away"),
    "events.capacity": say("Changed the places of a date"),
    "events.pictured": say("Gave an event a picture"),
    "events.offered": say("Offered a place to who waited"),
    "events.registered": say("Registered for an event"),
    "events.confirmed": say("Confirmed a registration"),
    "events.accepted": say("Took an offered place"),
    "events.given_up": say("Gave up a place at an event"),
    "events.came": say("Noted who came to an event"),
    "events.switched": say("Changed how a date is held"),
    "events.fewer": say("Let fewer people into the room of a date"),
    "events.chose": say("Chose how to take part instead"),
    "events.meeting": say("Said how a date meets remotely"),
}
