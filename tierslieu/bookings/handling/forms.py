"""Forms of handling: a mode, a question that saves nothing, what becomes of bookings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, cast

from flask import request
from wtforms import DateField, DecimalField, RadioField, SelectField
from wtforms.validators import Optional

from tierslieu.bookings.handling.queries import THOUGHT
from tierslieu.contributions import OtherWay
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.venues.models import Room
from tierslieu.venues.modes.rules import Kind, Mode
from tierslieu.web.forms import (
    CleanLines,
    CleanText,
    Form,
    OptionalInteger,
    lazy,
    required,
    texts_fields,
    texts_of,
)
from tierslieu.web.requests import current_locale

_KINDS = (
    ("limited", msg("Open to fewer people")),
    ("closed", msg("Closed")),
    ("open", msg("Open as always, inside a longer time that is not")),
)
_ACTS = (
    ("move", msg("Move each to the place chosen beside it")),
    ("cancel", msg("Cancel")),
    ("keep", msg("Keep: it takes place all the same")),
)
_WHATS = (
    ("close", msg("close")),
    ("limit", msg("let in fewer people")),
    ("retire", msg("take out of use")),
)


def _said(pairs: Iterable[tuple[str, Any]]) -> list[tuple[str, str]]:
    return [(key, say(words, current_locale())) for key, words in pairs]


class ModeForm(Form):
    """In which mode a venue is, and for how long. ``numbers``: room public id → what was typed."""

    kind = RadioField(lazy("How it is open"), default="limited", validators=[required()])
    first = DateField(lazy("First day"), validators=[required()])
    last = DateField(
        lazy("Last day"),
        validators=[Optional()],
        description=lazy("Left empty: until further notice."),
    )
    share = OptionalInteger(lazy("Percent of what a room holds"), validators=[Optional()])
    m2 = DecimalField(lazy("Square metres for each person"), validators=[Optional()])
    people = OptionalInteger(lazy("People at most in any room"), validators=[Optional()])
    vars().update(texts_fields("reason", lazy("Why"), longest=200))
    numbers: dict[str, str]

    def __init__(self, rooms: Sequence[Room], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind.choices = _said(_KINDS)
        self.rooms = rooms
        typed = request.form if request.method == "POST" else {}
        self.numbers = {
            room.public_id: str(typed.get(f"room-{room.public_id}", "")).strip()[:6]
            for room in rooms
        }

    def mode(self) -> Mode:
        """What was said, before any rule looked at it."""
        return Mode(
            key=THOUGHT,
            kind=cast(Kind, self.kind.data),
            first=cast(date, self.first.data),
            last=self.last.data,
            share=self._limit(self.share.data),
            m2=self._limit(float(self.m2.data) if self.m2.data is not None else None),
            people=self._limit(self.people.data),
            rooms={
                room.id: int(self.numbers[room.public_id])
                for room in self.rooms
                if self.kind.data == "limited" and self.numbers[room.public_id].isdecimal()
            },
            reason=texts_of(self, "reason"),
        )

    def _limit(self, number: Any) -> Any:
        return number if self.kind.data == "limited" else None


class AskForm(Form):
    """If we did this, who would be touched? Sent with GET, saves nothing."""

    class Meta(Form.Meta):
        csrf = False

    what = SelectField(lazy("If we"))
    room = SelectField(lazy("which room"))
    first = DateField(lazy("First day"), validators=[Optional()])
    last = DateField(lazy("Last day"), validators=[Optional()])
    people = OptionalInteger(lazy("People at most in any room"), validators=[Optional()])

    def __init__(self, rooms: Iterable[Room], **kwargs: Any) -> None:
        super().__init__(request.args if request.args else None, **kwargs)
        self.what.choices = _said(_WHATS)
        whole = ("", say(msg("the whole place"), current_locale()))
        self.room.choices = [whole, *((room.public_id, room.name) for room in rooms)]


class HandleForm(Form):
    """What becomes of the bookings that are ticked."""

    act = RadioField(
        lazy("What becomes of those ticked"),
        validators=[required(msg("Choose what becomes of them."))],
    )
    words = CleanText(lazy("What is needed for it"), longest=500)
    reason = CleanLines(
        lazy("Why"),
        longest=2000,
        description=lazy("It is told to whoever booked."),
        render_kw={"rows": 3},
    )

    def offer(self, ways: Iterable[OtherWay]) -> None:
        """Fill the choices: ours, then what plugins offer."""
        self.act.choices = _said([*_ACTS, *((way.key, way.label) for way in ways)])
        asks = [way.asks for way in ways if way.asks is not None]
        if len(asks) == 1:
            self.words.label.text = say(asks[0], current_locale())
