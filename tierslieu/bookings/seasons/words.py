"""Seasons in words: a slot, the reasons why one was not had, the states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tierslieu.bookings.rules.uses import WEEKDAYS
from tierslieu.bookings.seasons.criteria import BY_KEY, declared, standing
from tierslieu.bookings.seasons.models import SeasonApplication, SeasonRound
from tierslieu.bookings.seasons.rules import Fate, Missed, RoomFacts, Slot, WhyNone
from tierslieu.kernel.messages import Message, msg, nmsg

STATES: Final[Mapping[str, Message]] = {
    "draft": msg("Being prepared"),
    "open": msg("Open for applications"),
    "scoring": msg("Applications are in"),
    "proposed": msg("A timetable is proposed"),
    "published": msg("The timetable is published"),
    "closed": msg("The timetable is booked"),
}
_UNMET: Final[Mapping[WhyNone, Message]] = {
    "too_small": msg("The rooms that were named are too small for so many people."),
    "not_step_free": msg("None of the rooms that were named can be reached without steps."),
    "no_slot": msg("Nothing is offered in the rooms and at the times that were named."),
}


def clock(minutes: int) -> str:
    """Minutes from midnight on the clock: 1110 → 18:30."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def slot_words(slot: Slot, rooms: Mapping[int, RoomFacts]) -> Message:
    """“Tuesday 18:00–20:00, Salone”."""
    return msg(
        "%(weekday)s %(start)s–%(end)s, %(room)s",
        weekday=WEEKDAYS[slot.weekday],
        start=clock(slot.start),
        end=clock(slot.end),
        room=rooms[slot.room_id].name if slot.room_id in rooms else "–",
    )


def missed_words(missed: Missed) -> Message:
    """Why a slot was not had."""
    who = missed.holder.title if missed.holder is not None else ""
    n = missed.holder.score if missed.holder is not None else 0
    if missed.code == "held":
        return nmsg("It went to “%(who)s” with %(n)s point.",
                    "It went to “%(who)s” with %(n)s points.", n, who=who)  # fmt: skip
    if missed.code == "by_hand":
        return msg("It was given to “%(who)s” by hand.", who=who)
    if missed.code == "removed":
        return msg("It was taken away by hand: %(reason)s", reason=missed.reason)
    if missed.code == "same_day":
        return msg("It has another time on this day.")
    if missed.code == "at_once":
        return msg("It has another room at this time.")
    return msg("It became free: it is given when the timetable is made again.")


def summary(fate: Fate) -> Message:
    """How much of what was wanted was had."""
    got, wanted = len(fate.got), fate.wish.times
    if fate.is_whole:
        return nmsg("It has its time.", "It has all its %(n)s times.", wanted)
    if fate.unmet is not None:
        return _UNMET[fate.unmet]
    if not got:
        return msg("None of the times it named is left for it.")
    return msg("It has %(got)s of the %(wanted)s times it wanted.", got=got, wanted=wanted)


def hard(fate: Fate) -> list[Missed]:
    """The reasons that count: not those that only follow from what it has."""
    return [each for each in fate.missed if each.code not in ("same_day", "at_once")]


def source_words(key: str, row: SeasonRound, application: SeasonApplication) -> Message:
    """Who says that an application meets a criterion."""
    verdict = application.verdicts.get(key)
    if standing(key, row.to_confirm, application.verdicts) != "confirmed" or not verdict:
        return BY_KEY[key].says
    if verdict["reason"]:
        return msg("confirmed by the venue (%(why)s)", why=verdict["reason"])
    return msg("confirmed by the venue")


def point_words(row: SeasonRound, application: SeasonApplication) -> list[Message]:
    """Where points come from, one line each: what for, and who says so; then what has none yet."""
    found = [
        msg("%(criterion)s: %(n)s, %(source)s", criterion=BY_KEY[key].label, n=n,
            source=source_words(key, row, application))
        for key, n in application.points
        if key in BY_KEY
    ]  # fmt: skip
    for key in declared(row.criteria, application.answers):
        how = standing(key, row.to_confirm, application.verdicts)
        if how == "waiting":
            found.append(
                msg(
                    "%(criterion)s: no points yet, the venue has to confirm it",
                    criterion=BY_KEY[key].label,
                )
            )
        elif how == "declined":
            found.append(
                msg(
                    "%(criterion)s: no points, the venue did not confirm it (%(why)s)",
                    criterion=BY_KEY[key].label,
                    why=application.verdicts[key]["reason"],
                )
            )
    if application.points_by_hand:
        by_hand, why = application.points_by_hand, application.points_reason
        found.append(msg("By hand: %(n)s (%(why)s)", n=by_hand, why=why))
    return found
