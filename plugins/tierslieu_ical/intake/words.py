"""What is said of what comes in: why a calendar could not be read."""

from __future__ import annotations

import tierslieu.toolkit as tl

msg = tl.sentences("tierslieu_ical")

LABEL = msg("Busy (external calendar)")

PROBLEMS = {
    "address": msg("This is no address of a calendar: it begins with https:// or webcal://."),
    "password": msg("Addresses with a name and password in them are not asked."),
    "port": msg("Calendars are asked at the usual ports of the web only."),
    "unknown_host": msg("There is no such server."),
    "forbidden_host": msg("This address leads into a private network; it is not asked."),
    "certificate": msg("The server could not show that it is the one it says."),
    "redirect": msg("The address leads elsewhere again and again."),
    "not_public": msg("The server does not let us in: is the address the secret or public one?"),
    "gone": msg("There is no calendar at this address any more."),
    "slow": msg("The server took too long."),
    "no_answer": msg("The server did not answer as it should."),
    "too_large": msg("The calendar is too large, or repeats too often."),
    "no_calendar": msg("What came is no calendar."),
    "strange_zone": msg("The calendar describes its time zones in a way we do not read."),
    "retired": msg("The room is no longer in use."),
}


def problem(code: str) -> tl.Message:
    """A problem in words."""
    return PROBLEMS.get(code, PROBLEMS["no_answer"])


FATES = {
    "booked": msg("Will be booked"),
    "asked": msg("Will be asked for"),
    "there": msg("Is here already"),
    "twice": msg("Overlaps another event of this file"),
    "refused": msg("Cannot be booked"),
    "past": msg("Is over"),
    "not_understood": msg("Not understood"),
}


def fate_words(code: str, dates: int = 1, whole: int = 1) -> tl.Message:
    """What would become of an event, in words; of a series, of how many of its dates."""
    if code in {"booked", "asked", "some"} and whole > 1:
        return msg("%(n)s of %(whole)s dates will be booked", n=dates, whole=whole)
    return FATES.get(code, FATES["refused"])
