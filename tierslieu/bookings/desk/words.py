"""What the desk reads: what was done to a booking, in words."""

from __future__ import annotations

from typing import Final

from tierslieu.kernel.messages import Message, msg

#: Verb of the log → what was done.
VERBS: Final[dict[str, Message]] = {
    "bookings.book": msg("Booked or asked for"),
    "bookings.change": msg("Changed"),
    "bookings.cancel": msg("Cancelled"),
    "series.book": msg("Booked or asked for, with its other dates"),
    "series.try_again": msg("Tried again, and booked"),
    "series.change": msg("Several dates changed"),
    "series.cancel": msg("Several dates cancelled"),
    "series.approve": msg("The series approved"),
    "series.deadline": msg("Nobody answered in time"),
    "series.decline": msg("The series declined"),
    "series.agree": msg("Another time of the series was agreed to"),
    "series.decline_change": msg("Another time of the series was declined"),
    "bookings.approve": msg("Approved"),
    "bookings.decline": msg("Declined"),
    "bookings.approve_change": msg("Change approved"),
    "bookings.decline_change": msg("Change declined"),
    "bookings.check_in": msg("Checked in"),
    "bookings.undo_check_in": msg("Check-in taken back"),
    "bookings.leave": msg("Left early"),
    "bookings.no_show": msg("Nobody came"),
    "bookings.undo_no_show": msg("They did come"),
    "bookings.not_retaken": msg("The room had been given to somebody else"),
    "bookings.deadline": msg("Nobody answered in time"),
    "bookings.lapse": msg("The offer expired"),
    "bookings.approve_step": msg("One step approved"),
    "bookings.decline_step": msg("One step refused"),
    "bookings.passed_step": msg("Nobody answered the step in time"),
    "waiting.offer": msg("Offered to the next in line"),
    "waiting.accept": msg("The offer was taken up"),
    "waiting.refuse": msg("The offer was given up"),
    "bookings.settle": msg("Closed"),
    "bookings.confirm_address": msg("The guest confirmed the address"),
    "bookings.revoke_links": msg("The guest's links were ended"),
    "bookings.take_over_guest": msg("Became an account's"),
    "bookings.preempt": msg("Taken over by somebody who may"),
    "bookings.sponsor_yes": msg("The sponsor said yes"),
    "bookings.sponsor_no": msg("The sponsor said no"),
}

#: Kind of a booking → its name.
KINDS: Final[dict[str, Message]] = {
    "normal": msg("Booking"),
    "staff": msg("The venue's own activity"),
    "blocked": msg("Kept free by the venue"),
    "seasonal": msg("Seasonal assignment"),
}


def verb_words(verb: str) -> Message | str:
    """What was done, or the verb itself where there are no words for it."""
    return VERBS.get(verb, verb)
