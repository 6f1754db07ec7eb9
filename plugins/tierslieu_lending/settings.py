"""What people may set of lending."""

from __future__ import annotations

import tierslieu.toolkit as tl

msg = tl.sentences("tierslieu_lending")

SETTINGS = (
    tl.Setting(
        "longest_days",
        "integer",
        msg("Days that a thing is lent for at most"),
        default=7,
        help=msg("A thing may say otherwise. From Monday to the next Monday are 7 days."),
        least=1,
        most=366,
        scope="venue",
    ),
    tl.Setting(
        "horizon_days",
        "integer",
        msg("Days ahead that a loan may begin"),
        default=90,
        least=1,
        most=730,
        scope="venue",
    ),
    tl.Setting(
        "notice_hours",
        "integer",
        msg("Hours of notice before a loan begins"),
        default=0,
        help=msg("So that somebody can get it out of the cellar. At the desk it is lent at once."),
        least=0,
        most=336,
        scope="venue",
    ),
    tl.Setting(
        "most",
        "integer",
        msg("Things that one person may have at a time"),
        default=3,
        help=msg("Counted at this venue: what is reserved and what is out."),
        least=1,
        most=50,
        scope="venue",
    ),
    tl.Setting(
        "renewals",
        "integer",
        msg("Times that a loan may be made longer"),
        default=1,
        help=msg("Each time by as many days as it was lent for, unless somebody waits for it."),
        least=0,
        most=10,
        scope="venue",
    ),
    tl.Setting(
        "offer_hours",
        "integer",
        msg("Hours that an offer of the waiting list is held"),
        default=24,
        help=msg("Who does not answer until then is passed over, and the next in line is asked."),
        least=1,
        most=168,
        scope="venue",
    ),
    tl.Setting(
        "remind_hours",
        "integer",
        msg("Hours before it is due that whoever has it is reminded"),
        default=24,
        help=msg("0: nobody is reminded before. What is late is asked for the day after."),
        least=0,
        most=168,
        scope="venue",
    ),
    tl.Setting(
        "forget_years",
        "integer",
        msg("Years after which it is forgotten who had what"),
        default=2,
        help=msg("The loan stays in the figures."),
        least=1,
        most=10,
    ),
)
