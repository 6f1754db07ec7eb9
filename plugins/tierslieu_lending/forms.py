"""Forms of lending."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField
from wtforms.validators import NumberRange, Optional

import tierslieu.toolkit as tl
from tierslieu_lending import rules, words
from tierslieu_lending.models import Thing
from tierslieu_lending.services import HandedOver, TakenBack
from tierslieu_lending.stock import ThingSaid

msg = tl.sentences("tierslieu_lending")
MONEY = {"inputmode": "decimal", "autocomplete": "off"}
MOMENT = {"type": "datetime-local"}


def said_by(found: Mapping[str, tl.Message]) -> list[tuple[str, str]]:
    """Choices of a field, in the reader's language."""
    return [(key, tl.say(text, tl.current_locale())) for key, text in found.items()]


class TimesForm(tl.Form):
    """From when to when, by the clock of the venue."""

    starts_at = tl.CleanText(
        tl.Lazy(msg("From")), longest=40, validators=[tl.required()], render_kw=MOMENT
    )
    ends_at = tl.CleanText(
        tl.Lazy(msg("Until")), longest=40, validators=[tl.required()], render_kw=MOMENT
    )

    def span(self, zone: ZoneInfo) -> tl.Span:
        """The time asked for. Raises Invalid, with its field."""
        start = tl.moment(self.starts_at.data or "", zone, "starts_at")
        return tl.Span(start, tl.moment(self.ends_at.data or "", zone, "ends_at"))


class DeskLoanForm(TimesForm):
    """The desk lends to somebody."""

    thing = SelectField(tl.Lazy(msg("Thing")))

    def offer(self, things: Iterable[Thing]) -> None:
        """Fill the choices."""
        named = [(each.public_id, each.name.best(tl.current_locale(), "it")[1]) for each in things]
        self.thing.choices = sorted(named, key=lambda pair: tl.folded(pair[1]))


class ThingForm(tl.Form):
    """What a thing is, and who may have it."""

    vars().update(tl.texts_fields("name", tl.Lazy(msg("What it is called")), longest=120))
    vars().update(
        tl.texts_fields(
            "description", tl.Lazy(msg("What it is good for")), lines=True, longest=2000, rows=3
        )
    )
    category = SelectField(tl.Lazy(msg("Kind")))
    owner = SelectField(tl.Lazy(msg("Whose it is")))
    photo = FileField(tl.Lazy(msg("Photo")))
    manual = tl.CleanText(
        tl.Lazy(msg("Link to its manual")), longest=500, render_kw={"inputmode": "url"}
    )
    checks = tl.CleanLines(
        tl.Lazy(msg("What goes with it")),
        longest=1000,
        description=tl.Lazy(msg("A line each: it is ticked off when it goes out and comes back.")),
        render_kw={"rows": 4},
    )
    audience = SelectField(tl.Lazy(msg("Who may borrow it")))
    value = tl.CleanText(tl.Lazy(msg("What it is worth")), longest=12, render_kw=MONEY)
    deposit = tl.CleanText(tl.Lazy(msg("Deposit")), longest=12, render_kw=MONEY)
    longest_days = tl.OptionalInteger(
        tl.Lazy(msg("Days at most")),
        validators=[Optional(), NumberRange(1, rules.LONGEST)],
        description=tl.Lazy(msg("Empty: as the venue says.")),
    )
    notice_hours = tl.OptionalInteger(
        tl.Lazy(msg("Hours of notice")),
        validators=[Optional(), NumberRange(0, 336)],
        description=tl.Lazy(msg("Empty: as the venue says.")),
    )
    offered = BooleanField(tl.Lazy(msg("It is lent at the moment")), default=True)

    def offer(self, bodies: Iterable[tl.Organisation]) -> None:
        """Fill the choices."""
        self.category.choices = said_by(words.CATEGORIES)
        self.audience.choices = said_by(words.AUDIENCES)
        own = tl.say(msg("The venue's own"), tl.current_locale())
        self.owner.choices = [("", own), *((body.public_id, body.name) for body in bodies)]

    def fill(self, thing: Thing, owner: str) -> None:
        """Put a thing's facts into the fields."""
        tl.fill_texts(self, "name", thing.name)
        tl.fill_texts(self, "description", thing.description)
        for name in ("category", "manual", "audience", "longest_days", "notice_hours", "offered"):
            self._fields[name].data = getattr(thing, name)
        self.checks.data = "\n".join(thing.checks)
        self.owner.data = owner
        self.value.data = tl.amount_of(thing.value_cents or None)
        self.deposit.data = tl.amount_of(thing.deposit_cents or None)

    def said(self, bodies: Mapping[str, int]) -> ThingSaid:
        """What was written. Raises Invalid, with its field."""
        photo = self.photo.data
        return ThingSaid(
            name=tl.texts_of(self, "name"),
            description=tl.texts_of(self, "description"),
            category=self.category.data,
            manual=self.manual.data or "",
            checks=tuple(filter(None, map(str.strip, (self.checks.data or "").splitlines()))),
            organisation_id=bodies.get(self.owner.data or ""),
            audience=self.audience.data,
            value_cents=tl.cents_of(self.value.data or "", "value") or 0,
            deposit_cents=tl.cents_of(self.deposit.data or "", "deposit") or 0,
            longest_days=self.longest_days.data,
            notice_hours=self.notice_hours.data,
            offered=bool(self.offered.data),
            picture=photo.read() if photo else b"",
        )


class ItemsForm(tl.Form):
    """How many more of a thing there are."""

    how_many = tl.OptionalInteger(
        tl.Lazy(msg("How many more")), default=1, validators=[NumberRange(1, 100)]
    )


class ItemForm(tl.Form):
    """How one item is."""

    state = SelectField(tl.Lazy(msg("State")))
    condition = SelectField(tl.Lazy(msg("Condition")))
    note = tl.CleanText(tl.Lazy(msg("Note")), longest=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state.choices = said_by(words.ITEM_STATES)
        self.condition.choices = said_by(words.CONDITIONS)


class OutForm(tl.Form):
    """A thing goes over the desk."""

    deposit = tl.CleanText(tl.Lazy(msg("Deposit taken")), longest=12, render_kw=MONEY)
    condition = SelectField(tl.Lazy(msg("Condition")), default="good")
    note = tl.CleanText(tl.Lazy(msg("Note")), longest=300)
    signed = tl.CleanText(
        tl.Lazy(msg("Signature: her name")),
        longest=120,
        description=tl.Lazy(msg("Let her type it, or type it before her eyes.")),
        render_kw={"autocomplete": "off"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.condition.choices = said_by(words.CONDITIONS)

    def said(self) -> HandedOver:
        """What was noted. Raises Invalid, with its field."""
        return HandedOver(
            tl.cents_of(self.deposit.data or "", "deposit") or 0,
            self.condition.data,
            self.note.data or "",
            self.signed.data or "",
        )


class BackForm(tl.Form):
    """A thing comes back over the desk."""

    condition = SelectField(tl.Lazy(msg("Condition")), default="good")
    note = tl.CleanText(tl.Lazy(msg("Note")), longest=300)
    deposit_kept = tl.CleanText(
        tl.Lazy(msg("Kept of the deposit")),
        longest=12,
        description=tl.Lazy(msg("Empty: she gets all of it back.")),
        render_kw=MONEY,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.condition.choices = said_by(words.CONDITIONS)

    def said(self) -> TakenBack:
        """What was noted. Raises Invalid, with its field."""
        kept = tl.cents_of(self.deposit_kept.data or "", "deposit_kept") or 0
        return TakenBack(self.condition.data, self.note.data or "", kept)
