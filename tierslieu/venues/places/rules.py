"""What may be said of a venue: plain values, and why they are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from tierslieu.kernel.errors import Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import Texts

#: The accents of the style; lightness is the style's, so contrast always holds.
ACCENTS: Final = (
    "mattone",
    "zucca",
    "ocra",
    "oliva",
    "prato",
    "persiana",
    "acqua",
    "cielo",
    "notte",
    "prugna",
    "lambrusco",
    "rosso",
)
POSITIONS: Final = ("area", "exact", "invented")
#: Sections of a venue's page, in the order of the city's own pages.
SECTIONS: Final = (
    "history",
    "place_and_services",
    "activities",
    "access",
    "address_note",
    "contacts",
)

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class VenueValues:
    """Everything a manager may say of a venue; ``position`` tells how true the coordinates are."""

    slug: str
    name: str
    kind: str
    street: str = ""
    area: str = ""
    town: str = ""
    latitude: float | None = None
    longitude: float | None = None
    position: str = "area"
    zone: str = "Europe/Rome"
    phone: str | None = None
    email: str | None = None
    website: str | None = None
    affiliation: str = ""
    accent: str = "persiana"
    lede: Texts = Texts()  # noqa: RUF009 (immutable)
    source: str = ""
    closed_on_holidays: bool = True
    desk_may_approve: bool = False
    operator_id: int | None = None
    published: bool = True


def is_slug(text: str) -> bool:
    """Whether it can stand in an address: small letters, digits and single hyphens."""
    return len(text) <= 64 and _SLUG.fullmatch(text) is not None


def slug_from(name: str) -> str:
    """A first idea of an address from a name; may be empty."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].strip("-")


def unknown_zone(zone: str) -> bool:
    """Whether there is no such time zone."""
    try:
        ZoneInfo(zone)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError
        return True
    except KeyError:
        return True
    return False


def name_reasons(slug: str, name: str) -> Iterator[Reason]:
    """Why a name and its address are refused."""
    if not name:
        yield Reason("missing", msg("Please fill this in."), "name")
    if not is_slug(slug):
        text = msg("Small letters, digits and hyphens, for example sala-grande.")
        yield Reason("bad_slug", text, "slug")


def reasons(values: VenueValues) -> Iterator[Reason]:
    """Why these values are refused; nothing when they may be kept."""
    yield from name_reasons(values.slug, values.name)
    if values.accent not in ACCENTS:
        yield Reason("bad_accent", msg("Choose one of the twelve colours."), "accent")
    if values.position not in POSITIONS:
        yield Reason("invalid", msg("This value is not acceptable."), "position")
    if unknown_zone(values.zone):
        yield Reason("bad_zone", msg("There is no time zone of this name."), "zone")
    yield from _position_reasons(values)
    yield from _contact_reasons(values)


def _position_reasons(values: VenueValues) -> Iterator[Reason]:
    if (values.latitude is None) != (values.longitude is None):
        yield Reason("half_position", msg("Write both numbers or none."), "latitude")
    if values.latitude is not None and not -90 <= values.latitude <= 90:
        yield Reason("bad_latitude", msg("A latitude lies between -90 and 90."), "latitude")
    if values.longitude is not None and not -180 <= values.longitude <= 180:
        yield Reason("bad_longitude", msg("A longitude lies between -180 and 180."), "longitude")


def _contact_reasons(values: VenueValues) -> Iterator[Reason]:
    if values.website and not re.fullmatch(r"https?://[^\s/]+\.[^\s]+", values.website):
        text = msg("Write the whole address, for example https://example.org.")
        yield Reason("bad_website", text, "website")
    if values.email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", values.email):
        yield Reason("bad_email", msg("Write an address like name@example.org."), "email")
    if values.phone and not re.fullmatch(r"\+?[0-9 ()/.-]{4,40}", values.phone):
        yield Reason("bad_phone", msg("Write a number like 0522 123456."), "phone")
