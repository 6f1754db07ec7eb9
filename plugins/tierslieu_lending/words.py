"""What the kinds and states of lending are called."""

from __future__ import annotations

import tierslieu.toolkit as tl

msg = tl.sentences("tierslieu_lending")

CATEGORIES = {
    "tools": msg("Tools"),
    "garden": msg("Garden"),
    "kitchen": msg("Kitchen"),
    "party": msg("Parties and fairs"),
    "sound": msg("Sound and music"),
    "screen": msg("Screen and picture"),
    "sport": msg("Sport and outdoors"),
    "games": msg("Games and children"),
    "transport": msg("Getting about"),
    "care": msg("Care and aids"),
    "other": msg("Other things"),
}
CATEGORY_ICONS = {
    "tools": "tool",
    "garden": "seedling",
    "kitchen": "pot",
    "party": "sun",
    "sound": "music",
    "screen": "projector",
    "sport": "bike",
    "games": "star",
    "transport": "car",
    "care": "hand",
    "other": "box",
}
AUDIENCES = {
    "account": msg("Whoever has an account"),
    "members": msg("Members only"),
}
CONDITIONS = {
    "good": msg("Good"),
    "worn": msg("Worn, works"),
    "damaged": msg("Damaged"),
}
ITEM_STATES = {
    "in_use": msg("In use"),
    "repair": msg("Being repaired"),
    "lost": msg("Lost"),
    "retired": msg("Out of use"),
}
LOAN_STATES = {
    "requested": msg("Waits for an answer"),
    "offered": msg("Offered to you"),
    "reserved": msg("Kept for you"),
    "out": msg("With you"),
    "returned": msg("Brought back"),
    "lost": msg("Lost"),
    "cancelled": msg("Cancelled"),
    "declined": msg("Declined"),
    "expired": msg("Expired"),
    "missed": msg("Not fetched"),
}
EVERYTHING = {
    "categories": CATEGORIES,
    "category_icons": CATEGORY_ICONS,
    "audiences": AUDIENCES,
    "conditions": CONDITIONS,
    "item_states": ITEM_STATES,
    "loan_states": LOAN_STATES,
}
