"""Forms of venues: what is said of them, what is written about them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wtforms import BooleanField, RadioField, SelectField

from tierslieu.venues.forms import OptionalFloat, VersionedForm, options
from tierslieu.venues.models import Venue
from tierslieu.venues.places.rules import SECTIONS, VenueValues, slug_from
from tierslieu.venues.places.services import values_of
from tierslieu.venues.words import ACCENTS, POSITIONS, SECTION_TITLES
from tierslieu.web.forms import (
    CleanText,
    Form,
    Lazy,
    fill_texts,
    lazy,
    required,
    texts_fields,
    texts_of,
)

_PLAIN = (
    "name",
    "slug",
    "kind",
    "street",
    "area",
    "town",
    "latitude",
    "longitude",
    "position",
    "phone",
    "email",
    "website",
    "affiliation",
    "accent",
    "zone",
    "source",
    "closed_on_holidays",
    "desk_may_approve",
)
_OPTIONAL = ("phone", "email", "website")


class VenueForm(VersionedForm):
    """Everything a manager says of a venue but its texts and opening."""

    name = CleanText(lazy("Name"), validators=[required()])
    slug = CleanText(lazy("Address on this site"), longest=64)
    kind = SelectField(lazy("Kind"))
    vars().update(texts_fields("lede", lazy("In one sentence"), longest=300))
    street = CleanText(lazy("Street and number"))
    area = CleanText(lazy("Neighbourhood"))
    town = CleanText(lazy("Town"))
    latitude = OptionalFloat(lazy("Latitude"))
    longitude = OptionalFloat(lazy("Longitude"))
    position = RadioField(lazy("How true the place on the map is"), default="area")
    phone = CleanText(lazy("Phone"), longest=64)
    email = CleanText(lazy("E-mail"), longest=254)
    website = CleanText(lazy("Website"))
    affiliation = CleanText(lazy("Card"), longest=64)
    accent = SelectField(lazy("Colour"), choices=options(ACCENTS))
    zone = CleanText(lazy("Time zone"), longest=64)
    source = CleanText(lazy("Where these facts come from"), longest=500)
    closed_on_holidays = BooleanField(lazy("Closed on public holidays"))
    desk_may_approve = BooleanField(lazy("The desk may answer requests"))

    def __init__(self, kinds: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind.choices = options(kinds)
        self.position.choices = options(POSITIONS)

    def values(self, before: VenueValues | None = None) -> VenueValues:
        """What was typed, on top of what the form does not show."""
        before = before or VenueValues("", "", "")
        typed = {name: self._fields[name].data for name in _PLAIN}
        typed |= {name: typed[name] or None for name in _OPTIONAL}
        typed["slug"] = typed["slug"] or slug_from(typed["name"])
        return replace(before, **typed, lede=texts_of(self, "lede"))

    @classmethod
    def of(cls, venue: Venue, kinds: dict[str, Any]) -> VenueForm:
        """The form as the venue is now."""
        values = values_of(venue)
        form = cls(kinds, formdata=None)
        for name in _PLAIN:
            form._fields[name].data = getattr(values, name)
        fill_texts(form, "lede", values.lede)
        form.version.data = str(venue.version)
        return form


class TextsForm(VersionedForm):
    """The sections of a venue's page, in every language."""

    for _key in SECTIONS:
        vars().update(texts_fields(_key, Lazy(SECTION_TITLES[_key][1]), lines=True, longest=20000))
    del _key


class NewVenueForm(Form):
    """The least a new venue needs; everything else is set up afterwards."""

    name = CleanText(lazy("Name"), validators=[required()])
    slug = CleanText(lazy("Address on this site"), longest=64)
    kind = SelectField(lazy("Kind"))
    street = CleanText(lazy("Street and number"))
    town = CleanText(lazy("Town"))

    def __init__(self, kinds: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind.choices = options(kinds)

    def values(self, zone: str, accent: str) -> VenueValues:
        """A venue that nobody sees yet."""
        name = self.name.data or ""
        return VenueValues(
            slug=self.slug.data or slug_from(name),
            name=name,
            kind=self.kind.data or "",
            street=self.street.data or "",
            town=self.town.data or "",
            zone=zone,
            accent=accent,
            published=False,
        )
