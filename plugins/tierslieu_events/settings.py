"""What may be set, and who may what."""

from __future__ import annotations

from typing import Final

import tierslieu.toolkit as tl
from tierslieu_events.words import say

SETTINGS: Final = (
    tl.Setting(
        "offer_hours", "integer", say("Hours for which a free place is kept for who waits"),
        default=24, least=1, most=168, scope="venue",
        help=say("Never more than half of the time that is left. At night it begins at eight."),
    ),
    tl.Setting(
        "forget_days", "integer", say("Days after which who came to an event is forgotten"),
        default=180, least=1, most=3650, help=say("How many came stays in the figures."),
    ),
    tl.Setting(
        "link_minutes", "integer",
        say("Minutes before the beginning from which one gets in remotely"),
        default=15, least=0, most=1440, scope="venue",
    ),
    tl.Setting("jitsi_url", "text", say("Address of our Jitsi"), default="", most=200,
               help=say("For example https://meet.example.org. Empty: there is none."),
               scope="venue"),
    tl.Setting("jitsi_app", "text", say("Our name at that Jitsi (app id)"), default="", most=100,
               scope="venue"),
    tl.Setting("jitsi_secret", "text", say("The secret that signs its rooms"), most=200,
               secret=True, scope="venue"),
    tl.Setting("bbb_url", "text", say("Address of our BigBlueButton"), default="", most=200,
               help=say("For example https://bbb.example.org/bigbluebutton. Empty: there is none."),
               scope="venue"),
    tl.Setting("bbb_secret", "text", say("The secret of its API"), most=200,
               secret=True, scope="venue"),
)  # fmt: skip

PERMISSIONS: Final = (
    tl.Permission("events.edit", say("Make events and publish them"), to=("venue_manager",)),
    tl.Permission(
        "events.register", say("Register others for events"), to=("venue_desk", "venue_manager")
    ),
    tl.Permission(
        "events.check_in", say("See who registered, and note who came"),
        to=("venue_desk", "venue_manager"),
    ),
    tl.Permission("events.join", say("Register oneself for events"), own=("account",)),
    tl.Permission("events.read_own", say("See what one registered for"), own=("account",)),
)  # fmt: skip
