"""The decisions about bookings, pure: plain values in, plain values out, `now` included.

`policy` says what is in force, `doors` what it refuses at each way in, `nearest` what would be
allowed instead, `states` how a booking moves, `prices` what it costs, `search` how rooms answer
a wish.
"""

from tierslieu.bookings.rules.doors import (
    DOORS,
    Applicant,
    Ask,
    Door,
    Judgement,
    RoomFacts,
    cancel_reasons,
    change_reasons,
    check,
    taken_reason,
)
from tierslieu.bookings.rules.nearest import nearest_slots, slot_choices, steps_ok
from tierslieu.bookings.rules.notice import Notice
from tierslieu.bookings.rules.policy import (
    BUILT_IN,
    NONE,
    EffectivePolicy,
    Origin,
    PolicyRow,
    PolicyValues,
    audiences_of,
    resolve,
)
from tierslieu.bookings.rules.prices import (
    Price,
    PriceLine,
    TariffFacts,
    price,
    stored_price,
    whole_tariff,
    with_lines,
)
from tierslieu.bookings.rules.search import (
    Candidate,
    Match,
    Wish,
    fit_reasons,
    near_misses,
    ordered,
)
from tierslieu.bookings.rules.states import (
    MOVES,
    OCCUPYING,
    STATES,
    answer_deadline,
    check_in_reasons,
    first_state,
    move,
    occupies,
)

__all__ = [
    "BUILT_IN",
    "DOORS",
    "MOVES",
    "NONE",
    "OCCUPYING",
    "STATES",
    "Applicant",
    "Ask",
    "Candidate",
    "Door",
    "EffectivePolicy",
    "Judgement",
    "Match",
    "Notice",
    "Origin",
    "PolicyRow",
    "PolicyValues",
    "Price",
    "PriceLine",
    "RoomFacts",
    "TariffFacts",
    "Wish",
    "answer_deadline",
    "audiences_of",
    "cancel_reasons",
    "change_reasons",
    "check",
    "check_in_reasons",
    "first_state",
    "fit_reasons",
    "move",
    "near_misses",
    "nearest_slots",
    "occupies",
    "ordered",
    "price",
    "resolve",
    "slot_choices",
    "steps_ok",
    "stored_price",
    "taken_reason",
    "whole_tariff",
    "with_lines",
]
