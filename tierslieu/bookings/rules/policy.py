"""House rules: what each scope says to each audience, and what is in force of it.

A row says something about some fields only. Each field is resolved on its own: room, then venue,
then network, then the built-in default; at each scope the most favourable of the rows whose
audience fits the applicant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from tierslieu.bookings.rules.notice import Notice
from tierslieu.bookings.rules.uses import LISTS, listed
from tierslieu.bookings.rules.windows import last_day, month_day
from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.messages import msg

NONE: Final = "none"
"""Said instead of a limit: there is none."""

Scope = Literal["room", "venue", "network", "built_in"]
SCOPES: tuple[Scope, ...] = ("room", "venue", "network")

AUDIENCES: Final = ("everyone", "members", "residents", "organisations", "managers")
WHO: Final = ("anyone", "accounts", "members", "managers")
APPROVAL: Final = ("none", "over", "asked")
REQUESTS: Final = ("hold", "compete")
OUTCOMES: Final = ("confirm", "expire", "decline")
ORDERS: Final = ("first", "members", "residents", "organisations")
PREEMPTION: Final = ("nobody", "network", "city", "venue")


@dataclass(frozen=True)
class PolicyValues:
    """What one row says; None = not said here, ``NONE`` = no limit.

    Lengths are minutes; ``approval_over`` is the attendance above which approval "over" asks;
    ``horizon_days`` are local calendar days; ``request_deadline_hours`` run from the asking.
    """

    who_may_book: str | None = None
    membership_required: bool | None = None
    approval: str | None = None
    approval_over: int | None = None
    step_minutes: int | str | None = None
    shortest_minutes: int | str | None = None
    longest_minutes: int | str | None = None
    notice_add: Notice | str | None = None
    notice_change: Notice | str | None = None
    notice_cancel: Notice | str | None = None
    horizon_days: int | str | None = None
    before_minutes: int | None = None
    after_minutes: int | None = None
    requests: str | None = None
    request_deadline_hours: int | str | None = None
    deadline_outcome: str | None = None
    max_open_bookings: int | str | None = None
    preemption: str | None = None
    preemption_notice: Notice | str | None = None
    check_in: bool | None = None
    check_in_before_minutes: int | None = None
    no_show_after_minutes: int | None = None
    offer_hours: int | None = None
    no_show_kept_days: int | str | None = None
    reconfirm_weeks: int | str | None = None
    purpose_required: bool | None = None
    public_only: bool | None = None
    allowed_purposes: tuple[str, ...] | str | None = None
    weekend_purposes: tuple[str, ...] | None = None
    booking_days: tuple[int, ...] | str | None = None
    fewest_people: int | str | None = None
    asks_for: tuple[str, ...] | None = None
    max_open_requests: int | str | None = None
    request_order: str | None = None
    season_starts: str | None = None
    season_opens: str | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> PolicyValues:
        """Read stored rules; raises `Invalid` with the field for a wrong or unknown value."""
        unknown = sorted(set(stored) - set(FIELDS))
        if unknown:
            raise Invalid("unknown_rule", msg("There is no such rule."), unknown[0])
        return cls(**{name: _read(name, value) for name, value in stored.items()})

    def to_json(self) -> dict[str, Any]:
        """What is said, as it is stored."""
        said = {name: getattr(self, name) for name in FIELDS}
        return {name: _stored(value) for name, value in said.items() if value is not None}


def _stored(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Notice) else value


FIELDS: tuple[str, ...] = tuple(item.name for item in fields(PolicyValues))

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "who_may_book": WHO,
    "approval": APPROVAL,
    "requests": REQUESTS,
    "deadline_outcome": OUTCOMES,
    "request_order": ORDERS,
    "preemption": PREEMPTION,
}
_FLAGS = ("membership_required", "check_in", "purpose_required", "public_only")
_YEAR_DAYS = ("season_starts", "season_opens")
_NOTICES = ("notice_add", "notice_change", "notice_cancel", "preemption_notice")
_BOUNDS: Mapping[str, tuple[int, int]] = {
    "approval_over": (0, 100_000),
    "step_minutes": (1, 1440),
    "shortest_minutes": (1, 10_080),
    "longest_minutes": (1, 44_640),
    "horizon_days": (0, 3660),
    "before_minutes": (0, 1440),
    "after_minutes": (0, 1440),
    "request_deadline_hours": (1, 8760),
    "max_open_bookings": (0, 10_000),
    "max_open_requests": (0, 10_000),
    "fewest_people": (1, 100_000),
    "check_in_before_minutes": (0, 1440),
    "no_show_after_minutes": (0, 1440),
    "offer_hours": (1, 168),
    "no_show_kept_days": (1, 3660),
    "reconfirm_weeks": (2, 104),
}
_MAY_BE_NONE = {
    "step_minutes", "shortest_minutes", "longest_minutes", "notice_add", "notice_change",
    "notice_cancel", "horizon_days", "request_deadline_hours", "max_open_bookings",
    "no_show_kept_days", "reconfirm_weeks", "allowed_purposes", "booking_days", "fewest_people",
    "max_open_requests", "season_opens", "preemption_notice",
}  # fmt: skip


def _read(name: str, value: object) -> Any:
    if value is None or (value == NONE and name in _MAY_BE_NONE):
        return value
    if name in _NOTICES or name in _YEAR_DAYS:
        return _written(name, value)
    if name in LISTS:
        return listed(name, value)
    if name in _FLAGS and isinstance(value, bool):
        return value
    if name in _CHOICES and value in _CHOICES[name]:
        return value
    if name in _BOUNDS and type(value) is int:
        low, high = _BOUNDS[name]
        if low <= value <= high:
            return value
    raise Invalid("bad_rule", msg("This value is not possible for this rule."), name)


def _written(name: str, value: object) -> Any:
    try:
        if name in _NOTICES:
            return Notice.read(value)
        month_day(str(value))
    except ValueError:
        text = msg("Choose a day from 1 to 28 of a month.")
        if name in _NOTICES:
            text = msg("Write a notice like 2h or 3d.")
        raise Invalid("bad_rule", text, name) from None
    return value


@dataclass(frozen=True)
class PolicyRow:
    """What one scope says to one audience."""

    scope: Scope
    audience: str
    values: PolicyValues


BUILT_IN = PolicyValues(
    who_may_book="accounts",
    membership_required=False,
    approval="asked",
    approval_over=0,
    step_minutes=30,
    shortest_minutes=NONE,
    longest_minutes=240,
    notice_add=Notice(2),
    notice_change=Notice(2),
    notice_cancel=NONE,
    horizon_days=90,
    before_minutes=0,
    after_minutes=0,
    requests="compete",
    request_deadline_hours=NONE,
    deadline_outcome="expire",
    max_open_bookings=NONE,
    preemption="nobody",
    preemption_notice=Notice(14, "days"),
    check_in=False,
    check_in_before_minutes=30,
    no_show_after_minutes=15,
    offer_hours=24,
    no_show_kept_days=365,
    reconfirm_weeks=NONE,
    purpose_required=False,
    public_only=False,
    allowed_purposes=NONE,
    weekend_purposes=(),
    booking_days=NONE,
    fewest_people=NONE,
    asks_for=(),
    max_open_requests=NONE,
    request_order="first",
    season_starts="09-01",
    season_opens=NONE,
)


@dataclass(frozen=True)
class Origin:
    """Where a value in force comes from."""

    scope: Scope
    audience: str


@dataclass(frozen=True)
class EffectivePolicy:
    """The rules in force for one applicant in one room; None = no limit."""

    who_may_book: str
    membership_required: bool
    approval: str
    approval_over: int
    step_minutes: int | None
    shortest_minutes: int | None
    longest_minutes: int | None
    notice_add: Notice | None
    notice_change: Notice | None
    notice_cancel: Notice | None
    horizon_days: int | None
    before_minutes: int
    after_minutes: int
    requests: str
    request_deadline_hours: int | None
    deadline_outcome: str
    max_open_bookings: int | None
    preemption: str
    preemption_notice: Notice | None
    check_in: bool
    check_in_before_minutes: int
    no_show_after_minutes: int
    offer_hours: int
    no_show_kept_days: int | None
    reconfirm_weeks: int | None
    purpose_required: bool
    public_only: bool
    allowed_purposes: tuple[str, ...] | None
    weekend_purposes: tuple[str, ...]
    booking_days: tuple[int, ...] | None
    fewest_people: int | None
    asks_for: tuple[str, ...]
    max_open_requests: int | None
    request_order: str
    season_starts: str
    season_opens: str | None
    origins: Mapping[str, Origin] = field(default_factory=dict, hash=False)

    @property
    def before(self) -> timedelta:
        """Set-up time before what people see."""
        return timedelta(minutes=self.before_minutes)

    @property
    def after(self) -> timedelta:
        """Clear-up time after what people see."""
        return timedelta(minutes=self.after_minutes)

    def asks_approval(self, attendance: int | None, declared: Iterable[str] = ()) -> bool:
        """Whether a booking for so many people waits for an answer; unknown counts as many.

        ``declared``: what is said of it; some of that may ask for an answer by itself.
        """
        if set(self.asks_for) & set(declared):
            return True
        if self.approval == "over":
            return attendance is None or attendance > self.approval_over
        return self.approval == "asked"

    def earliest(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first start that has enough notice."""
        return self.notice_add.earliest(now, zone) if self.notice_add else now

    def last_day(self, now: datetime, zone: ZoneInfo) -> date | None:
        """The last local day on which a booking may begin; None = no limit."""
        return last_day(self, now, zone)


