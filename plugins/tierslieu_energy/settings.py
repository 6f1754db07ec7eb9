"""What people may set of heating."""

from __future__ import annotations

import tierslieu.toolkit as tl

msg = tl.sentences("tierslieu_energy")

MONTHS = (
    ("1", msg("January")),
    ("2", msg("February")),
    ("3", msg("March")),
    ("4", msg("April")),
    ("5", msg("May")),
    ("6", msg("June")),
    ("7", msg("July")),
    ("8", msg("August")),
    ("9", msg("September")),
    ("10", msg("October")),
    ("11", msg("November")),
    ("12", msg("December")),
)

SETTINGS = (
    tl.Setting(
        "hour_cents",
        "integer",
        msg("Heating, in cents an hour"),
        default=0,
        help=msg("Added to the price of a booking in the cold months. 0: nothing is added."),
        least=0,
        most=100_000,
        scope="room",
    ),
    tl.Setting(
        "first_month",
        "choice",
        msg("First cold month"),
        default="10",
        help=msg("The whole month counts. The day on which a booking begins decides."),
        choices=MONTHS,
        scope="venue",
    ),
    tl.Setting(
        "last_month",
        "choice",
        msg("Last cold month"),
        default="4",
        choices=MONTHS,
        scope="venue",
    ),
)
