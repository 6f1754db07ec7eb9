"""The states of a booking and the moves between them, as one table.

Finished is never stored: it is a confirmed or checked-in booking whose end has passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from tierslieu.bookings.rules.policy import EffectivePolicy
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import Span

STATES: Final = (
    "requested", "held", "confirmed", "checked_in", "declined", "cancelled", "no_show", "expired",
)  # fmt: skip
OCCUPYING: Final = frozenset({"held", "confirmed", "checked_in"})
FINAL: Final = frozenset({"declined", "cancelled", "expired"})
OPEN: Final = frozenset({"requested", "held", "confirmed"})
"""States that count in "so many open bookings", until their end passes."""

#: verb → state before → states it may become (the first unless said otherwise).
MOVES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "approve": {"requested": ("confirmed",)},
    "decline": {"requested": ("declined",)},
    "deadline": {"requested": ("expired", "confirmed", "declined")},
    "start_passes": {"requested": ("expired",)},
    "accept": {"held": ("confirmed", "requested")},
    "refuse": {"held": ("cancelled",)},
    "lapse": {"held": ("expired",)},
    "cancel": dict.fromkeys(("requested", "held", "confirmed"), ("cancelled",)),
    "change": {"confirmed": ("confirmed", "requested"), "requested": ("requested", "confirmed")},
    "check_in": {"confirmed": ("checked_in",)},
    "miss": {"confirmed": ("no_show",)},
    "undo_no_show": {"no_show": ("checked_in",)},
    "leave": {"checked_in": ("checked_in",)},
    "undo_check_in": {"checked_in": ("confirmed",)},
    "preempt": {"confirmed": ("cancelled",)},
    "put_back": {"cancelled": ("confirmed",)},
}

#: Moves of the house itself, or corrections: the end may have passed.
_AFTER_END: Final = frozenset({"undo_no_show", "deadline", "start_passes", "lapse", "miss"})
#: Answers that come too late once the start has passed.
_BEFORE_START: Final = frozenset({"approve", "accept"})

_STATE_WORDS: Final[Mapping[str, Message]] = {
    "requested": msg("This booking is waiting for an answer."),
    "held": msg("This booking is an offer that waits to be accepted."),
    "confirmed": msg("This booking is already confirmed."),
    "checked_in": msg("This booking is already checked in."),
    "declined": msg("This booking was declined."),
    "cancelled": msg("This booking was cancelled."),
    "no_show": msg("Nobody came to this booking."),
    "expired": msg("This request or offer has expired."),
}

_VERB_WORDS: Final[Mapping[str, Message]] = {
    "approve": msg("It cannot be approved."),
    "decline": msg("It cannot be declined."),
    "accept": msg("It cannot be accepted."),
    "refuse": msg("There is no offer to refuse."),
    "cancel": msg("It cannot be cancelled."),
    "change": msg("It cannot be changed."),
    "check_in": msg("Nobody can be checked in."),
    "miss": msg("It cannot be marked as missed."),
    "undo_no_show": msg("There is no missed booking to put right."),
    "leave": msg("Leaving early cannot be noted."),
    "undo_check_in": msg("There is no check-in to undo."),
    "preempt": msg("It cannot be given to somebody else."),
    "put_back": msg("It cannot be put back."),
}


def _wrong_state(state: str, verb: str) -> Reason:
    said = _STATE_WORDS[state]
    if verb in _VERB_WORDS:
        said = msg("%(state)s %(consequence)s", state=said, consequence=_VERB_WORDS[verb])
    return Reason("wrong_state", said, kind="state")


def move(
    state: str, verb: str, span: Span, now: datetime, *, to: str | None = None
) -> str | Reason:
    """The state after a verb, or the reason against it.

    ``to`` picks among several outcomes (``deadline``, ``accept``, ``change``). The reason is
    ``past`` (422) when the time for it is over, ``wrong_state`` (409) otherwise. Raises KeyError
    for an unknown verb and ValueError for an outcome that the verb does not have.
    """
    outcomes = MOVES[verb].get(state)
    if span.ends_at <= now and verb not in _AFTER_END:
        return Reason("past", msg("This booking is over: it can no longer be changed."))
    if outcomes is None:
        return _wrong_state(state, verb)
    if span.starts_at <= now and verb in _BEFORE_START:
        return Reason("past", msg("The start has passed: it is too late to answer."))
    if to is not None and to not in outcomes:
        raise ValueError(f"{verb} does not lead from {state} to {to}")
    return to or outcomes[0]


def occupies(state: str, requests: str) -> bool:
    """Whether a booking in this state takes its room; `requests` is the policy's word."""
    return state in OCCUPYING or (state == "requested" and requests == "hold")


def first_state(
    policy: EffectivePolicy,
    attendance: int | None,
    declared: Iterable[str] = (),
    *,
    may_approve: bool = False,
) -> str:
    """What a new booking is: a request where the policy asks and the asker cannot answer."""
    asked = policy.asks_approval(attendance, declared) and not may_approve
    return "requested" if asked else "confirmed"


def answer_deadline(policy: EffectivePolicy, asked_at: datetime, span: Span) -> datetime | None:
    """Until when a request must be answered; never after its start; None = no deadline."""
    if policy.request_deadline_hours is None:
        return None
    return min(asked_at + timedelta(hours=policy.request_deadline_hours), span.starts_at)


def check_in_reasons(policy: EffectivePolicy, span: Span, now: datetime) -> list[Reason]:
    """What is against checking in at this moment: too early before the start."""
    opens = span.starts_at - timedelta(minutes=policy.check_in_before_minutes)
    if now < opens:
        ahead = timedelta(minutes=policy.check_in_before_minutes)
        return [
            Reason("too_early", msg("Checking in opens %(ahead)s before the start.", ahead=ahead))
        ]
    return []
