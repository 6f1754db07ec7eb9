"""Forms of chains: an answer with its reason, when one is away, and a chain as it is set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.validators import Optional

from tierslieu.bookings.chains.models import RefusalReason
from tierslieu.bookings.chains.rules import MOST_STEPS, ROLE_WORDS, ROLES, Step
from tierslieu.bookings.desk.forms import ReasonForm
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.texts import Texts
from tierslieu.web.forms import (
    Form,
    OptionalInteger,
    fill_texts,
    lazy,
    texts_fields,
    texts_of,
)
from tierslieu.web.requests import current_locale

_OUTCOMES: dict[str, Message] = {
    "expire": msg("It expires"),
    "next": msg("The next step is asked"),
    "confirm": msg("It is confirmed"),
    "decline": msg("It is declined"),
}


class DeclineForm(ReasonForm):
    """A reason from the venue's list, one's own words, or both."""

    listed = SelectField(lazy("The reason"), default="", validate_choice=False)

    def offer(self, reasons: Sequence[RefusalReason], default: str) -> None:
        """Fill the list; nothing to choose from where the venue keeps none."""
        locale = current_locale()
        self.listed.choices = [("", say(msg("In your own words, below"), locale))] + [
            (row.public_id, row.text.best(locale, default)[1]) for row in reasons
        ]


class AwayForm(Form):
    """Until when one is away; empty: one is there."""

    until = DateField(lazy("Away until (that day included)"), validators=[Optional()])


def _fields() -> dict[str, Any]:
    made: dict[str, Any] = {}
    for n in range(1, MOST_STEPS + 1):
        made |= texts_fields(f"label_{n}", lazy("What it is called"), longest=100)
        made[f"role_{n}"] = SelectField(lazy("Who answers"), default="")
        made[f"mode_{n}"] = SelectField(lazy("How many of them"), default="any")
        made[f"persons_{n}"] = StringField(
            lazy("Persons, by the e-mail of their account"), render_kw={"maxlength": 500}
        )
        made[f"deadline_hours_{n}"] = OptionalInteger(
            lazy("Hours to answer"), render_kw={"min": 1, "inputmode": "numeric"}
        )
        made[f"outcome_{n}"] = SelectField(lazy("If nobody answers"), default="expire")
        made[f"substitute_{n}"] = SelectField(lazy("Who may answer instead"), default="")
        made[f"substitute_after_hours_{n}"] = OptionalInteger(
            lazy("Instead after so many hours"), render_kw={"min": 1, "inputmode": "numeric"}
        )
        made[f"substitutes_{n}"] = StringField(
            lazy("Instead: persons, by e-mail"), render_kw={"maxlength": 500}
        )
    return made


class _Base(Form):
    """A chain of a few steps; one without “who” is not there."""

    version = HiddenField()

    def prepare(self) -> None:
        """Fill the choices."""
        locale = current_locale()
        roles = [(role, say(ROLE_WORDS[role], locale)) for role in ROLES]
        for n in range(1, MOST_STEPS + 1):
            self[f"role_{n}"].choices = [("", say(msg("No such step"), locale)), *roles]
            self[f"substitute_{n}"].choices = [("", say(msg("Nobody"), locale)), *roles]
            self[f"mode_{n}"].choices = [
                ("any", say(msg("One of them"), locale)),
                ("all", say(msg("All of them"), locale)),
            ]
            self[f"outcome_{n}"].choices = [
                (key, say(words, locale)) for key, words in _OUTCOMES.items()
            ]

    def show(self, steps: Sequence[Step], emails: dict[int, str]) -> None:
        """Put in what is set."""
        for n, step in enumerate(steps[:MOST_STEPS], 1):
            for name in ("role", "mode", "deadline_hours", "outcome", "substitute"):
                self[f"{name}_{n}"].data = getattr(step, name)
            self[f"substitute_after_hours_{n}"].data = step.substitute_after_hours
            self[f"persons_{n}"].data = ", ".join(emails.get(p, "") for p in step.persons)
            self[f"substitutes_{n}"].data = ", ".join(emails.get(p, "") for p in step.substitutes)
            fill_texts(self, f"label_{n}", step.label)

    @property
    def shown(self) -> int:
        """How many steps the page shows: those there are, and one more to write."""
        there = [n for n in range(1, MOST_STEPS + 1) if self[f"role_{n}"].data]
        return min(max(there, default=0) + 1, MOST_STEPS)

    def written(self) -> list[tuple[int, Step, list[str], list[str]]]:
        """The steps as they are written, with the addresses of the persons named."""
        found = []
        for n in range(1, MOST_STEPS + 1):
            if not self[f"role_{n}"].data:
                continue
            step = Step(
                role=self[f"role_{n}"].data,
                mode=self[f"mode_{n}"].data or "any",
                label=texts_of(self, f"label_{n}"),
                deadline_hours=self[f"deadline_hours_{n}"].data,
                outcome=self[f"outcome_{n}"].data or "expire",
                substitute=self[f"substitute_{n}"].data or "",
                substitute_after_hours=self[f"substitute_after_hours_{n}"].data,
            )
            found.append((n, step, _split(self[f"persons_{n}"]), _split(self[f"substitutes_{n}"])))
        return found


def _split(field: Any) -> list[str]:
    parts = (field.data or "").replace(";", ",").split(",")
    return [part.strip() for part in parts if part.strip()]


ChainForm: Any = type("ChainForm", (_Base,), _fields())


class _RefusalReasonForm(Form):
    def texts(self) -> Texts:
        """The reason in every language written."""
        return texts_of(self, "text")


RefusalReasonForm: Any = type(
    "RefusalReasonForm",
    (_RefusalReasonForm,),
    texts_fields("text", lazy("A reason for refusals"), longest=300),
)
