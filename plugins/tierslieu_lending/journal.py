"""What lending writes down, in words."""

from __future__ import annotations

from typing import Final

import tierslieu.toolkit as tl

msg = tl.sentences("tierslieu_lending")

JOURNAL: Final[dict[str, tl.Message]] = {
    "lending": msg("Lending"),
    "lending.item_out_of_use": msg("took an item out of use"),
    "lending.offer_given_up": msg("gave up an offer"),
    "lending.offer_taken": msg("took an offer"),
    "lending.offered": msg("was offered a thing"),
    "lending.replaced": msg("was given another item"),
    "lending.waits": msg("waits for a thing"),
    "lending.waits_no_more": msg("no longer waits for a thing"),
    "lending.cancelled": msg("cancelled a loan"),
    "lending.handed_over": msg("handed a thing over"),
    "lending.item_saved": msg("noted how an item is"),
    "lending.items_added": msg("added items to lend"),
    "lending.renewed": msg("made a loan longer"),
    "lending.reserved": msg("had a thing kept"),
    "lending.taken_back": msg("took a thing back"),
    "lending.thing_saved": msg("described a thing to lend"),
}