def audiences_of(
    *, member: bool, for_organisation: bool, manages: bool, resident: bool = False
) -> frozenset[str]:
    """The audiences that fit an applicant; everybody is "everyone"."""
    fitting = {"everyone"}
    if member:
        fitting.add("members")
    if resident:
        fitting.add("residents")
    if for_organisation:
        fitting.add("organisations")
    if manages:
        fitting.add("managers")
    return frozenset(fitting)


def resolve(rows: Iterable[PolicyRow], audiences: Iterable[str]) -> EffectivePolicy:
    """The rules in force, field by field, each with where it comes from."""
    fitting = set(audiences) | {"everyone"}
    said = [row for row in rows if row.audience in fitting]
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for name in FIELDS:
        value, origin = _strongest(name, said)
        values[name] = None if value == NONE and name in _MAY_BE_NONE else value
        origins[name] = origin
    return EffectivePolicy(**values, origins=origins)


def _strongest(name: str, rows: list[PolicyRow]) -> tuple[Any, Origin]:
    for scope in SCOPES:
        here = [
            (getattr(row.values, name), Origin(scope, row.audience))
            for row in rows
            if row.scope == scope and getattr(row.values, name) is not None
        ]
        if here:
            return min(here, key=lambda pair: (_burden(name, pair[0]), pair[1].audience))
    return getattr(BUILT_IN, name), Origin("built_in", "everyone")


def _burden(name: str, value: Any) -> float:
    """How much a value asks of the applicant: the smallest is the most favourable."""
    if value == NONE and name in _MAY_BE_NONE:
        return float("-inf")
    if name in _CHOICES:
        return _CHOICES[name].index(value)
    if isinstance(value, Notice):
        return value.length.total_seconds()
    if name in LISTS:
        return -len(value) if name in _MAY_BE_NONE else len(value)
    if name in _YEAR_DAYS:
        return _after_summer(value)
    return _MORE_IS_BETTER.get(name, float)(value)


def _after_summer(value: str) -> float:
    """Where in a season of school a day lies: whoever opens earlier in it opens sooner."""
    month, day = month_day(value)
    return (month * 31 + day - 280) % 372


def _less(value: Any) -> float:
    return -float(value)


_MORE_IS_BETTER: Mapping[str, Callable[[Any], float]] = dict.fromkeys(
    (
        "approval_over",
        "longest_minutes",
        "horizon_days",
        "request_deadline_hours",
        "max_open_bookings",
        "max_open_requests",
        "check_in_before_minutes",
        "no_show_after_minutes",
        "offer_hours",
        "reconfirm_weeks",
    ),
    _less,
)
