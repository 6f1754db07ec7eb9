"""Forms about members."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from wtforms import DateField, SelectField, StringField
from wtforms.validators import Optional

from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.memberships.models import Plan
from tierslieu.memberships.words import METHODS
from tierslieu.venues.forms import options
from tierslieu.venues.managing import in_words
from tierslieu.web.forms import CleanLines, Form, lazy, required
from tierslieu.web.requests import current_locale

KINDS = {
    "season": msg("the season, with dues"),
    "free": msg("the season, free of dues"),
    "while": msg("a while, free of dues"),
}


class AmountField(StringField):
    """An amount of money as people write it (``15``, ``7,50``); ``data`` is in minor units."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data // 100},{self.data % 100:02d}"

    def process_formdata(self, valuelist: list[Any]) -> None:
        written = str(valuelist[0]).strip().replace(",", ".") if valuelist else ""
        self.data = None
        if not written:
            return
        try:
            cents = Decimal(written) * 100
        except InvalidOperation:
            cents = Decimal("NaN")
        if not cents.is_finite() or cents != cents.to_integral_value() or not 0 <= cents < 10**8:
            text = msg("Write an amount, for example 15 or 7,50.")
            raise ValueError(say(text, current_locale()))
        self.data = int(cents)


class DuesForm(Form):
    """Taking another amount than what is owed."""

    method = SelectField(lazy("How"), choices=options(METHODS))
    amount = AmountField(
        lazy("Amount"), validators=[required()], render_kw={"inputmode": "decimal"}
    )


class ReasonForm(Form):
    """Turning down, or ending: the reason is read by whom it concerns."""

    reason = CleanLines(lazy("Reason"), longest=1000, render_kw={"rows": 3})


class CardForm(Form):
    """A membership made at the desk."""

    plan = SelectField(lazy("Card"))
    kind = SelectField(lazy("For"), choices=options(KINDS))
    until = DateField(lazy("Last day, if for a while"), validators=[Optional()])

    def offer(self, plans: list[Plan], *, may_admit: bool) -> None:
        """Fill in the plans; without the right to admit only an application can be written."""
        self.plan.choices = options({plan.public_id: in_words(plan.name) for plan in plans})
        if not may_admit:
            self.kind.choices = options({"season": KINDS["season"]})
