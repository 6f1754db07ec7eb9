"""One wish judged for many rooms: once for all that differ in nothing that matters to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tierslieu.bookings.rules.doors import Applicant, Ask, Judgement, RoomFacts, check
from tierslieu.bookings.rules.policy import EffectivePolicy


@dataclass
class Checked:
    """Judgements of one wish, made once for all rooms that differ in nothing that matters to it."""

    ask: Ask
    now: datetime
    #: By what they were made from, and with it, so that the id of each stays its own.
    made: dict[tuple[object, ...], tuple[Judgement, object]] = field(default_factory=dict)

    def of(self, room: RoomFacts, policy: EffectivePolicy, applicant: Applicant) -> Judgement:
        """The judgement for a room, before anything is known of what is taken."""
        key = alike(room, policy, applicant, self.ask.attendance)
        if key is None:
            return self._judged(room, policy, applicant)
        found = self.made.get(key)
        if found is None:
            judged = self._judged(room, policy, applicant)
            found = self.made[key] = judged, (room.opening, room.zone, policy, applicant)
        return found[0]

    def _judged(self, room: RoomFacts, policy: EffectivePolicy, applicant: Applicant) -> Judgement:
        return check("book", self.ask, room, policy, applicant, self.now, choices=0)


def alike(
    room: RoomFacts, policy: EffectivePolicy, applicant: Applicant, people: int | None
) -> tuple[object, ...] | None:
    """What rooms have in common that are judged alike; None: this one is judged by itself.

    Facts and policies are kept, so what is the same object is the same to the rules.
    """
    if room.limits is not None or (room.capacity is not None and (people or 0) > room.capacity):
        return None
    return id(room.opening), id(room.zone), room.bookable, id(policy), id(applicant)
