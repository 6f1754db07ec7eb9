"""What people may set of calendars that come in."""

from __future__ import annotations

import tierslieu.toolkit as tl

msg = tl.sentences("tierslieu_ical")

SETTINGS = (
    tl.Setting(
        "external_minutes",
        "integer",
        msg("Minutes between two looks"),
        default=60,
        help=msg("How often a calendar elsewhere that keeps a room busy is read again."),
        least=15,
        most=1440,
        scope="room",
    ),
    tl.Setting(
        "external_days",
        "integer",
        msg("Days ahead"),
        default=365,
        help=msg("How far ahead a calendar elsewhere keeps a room busy."),
        least=7,
        most=730,
        scope="room",
    ),
    tl.Setting(
        "external_ports",
        "text",
        msg("Ports that may be asked"),
        default="80, 443",
        help=msg(
            "Calendars elsewhere are asked at these ports only, and never in a private network."
        ),
        most=100,
    ),
)
