"""The form of a room's places: one row for each, and how many more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from wtforms import BooleanField, HiddenField

from tierslieu.bookings.places.models import PlacePool
from tierslieu.bookings.places.rules import PlaceSaid, PlacesSaid, numbered
from tierslieu.bookings.policies.forms import amount_of, cents_of
from tierslieu.web.forms import CleanText, Form, OptionalInteger, lazy


class _PlacesForm(Form):
    """Beside the places there are: more of them, and what one costs."""

    more = OptionalInteger(lazy("How many more"), default=0)
    word = CleanText(lazy("What one is called"), longest=40, default="",
                     description=lazy("Desk, seat, lane: they are numbered from 1."))  # fmt: skip
    hour = CleanText(lazy("An hour of one place costs"), longest=12,
                     render_kw={"inputmode": "decimal"},
                     description=lazy("Empty: free of charge."))  # fmt: skip
    member_hour = CleanText(lazy("For members"), longest=12, render_kw={"inputmode": "decimal"},
                            description=lazy("Empty: the same for everybody."))  # fmt: skip
    version = HiddenField()

    known: Sequence[PlaceSaid] = ()

    @property
    def rows(self) -> list[tuple[PlaceSaid, Any, Any, Any]]:
        """Each place with its three fields."""
        f = self._fields
        return [(p, f[f"name-{p.id}"], f[f"rank-{p.id}"], f[f"use-{p.id}"]) for p in self.known]

    def said(self) -> PlacesSaid:
        """What was written. Raises Invalid for an amount that is none."""
        places = tuple(
            PlaceSaid(place.id, name.data or "", rank.data or 0, bool(use.data))
            for place, name, rank, use in self.rows
        )
        names = [place.name for place in places]
        count = min(max(self.more.data or 0, 0), 1000)
        return PlacesSaid(
            places,
            numbered(self.word.data or "", count, names) if count else (),
            cents_of(self.hour.data or "", "hour") or 0,
            cents_of(self.member_hour.data or "", "member_hour"),
        )


def places_form(
    known: Sequence[PlaceSaid], pool: PlacePool | None, word: str, *, sent: bool
) -> _PlacesForm:
    """The form for the places there are, as they are or as they were sent."""
    fields: dict[str, Any] = {"known": tuple(known)}
    for place in known:
        fields[f"name-{place.id}"] = CleanText(lazy("Name"), longest=60, default=place.name)
        fields[f"rank-{place.id}"] = OptionalInteger(lazy("Given out as"), default=place.rank)
        fields[f"use-{place.id}"] = BooleanField(lazy("In use"), default=place.in_use)
    kind: Any = type(_PlacesForm)
    form = cast(
        _PlacesForm,
        kind("PlacesForm", (_PlacesForm,), fields)(**({} if sent else {"formdata": None})),
    )
    if not sent:
        form.word.data = word
        form.hour.data = amount_of(pool.hour_cents) if pool and pool.hour_cents else ""
        form.member_hour.data = amount_of(pool.member_hour_cents) if pool else ""
        form.version.data = str(pool.version if pool else 0)
    return form
