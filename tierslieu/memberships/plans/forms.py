"""The form of a plan."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import BooleanField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice

from tierslieu.kernel.languages import month_words
from tierslieu.memberships.forms import AmountField
from tierslieu.memberships.models import Plan
from tierslieu.memberships.plans.services import PlanValues
from tierslieu.venues.forms import VersionedForm
from tierslieu.web.forms import CleanText, fill_texts, lazy, required, texts_fields, texts_of
from tierslieu.web.requests import current_locale


class PlanForm(VersionedForm):
    """What a venue's association offers."""

    locals().update(texts_fields("name", lazy("Name of the card"), longest=120))
    season_day = IntegerField(
        lazy("Season starts on day"),
        validators=[required()],
        render_kw={"min": 1, "max": 28, "type": "number"},
    )
    season_month = SelectField(lazy("of"), coerce=int)
    fee = AmountField(
        lazy("Dues for a season"), validators=[required()], render_kw={"inputmode": "decimal"}
    )
    grace_days = IntegerField(
        lazy("Days a card counts on after its season"),
        validators=[required()],
        render_kw={"min": 0, "max": 366, "type": "number"},
    )
    circuit = CleanText(
        lazy("Circuit"),
        longest=32,
        description=lazy("Cards of the same circuit count in each other’s venues, like ARCI."),
    )
    desk_may_admit = BooleanField(
        lazy("The desk may admit"),
        description=lazy("Otherwise only managers answer applications."),
    )
    active = BooleanField(
        lazy("Offered now"), description=lazy("Cards that people have already stay as they are.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        locale = current_locale()
        self.season_month.choices = [
            SelectChoice(month, month_words(date(2026, month, 1), locale).rsplit(" ", 1)[0])
            for month in range(1, 13)
        ]

    def fill(self, plan: Plan | None) -> None:
        """Show a plan, or what a new one starts from."""
        values = plan or Plan(season_month=1, season_day=1, fee_cents=0, grace_days=31, circuit="")
        fill_texts(self, "name", plan.name if plan else None)
        for name in ("season_month", "season_day", "grace_days", "circuit"):
            self._fields[name].data = getattr(values, name)
        self.fee.data = values.fee_cents
        self.desk_may_admit.data = bool(values.desk_may_admit)
        self.active.data = plan.active if plan else True
        self.version.data = plan.version if plan else 0

    def values(self) -> PlanValues:
        """What was written."""
        return PlanValues(
            name=texts_of(self, "name"),
            season_month=self.season_month.data,
            season_day=self.season_day.data,
            fee_cents=self.fee.data or 0,
            grace_days=self.grace_days.data,
            circuit=self.circuit.data or "",
            desk_may_admit=self.desk_may_admit.data,
            active=self.active.data,
        )
