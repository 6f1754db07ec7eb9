"""The form of a thing, for the manager of its venue: what it is, and what each room says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from wtforms import BooleanField, HiddenField, SelectField

from tierslieu.bookings.accessories.models import Accessory, RoomAccessory
from tierslieu.bookings.accessories.rules import RoomSaid, ThingSaid
from tierslieu.bookings.policies.forms import amount_of, cents_of
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.venues.models import Room
from tierslieu.web.forms import (
    CleanText,
    Form,
    OptionalInteger,
    fill_texts,
    lazy,
    required,
    texts_fields,
    texts_of,
)
from tierslieu.web.requests import current_locale


class ThingForm(Form):
    """A thing of a venue."""

    vars().update(texts_fields("name", lazy("What it is called"), longest=60))
    kind = SelectField(lazy("How it is kept"), default="counted")
    quantity = OptionalInteger(lazy("How many there are"), validators=[required()])
    out_of_use = OptionalInteger(lazy("Of these out of use"), default=0)
    price = CleanText(lazy("One costs"), longest=12, render_kw={"inputmode": "decimal"},
                      description=lazy("Empty: free of charge."))  # fmt: skip
    price_per = SelectField(lazy("For"), default="use")
    offered = BooleanField(lazy("It can be booked with rooms"), default=True)
    version = HiddenField()

    rooms: Sequence[Room] = ()

    def prepare(self) -> None:
        """Fill the choices, in the reader's language."""
        locale = current_locale()
        self.kind.choices = [
            ("counted", say(msg("Counted: chairs, tables, glasses"), locale)),
            ("numbered", say(msg("Numbered: projector 1, projector 2"), locale)),
        ]
        self.price_per.choices = [
            ("use", say(msg("a booking"), locale)),
            ("hour", say(msg("an hour"), locale)),
        ]

    @property
    def rows(self) -> list[tuple[Room, list[Any]]]:
        """Each room with its four fields."""
        names = ("offered", "included", "most", "price")
        return [(r, [self._fields[f"{name}-{r.id}"] for name in names]) for r in self.rooms]

    def said(self) -> ThingSaid:
        """What was written of the thing. Raises Invalid for an amount that is none."""
        return ThingSaid(
            name=texts_of(self, "name"),
            numbered=self.kind.data == "numbered",
            quantity=self.quantity.data or 0,
            out_of_use=self.out_of_use.data or 0,
            price_cents=cents_of(self.price.data or "", "price") or 0,
            price_per=self.price_per.data,
            offered=bool(self.offered.data),
        )

    def rules(self) -> list[RoomSaid]:
        """What was written for each room."""
        found = []
        for room, (offered, included, most, price) in self.rows:
            cents = cents_of(price.data or "", price.name)
            here = bool(offered.data)
            found.append(RoomSaid(room.id, here, included.data or 0, most.data or None, cents))
        return found


def thing_form(
    rooms: Sequence[Room],
    row: Accessory | None,
    rules: Mapping[int, RoomAccessory],
    *,
    sent: bool,
) -> ThingForm:
    """The form for a thing, as it is or as it was sent."""
    fields: dict[str, Any] = {"rooms": tuple(rooms)}
    for room in rooms:
        rule = rules.get(room.id)
        fields[f"offered-{room.id}"] = BooleanField(
            lazy("Offered here"), default=rule.offered if rule else True
        )
        fields[f"included-{room.id}"] = OptionalInteger(
            lazy("Included"), default=rule.included if rule else 0
        )
        fields[f"most-{room.id}"] = OptionalInteger(
            lazy("At most"), default=rule.most if rule else None
        )
        fields[f"price-{room.id}"] = CleanText(
            lazy("Costs here"), longest=12, default=amount_of(rule.price_cents) if rule else ""
        )
    kind: Any = type(ThingForm)
    made = kind("ThingForm", (ThingForm,), fields)
    form = cast(ThingForm, made() if sent else made(formdata=None))
    form.prepare()
    if row is not None:
        # What a thing is, numbered or counted, is said once.
        form.kind.data = "numbered" if row.pool_id is not None else "counted"
    if row is not None and not sent:
        fill_texts(form, "name", row.name)
        form._fields["quantity"].data = row.quantity
        form._fields["out_of_use"].data = row.out_of_use
        form.price.data = amount_of(row.price_cents) if row.price_cents else ""
        form.price_per.data, form.offered.data = row.price_per, row.offered
        form.version.data = str(row.version)
    return form
