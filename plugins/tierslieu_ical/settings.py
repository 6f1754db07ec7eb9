"""What people may set of calendars."""

from __future__ import annotations

import tierslieu.toolkit as tl

msg = tl.sentences("tierslieu_ical")

#: How far back calendars reach at most, in days: older fragments are not kept up to date.
MOST_DAYS_BACK = 366

SETTINGS = (
    tl.Setting(
        "days_back",
        "integer",
        msg("Days back"),
        default=MOST_DAYS_BACK,
        help=msg(
            "How many days of the past calendars tell. A person's own address follows the network; "
            "the public calendar of a venue or room follows its own."
        ),
        least=0,
        most=MOST_DAYS_BACK,
        scope="room",
    ),
    tl.Setting(
        "reply_address",
        "text",
        msg("Address that answers to invitations come to"),
        default="",
        help=msg(
            "Mails to it, also with “+…” before the @, are handed to tierslieu mail-in by the mail "
            "server. Empty: invitations ask for no answer."
        ),
        most=100,
    ),
    tl.Setting(
        "titles",
        "choice",
        msg("Titles in public calendars"),
        default="public",
        help=msg(
            "People choose for each booking who may read its title. “Never” says only “busy” to "
            "everybody who reads the public calendar; their own calendars keep the titles."
        ),
        choices=(("public", msg("Where a booking is public")), ("never", msg("Never"))),
        scope="venue",
    ),
)
