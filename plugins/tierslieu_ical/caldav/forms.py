"""The form that makes a password for a programme."""

from __future__ import annotations

import tierslieu.toolkit as tl

msg = tl.sentences("tierslieu_ical")


class PasswordForm(tl.Form):
    """What it is for."""

    name = tl.CleanText(
        tl.Lazy(msg("For which programme")),
        longest=80,
        validators=[tl.required()],
        description=tl.Lazy(msg("So that you know which is which: Thunderbird, my phone…")),
    )
