"""The settings of a policy: what each does, in one sentence, and an example of its effect. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tierslieu.bookings.policies import uses
from tierslieu.bookings.policies.setting import Setting
from tierslieu.bookings.rules import EffectivePolicy, Notice
from tierslieu.kernel.messages import Message, msg, nmsg
from tierslieu.kernel.span import at_wall, local_date

_MINUTES, _PEOPLE = msg("minutes"), msg("people")

GROUPS: Final[tuple[tuple[str, Message, tuple[Setting, ...]], ...]] = (
    ("who", msg("Who may book"), (
        Setting("who_may_book", "choice", msg("Who may book"),
                msg("Everybody else sees the calendar and cannot book."),
                (("anyone", msg("Anybody")), ("accounts", msg("Anybody with an account")),
                 ("members", msg("Members")), ("managers", msg("Only who runs the venue")))),
        Setting("membership_required", "flag", msg("A card is needed"),
                msg("The card must count today and on the day of the booking.")),
        Setting("max_open_bookings", "number", msg("Bookings open at a time"),
                msg("How many bookings one person or body may have ahead."),
                unit=msg("bookings"), unlimited=True),
        uses.OPEN_REQUESTS,
    )),
    ("uses", msg("What it is for"), uses.USES),
    ("answer", msg("How it is answered"), (
        Setting("approval", "choice", msg("Who confirms"),
                msg("Whether a booking is confirmed at once or waits for an answer."),
                (("none", msg("Confirmed at once")),
                 ("over", msg("At once for few, asked for many")),
                 ("asked", msg("Asked each time")))),
        Setting("approval_over", "number", msg("Many are more than"),
                msg("Above so many people it waits for an answer."), unit=_PEOPLE),
        Setting("requests", "choice", msg("While a request waits"),
                msg("Whether the time is kept for whoever asked first."),
                (("compete", msg("Others may ask too")), ("hold", msg("The time is kept")))),
        Setting("request_deadline_hours", "number", msg("Answer within"),
                msg("Until when a request must be answered; never later than its start."),
                unit=msg("hours"), unlimited=True),
        Setting("deadline_outcome", "choice", msg("If nobody answers"),
                msg("What becomes of a request that nobody answered in time."),
                (("expire", msg("It expires")), ("confirm", msg("It is confirmed")),
                 ("decline", msg("It is declined")))),
        uses.ASKS_FOR,
        uses.ORDER,
    )),
    ("length", msg("How long"), (
        Setting("step_minutes", "number", msg("Steps"),
                msg("Starts and lengths go in steps counted from midnight; openings always fit."),
                unit=_MINUTES, unlimited=True),
        Setting("shortest_minutes", "number", msg("Shortest"),
                msg("A booking lasts at least so long."), unit=_MINUTES, unlimited=True),
        Setting("longest_minutes", "number", msg("Longest"),
                msg("A booking lasts at most so long."), unit=_MINUTES, unlimited=True),
    )),
    ("ahead", msg("How far ahead"), (
        Setting("notice_add", "notice", msg("Book at least ahead"),
                msg("How long before its start a booking must be made."), unlimited=True),
        Setting("horizon_days", "number", msg("Book at most ahead"),
                msg("Up to how many days ahead bookings are open."),
                unit=msg("days"), unlimited=True),
        Setting("notice_change", "notice", msg("Change until"),
                msg("How long before its start whoever booked may still change it."),
                unlimited=True),
        Setting("notice_cancel", "notice", msg("Cancel until"),
                msg("How long before its start whoever booked may still cancel it."),
                unlimited=True),
        *uses.SEASON,
    )),
    ("around", msg("Around it"), (
        Setting("before_minutes", "number", msg("Kept before"),
                msg("Time to get ready, in which nobody else is in the room."), unit=_MINUTES),
        Setting("after_minutes", "number", msg("Kept after"),
                msg("Time to tidy up, in which nobody else is in the room."), unit=_MINUTES),
    )),
    ("preemption", msg("Taking over"), (
        Setting("preemption", "choice", msg("Who may take a booked time over"),
                msg("Whoever loses it pays nothing and is offered what is free."),
                (("nobody", msg("Nobody")),
                 ("network", msg("Who runs the network")),
                 ("city", msg("Who runs the network, or acts for the city")),
                 ("venue", msg("Who runs the network or the venue")))),
        Setting("preemption_notice", "notice", msg("Taken over at the latest"),
                msg("So long before, nobody loses a time any more."), unlimited=True),
    )),
    ("coming", msg("Coming"), (
        Setting("check_in", "flag", msg("Checking in is asked"),
                msg("Whoever comes says so, by code, by link or at the desk.")),
        Setting("check_in_before_minutes", "number", msg("Checking in opens before"),
                msg("From how long before the start one can say that one is there."),
                unit=_MINUTES),
        Setting("no_show_after_minutes", "number", msg("Free again after"),
                msg("How long after the start a room to which nobody came is given free."),
                unit=_MINUTES),
        Setting("offer_hours", "number", msg("An offer from the waiting list lasts"),
                msg("How long a time that became free is held for the next in line; "
                    "never more than half of the time that is left."), unit=msg("hours")),
        Setting("no_show_kept_days", "number", msg("Missed bookings are remembered"),
                msg("After so many days a booking to which nobody came counts no more."),
                unit=msg("days"), unlimited=True),
        Setting("reconfirm_weeks", "number", msg("Ask again whether it is needed"),
                msg("Whoever holds a series is asked every so many weeks; dates of which nobody "
                    "answers are freed."),
                unit=msg("weeks"), unlimited=True),
    )),
)  # fmt: skip

SETTINGS: Final[Mapping[str, Setting]] = {
    setting.name: setting for _, _, settings in GROUPS for setting in settings
}

_SAID: Final[Mapping[tuple[str, Any], Message]] = {
    ("who_may_book", "anyone"): msg("Somebody without an account books with name and e-mail."),
    ("who_may_book", "accounts"): msg("Whoever has registered books."),
    ("who_may_book", "members"): msg("Who has no card is told how to ask for one."),
    ("who_may_book", "managers"): msg("Others see what is on, and call you."),
    ("membership_required", True): msg("A card that ends in December books nothing in January."),
    ("membership_required", False): msg("A card is not asked for."),
    ("approval", "none"): msg("Whoever books reads “confirmed” a second later."),
    ("approval", "over"): msg("Few people read “confirmed” at once; many wait for you."),
    ("approval", "asked"): msg("Each request waits on your Today until somebody answers."),
    ("requests", "compete"): msg("Two may ask for the same evening, and you choose."),
    ("requests", "hold"): msg("Until you answer, the evening is taken for everybody else."),
    ("deadline_outcome", "expire"): msg("Whoever asked reads that nobody answered in time."),
    ("deadline_outcome", "confirm"): msg("Silence is a yes, if the time is still free."),
    ("deadline_outcome", "decline"): msg("Silence is a no."),
    ("preemption", "nobody"): msg("What is booked stays with whoever booked it."),
    ("preemption", "network"): msg("An election day can be held where a party was booked."),
    ("preemption", "city"): msg("The city may need the room for an election or an emergency."),
    ("preemption", "venue"): msg("Whoever runs the venue gives a reason, and it is told."),
    ("check_in", True): msg("Empty rooms are given free, and no-shows are counted."),
    ("check_in", False): msg("Nobody has to say that they came."),
    **uses.SAID,
}


def effect(name: str, policy: EffectivePolicy, now: datetime, zone: ZoneInfo) -> Message:
    """What the value in force means, by an example from today."""
    value = getattr(policy, name)
    if (name, value) in _SAID:
        return _SAID[name, value]
    if value is None:
        return _UNLIMITED.get(name, msg("There is no limit."))
    return _EXAMPLES[name](value, now, zone)


_UNLIMITED: Final[Mapping[str, Message]] = {
    **uses.UNLIMITED,
    "step_minutes": msg("One can begin at any minute."),
    "notice_add": msg("One can book a minute before it begins."),
    "notice_change": msg("It can be changed until it begins."),
    "notice_cancel": msg("It can be cancelled until it begins."),
    "preemption_notice": msg("Even on the same day."),
    "request_deadline_hours": msg("A request waits until it should begin."),
    "no_show_kept_days": msg("It is remembered as long as the booking is."),
    "reconfirm_weeks": msg("Nobody is asked: a series runs until it ends."),
}


def _at(minutes: int) -> str:
    minutes %= 1440
    return f"{minutes // 60}:{minutes % 60:02d}"


def _evening(now: datetime, zone: ZoneInfo) -> datetime:
    """Six in the evening in a week, as a person would say it."""
    return at_wall(local_date(now, zone) + timedelta(days=7), 1080, zone)


def _until(notice: Notice, start: datetime, zone: ZoneInfo) -> datetime:
    if notice.unit == "hours":
        return start - timedelta(hours=notice.amount)
    day = local_date(start, zone) - timedelta(days=notice.amount)
    return at_wall(day + timedelta(days=1), 0, zone) - timedelta(minutes=1)


def _step(value: int, _now: datetime, _zone: ZoneInfo) -> Message:
    return msg("One can begin at 18:00 or %(next)s, not in between.", next=_at(1080 + value))


def _approval_over(value: int, _now: datetime, _zone: ZoneInfo) -> Message:
    return nmsg("%(n)s person is confirmed at once, %(more)s wait for you.",
                "%(n)s people are confirmed at once, %(more)s wait for you.",
                value, more=value + 1)  # fmt: skip


def _open(value: int, _now: datetime, _zone: ZoneInfo) -> Message:
    return nmsg("Whoever has %(n)s booking ahead books the next when it is over.",
                "Whoever has %(n)s bookings ahead books the next when one is over.",
                value)  # fmt: skip


def _shortest(value: int, _now: datetime, _zone: ZoneInfo) -> Message:
    return msg("From 18:00 one stays until %(end)s at least.", end=_at(1080 + value))


def _longest(value: int, _now: datetime, _zone: ZoneInfo) -> Message:
    if value >= 1440:
        return msg("One stays %(time)s at most.", time=timedelta(minutes=value))
    return msg("From 18:00 one stays until %(end)s at most.", end=_at(1080 + value))


def _notice_add(value: Notice, now: datetime, zone: ZoneInfo) -> Message:
    first = value.earliest(now, zone).astimezone(zone)
    return msg("Now, the first start is %(first)s.", first=first)


def _notice_change(value: Notice, now: datetime, zone: ZoneInfo) -> Message:
    start = _evening(now, zone)
    until = _until(value, start, zone).astimezone(zone)
    return msg(
        "A booking for %(start)s can be changed until %(until)s.",
        start=start.astimezone(zone),
        until=until,
    )


def _notice_cancel(value: Notice, now: datetime, zone: ZoneInfo) -> Message:
    start = _evening(now, zone)
    until = _until(value, start, zone).astimezone(zone)
    return msg(
        "A booking for %(start)s can be cancelled until %(until)s.",
        start=start.astimezone(zone),
        until=until,
    )


def _preemption(value: Notice, now: datetime, zone: ZoneInfo) -> Message:
    start = _evening(now, zone)
    until = _until(value, start, zone).astimezone(zone)
    return msg(
        "A booking for %(start)s can be taken over until %(until)s.",
        start=start.astimezone(zone),
        until=until,
    )


def _horizon(value: int, now: datetime, zone: ZoneInfo) -> Message:
    last = local_date(now, zone) + timedelta(days=value)
    return msg("Today one books until %(day)s.", day=last)


def _before(value: int, _now: datetime, _zone: ZoneInfo) -> Message:
    if not value:
        return msg("A booking 18:00–20:00 keeps nothing before.")
    return msg("A booking 18:00–20:00 keeps the room from %(start)s.", start=_at(1080 - value))


def _after(value: int, _now: datetime, _zone: ZoneInfo) -> Message:
    if not value:
        return msg("A booking 18:00–20:00 keeps nothing after.")
    return msg("A booking 18:00–20:00 keeps the room until %(end)s.", end=_at(1200 + value))


def _deadline(value: int, now: datetime, zone: ZoneInfo) -> Message:
    until = (now + timedelta(hours=value)).astimezone(zone)
    return msg("Asked now, it is answered by %(until)s.", until=until)


def _check_in_before(value: int, _now: datetime, _zone: ZoneInfo) -> Message:
    return msg("For 18:00 one checks in from %(start)s.", start=_at(1080 - value))


def _no_show(value: int, _now: datetime, _zone: ZoneInfo) -> Message:
    return msg("Booked for 18:00 and nobody seen: free again at %(end)s.", end=_at(1080 + value))


def _kept(value: int, now: datetime, zone: ZoneInfo) -> Message:
    until = local_date(now, zone) + timedelta(days=value)
    return msg("Missed today: remembered until %(day)s.", day=until)


def _reconfirm(value: int, now: datetime, zone: ZoneInfo) -> Message:
    asked = local_date(now, zone) + timedelta(weeks=value)
    return msg("A series that begins today is asked on %(day)s: still needed?", day=asked)


def _offer(value: int, now: datetime, zone: ZoneInfo) -> Message:
    until = (now + timedelta(hours=value)).astimezone(zone)
    return msg("Offered now, it is held until %(until)s, then the next is asked.", until=until)


_EXAMPLES: Final[Mapping[str, Callable[[Any, datetime, ZoneInfo], Message]]] = {
    **uses.EXAMPLES,
    "max_open_bookings": _open,
    "approval_over": _approval_over,
    "request_deadline_hours": _deadline,
    "step_minutes": _step,
    "shortest_minutes": _shortest,
    "longest_minutes": _longest,
    "notice_add": _notice_add,
    "notice_change": _notice_change,
    "notice_cancel": _notice_cancel,
    "preemption_notice": _preemption,
    "horizon_days": _horizon,
    "before_minutes": _before,
    "after_minutes": _after,
    "check_in_before_minutes": _check_in_before,
    "no_show_after_minutes": _no_show,
    "offer_hours": _offer,
    "no_show_kept_days": _kept,
    "reconfirm_weeks": _reconfirm,
}
