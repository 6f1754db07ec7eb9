"""House rules in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final, NamedTuple

from tierslieu.bookings.houserules.uses import Rule, plain_uses, value_of
from tierslieu.bookings.rules import EffectivePolicy, Notice, Origin
from tierslieu.bookings.rules.uses import NO_PURPOSES, Purposes
from tierslieu.kernel.messages import Message, msg, nmsg


def plain(policy: EffectivePolicy, purposes: Purposes = NO_PURPOSES) -> list[Rule]:
    """The rules in force, the way somebody at the desk would tell them."""
    found = [_ahead(policy), _hours(policy), *_length(policy), answer(policy), ending(policy)]
    return [*found, *plain_uses(policy, purposes), *_others(policy)]


def _ahead(policy: EffectivePolicy) -> Rule:
    horizon = None if policy.horizon_days is None else timedelta(days=policy.horizon_days)
    who = _WHO[policy.who_may_book]
    if policy.notice_add and horizon:
        text = msg(
            "Book at least %(notice)s and at most %(horizon)s ahead.",
            notice=policy.notice_add.length,
            horizon=horizon,
        )
    elif policy.notice_add:
        text = msg("Book at least %(notice)s ahead.", notice=policy.notice_add.length)
    elif horizon:
        text = msg("Book at most %(horizon)s ahead.", horizon=horizon)
    else:
        text = msg("Book as far ahead as you like.")
    return Rule(text, _CARD if policy.membership_required else who)


def _hours(policy: EffectivePolicy) -> Rule:
    more: Message | str = ""
    if policy.step_minutes:
        more = nmsg(
            "Times are whole minutes, or as the opening begins.",
            "Times go in steps of %(n)s minutes, or as the opening begins.",
            policy.step_minutes,
        )
    return Rule(msg("Come in during the opening hours."), more)


def _length(policy: EffectivePolicy) -> Iterator[Rule]:
    more: Message | str = ""
    if policy.max_open_bookings is not None:
        more = nmsg(
            "And at most %(n)s booking open at a time.",
            "And at most %(n)s bookings open at a time.",
            policy.max_open_bookings,
        )
    shortest, longest = policy.shortest_minutes, policy.longest_minutes
    if shortest and longest:
        text = msg(
            "From %(shortest)s to %(longest)s at a time.",
            shortest=timedelta(minutes=shortest),
            longest=timedelta(minutes=longest),
        )
        yield Rule(text, more)
    elif longest:
        yield Rule(msg("At most %(longest)s at a time.", longest=timedelta(minutes=longest)), more)
    elif shortest:
        text = msg("At least %(shortest)s at a time.", shortest=timedelta(minutes=shortest))
        yield Rule(text, more)
    elif more:
        yield Rule(msg("As long as you like."), more)


def answer(policy: EffectivePolicy) -> Rule:
    """How one is answered: at once, by somebody, or at once up to so many people."""
    more: Message | str = ""
    if policy.approval != "none" and policy.request_deadline_hours:
        within = timedelta(hours=policy.request_deadline_hours)
        more = msg("You hear from them within %(time)s.", time=within)
    if policy.approval == "none":
        return Rule(msg("You are answered at once."))
    if policy.approval == "over":
        text = nmsg(
            "You are answered at once for %(n)s person; for more, the venue answers.",
            "You are answered at once up to %(n)s people; for more, the venue answers.",
            policy.approval_over,
        )
        return Rule(text, more)
    return Rule(msg("The venue answers each request."), more)


def ending(policy: EffectivePolicy) -> Rule:
    """Until when it can be cancelled and changed."""
    more: Message | str = ""
    if policy.notice_change:
        more = msg("Change it until %(notice)s before.", notice=policy.notice_change.length)
    if policy.notice_cancel:
        text = msg("Cancel until %(notice)s before.", notice=policy.notice_cancel.length)
        return Rule(text, more)
    return Rule(msg("Cancel at any time before it begins."), more)


def _others(policy: EffectivePolicy) -> Iterator[Rule]:
    between = policy.before_minutes + policy.after_minutes
    if between:
        kept = timedelta(minutes=between)
        yield Rule(
            msg("Some time is kept around each booking."),
            msg("%(time)s, to get ready and to tidy up.", time=kept),
        )
    if policy.preemption != "nobody":
        yield Rule(
            msg("A booked time may be taken over, with a reason."),
            msg(
                "Not later than %(notice)s before; you pay nothing and are offered what is free.",
                notice=policy.preemption_notice.length,
            )
            if policy.preemption_notice
            else msg("You pay nothing and are offered what is free."),
        )
    if policy.check_in:
        late = timedelta(minutes=policy.no_show_after_minutes)
        yield Rule(
            msg("Say that you are there."),
            msg("If nobody comes within %(time)s, the room is free again.", time=late),
        )
    if policy.reconfirm_weeks is not None:
        yield Rule(
            nmsg(
                "What repeats is asked for again each week: do you still need it?",
                "What repeats is asked for again every %(n)s weeks: do you still need it?",
                policy.reconfirm_weeks,
            ),
            msg("Without an answer the dates that follow are free for others."),
        )


_CARD: Final = msg("For members whose card still counts on that day.")
_WHO: Final[dict[str, Message]] = {
    "anyone": msg("Anybody may book."),
    "accounts": msg("Anybody with an account may book."),
    "members": msg("Members may book."),
    "managers": msg("Only the people who run the venue may book."),
}

#: Rule → what it is called where each value is listed.
LABELS: Final[dict[str, Message]] = {
    "who_may_book": msg("Who may book"),
    "membership_required": msg("A card is needed"),
    "approval": msg("Answer"),
    "approval_over": msg("Asks above so many people"),
    "step_minutes": msg("Steps"),
    "shortest_minutes": msg("Shortest"),
    "longest_minutes": msg("Longest"),
    "notice_add": msg("Book ahead, at least"),
    "notice_change": msg("Change until"),
    "notice_cancel": msg("Cancel until"),
    "horizon_days": msg("Book ahead, at most"),
    "before_minutes": msg("Kept before"),
    "after_minutes": msg("Kept after"),
    "requests": msg("While a request waits"),
    "request_deadline_hours": msg("Answered within"),
    "deadline_outcome": msg("If nobody answers"),
    "max_open_bookings": msg("Open bookings at a time"),
    "max_open_requests": msg("Open requests at a time"),
    "purpose_required": msg("A use must be said"),
    "public_only": msg("Public uses only"),
    "allowed_purposes": msg("Uses allowed"),
    "weekend_purposes": msg("Uses at the week-end only"),
    "booking_days": msg("Days of the week"),
    "fewest_people": msg("Fewest people"),
    "asks_for": msg("Always asked for"),
    "request_order": msg("Who comes first when several ask"),
    "season_starts": msg("The season begins"),
    "season_opens": msg("The next season opens"),
    "preemption": msg("Who may take a booked time over"),
    "preemption_notice": msg("Taken over at the latest"),
    "check_in": msg("Checking in is asked"),
    "check_in_before_minutes": msg("Checking in opens before"),
    "no_show_after_minutes": msg("Free again when nobody comes after"),
    "no_show_kept_days": msg("Missed bookings remembered for"),
    "reconfirm_weeks": msg("Series asked again every"),
}

_VALUES: Final[dict[str, Message]] = {
    "anyone": msg("anybody"),
    "accounts": msg("anybody with an account"),
    "members": msg("members"),
    "managers": msg("the people who run the venue"),
    "none": msg("at once"),
    "over": msg("at once for few, by the venue for many"),
    "asked": msg("by the venue"),
    "hold": msg("the time is kept"),
    "compete": msg("others may ask too"),
    "confirm": msg("it is confirmed"),
    "nobody": msg("nobody"),
    "network": msg("who runs the network"),
    "city": msg("who runs the network, or acts for the city"),
    "venue": msg("who runs the network or the venue"),
    "expire": msg("it expires"),
    "decline": msg("it is declined"),
    "first": msg("whoever asked first"),
    "residents": msg("residents"),
    "organisations": msg("organisations"),
}

_SCOPES: Final[dict[str, Message]] = {
    "room": msg("said for this room"),
    "venue": msg("said for the venue"),
    "network": msg("said for the network"),
    "built_in": msg("as it comes"),
}
_AUDIENCES: Final[dict[str, Message]] = {
    "members": msg("for members"),
    "residents": msg("for residents"),
    "organisations": msg("for organisations"),
    "managers": msg("for the people who run it"),
}


class Listed(NamedTuple):
    """One rule with its value and where that comes from."""

    key: str
    label: Message
    value: Message | str
    origin: tuple[Message, ...]


def listed(policy: EffectivePolicy, purposes: Purposes = NO_PURPOSES) -> list[Listed]:
    """Every rule in force, one by one."""
    return [
        Listed(
            key,
            label,
            value_of(key, value := getattr(policy, key), purposes) or _value(key, value),
            _origin(policy.origins.get(key)),
        )
        for key, label in LABELS.items()
        if key != "approval_over" or policy.approval == "over"
    ]


def _value(key: str, value: Any) -> Message:
    if value is None:
        return msg("no limit")
    if isinstance(value, bool):
        return msg("yes") if value else msg("no")
    if isinstance(value, Notice):
        return msg("%(time)s", time=value.length)
    if isinstance(value, str):
        return _VALUES[value]
    _, _, unit = key.rpartition("_")
    if unit in ("minutes", "hours", "days", "weeks"):
        return msg("%(time)s", time=timedelta(**{unit: value}))
    return msg("%(n)s", n=value)


def _origin(origin: Origin | None) -> tuple[Message, ...]:
    if origin is None:
        return ()
    said = (_SCOPES[origin.scope],)
    return (*said, _AUDIENCES[origin.audience]) if origin.audience in _AUDIENCES else said
