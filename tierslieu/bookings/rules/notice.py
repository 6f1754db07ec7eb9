"""How long ahead something must be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from tierslieu.kernel.span import at_wall, local_date


@dataclass(frozen=True)
class Notice:
    """Time ahead: elapsed hours, or local calendar days."""

    amount: int
    unit: Literal["hours", "days"] = "hours"

    def earliest(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first instant that is far enough ahead of `now`."""
        if self.unit == "hours":
            return now + timedelta(hours=self.amount)
        return at_wall(local_date(now, zone) + timedelta(days=self.amount), 0, zone)

    @property
    def length(self) -> timedelta:
        """For comparing and for showing."""
        return timedelta(**{self.unit: self.amount})

    def __str__(self) -> str:
        return f"{self.amount}{self.unit[0]}"

    @classmethod
    def read(cls, written: object) -> Notice:
        """``2h`` or ``3d``; raises ValueError."""
        text = written if isinstance(written, str) else ""
        amount, unit = text[:-1], {"h": "hours", "d": "days"}.get(text[-1:])
        if not (amount.isascii() and amount.isdigit() and len(amount) < 5) or unit is None:
            raise ValueError("a notice is written 2h or 3d")
        return cls(int(amount), "hours" if unit == "hours" else "days")
