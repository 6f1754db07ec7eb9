"""The forms: of what and which days; what is made by itself."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import DateField, SelectField

import tierslieu.toolkit as tl
from tierslieu_reports.queries import Scope

msg = tl.sentences("tierslieu_reports")


def named(scopes: Iterable[Scope], locale: str) -> list[tuple[str, str]]:
    """Choices in words."""
    return [(each.key, str(tl.say(_words(each), locale))) for each in scopes]


def _words(scope: Scope) -> tl.Message | str:
    match scope.kind:
        case "network":
            return msg("The whole network: %(name)s", name=scope.told)
        case "organisation":
            return msg("Organisation: %(name)s", name=scope.told)
        case "plugin":
            return msg("Only what a plugin knows: %(name)s", name=scope.told)
    return scope.told


class NewForm(tl.Form):
    """Of what, and which days."""

    scope = SelectField(tl.Lazy(msg("Report of")))
    first = DateField(tl.Lazy(msg("First day")), validators=[tl.required()])
    last = DateField(
        tl.Lazy(msg("Last day")),
        validators=[tl.required()],
        description=tl.Lazy(
            msg("Compared with the days before: whole months with as many months.")
        ),
    )


class ScheduleForm(tl.Form):
    """Of what, how often."""

    scope = SelectField(tl.Lazy(msg("Report of")))
    every = SelectField(
        tl.Lazy(msg("When it is over")),
        choices=[
            ("month", tl.Lazy(msg("each month"))),
            ("quarter", tl.Lazy(msg("each quarter"))),
            ("year", tl.Lazy(msg("each year"))),
        ],
    )
