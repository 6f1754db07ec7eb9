"""Verbs of the network: set it up, name its kinds of venue, write down its own holidays."""

from __future__ import annotations

import re
from datetime import date

import sqlalchemy as sa

from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work
from tierslieu.venues.models import LocalHoliday, Network, Venue, VenueKind
from tierslieu.venues.places.rules import ACCENTS, unknown_zone
from tierslieu.venues.services import check_version

LANGUAGES = ("it", "fr", "en")


def set_up_network(
    work: Work,
    *,
    name: str,
    place: str = "",
    zone: str = "Europe/Rome",
    locale: str = "it",
    currency: str = "EUR",
    accent: str = "persiana",
    holiday_country: str = "IT",
    holiday_subdivision: str = "RE",
    banner: Texts | None = None,
    help_text: Texts | None = None,
    version: int | None = None,
) -> Network:
    """Write the network's settings. Raises Refused, Conflict ``changed_meanwhile``, Forbidden."""
    work.require("network.edit")
    refuse(_wrong(name, zone, locale, currency, accent))
    network = work.session.get(Network, 1)
    if network is None:
        network = Network(id=1, name=name, version=0)
        work.session.add(network)
    else:
        check_version(network, version)
    network.name, network.place, network.zone, network.locale = name, place, zone, locale
    network.currency, network.accent = currency, accent
    network.holiday_country, network.holiday_subdivision = holiday_country, holiday_subdivision
    network.banner, network.help_text = banner or Texts(), help_text or Texts()
    network.version += 1
    work.session.flush()
    work.audit("network.changed", "network")
    return network


def _wrong(name: str, zone: str, locale: str, currency: str, accent: str) -> list[Reason]:
    found = []
    if not name:
        found.append(Reason("missing", msg("Please fill this in."), "name"))
    if unknown_zone(zone):
        found.append(Reason("bad_zone", msg("There is no time zone of this name."), "zone"))
    if locale not in LANGUAGES:
        found.append(Reason("bad_language", msg("This language is not spoken here."), "locale"))
    if not re.fullmatch(r"[A-Z]{3}", currency):
        text = msg("A currency has three letters, like EUR.")
        found.append(Reason("bad_currency", text, "currency"))
    if accent not in ACCENTS:
        found.append(Reason("bad_accent", msg("Choose one of the twelve colours."), "accent"))
    return found


def put_kind(work: Work, key: str, label: Texts, rank: int = 0) -> VenueKind:
    """Name a kind of venue, or name it anew. Raises Invalid, Forbidden."""
    work.require("network.edit")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", key):
        text = msg("Small letters, digits and underscores, starting with a letter.")
        raise Invalid("bad_key", text, "key")
    if not label:
        raise Invalid("missing", msg("Write it in at least one language."), "label")
    kind = work.session.get(VenueKind, key)
    if kind is None:
        kind = VenueKind(key=key, label=label, rank=rank)
        work.session.add(kind)
    kind.label, kind.rank = label, rank
    work.session.flush()
    work.audit("network.kind_named", f"kind:{key}")
    return kind


def remove_kind(work: Work, key: str) -> None:
    """Forget a kind that no venue is of. Raises Conflict ``in_use``, NotFound."""
    work.require("network.edit")
    kind = work.session.get(VenueKind, key)
    if kind is None:
        raise NotFound
    if work.session.scalar(sa.select(sa.func.count()).where(Venue.kind == key)):
        text = msg("There are venues of this kind; give them another one first.")
        raise Conflict(Reason("in_use", text, kind="state"))
    work.session.delete(kind)
    work.session.flush()
    work.audit("network.kind_removed", f"kind:{key}")


def put_holiday(work: Work, month: int, day: int, name: Texts) -> LocalHoliday:
    """Keep a yearly holiday of the place. Raises Invalid when there is no such day."""
    work.require("network.edit")
    try:
        date(2024, month, day)
    except ValueError:
        raise Invalid("bad_day", msg("There is no such day in the year."), "day") from None
    if not name:
        raise Invalid("missing", msg("Write it in at least one language."), "name")
    where = sa.select(LocalHoliday).where(LocalHoliday.month == month, LocalHoliday.day == day)
    holiday = work.session.scalar(where)
    if holiday is None:
        holiday = LocalHoliday(month=month, day=day, name=name)
        work.session.add(holiday)
    holiday.name = name
    work.session.flush()
    work.audit("network.holiday_kept", f"holiday:{month:02d}-{day:02d}")
    return holiday


def remove_holiday(work: Work, month: int, day: int) -> None:
    """Keep a yearly holiday no longer. Raises NotFound."""
    work.require("network.edit")
    where = sa.select(LocalHoliday).where(LocalHoliday.month == month, LocalHoliday.day == day)
    holiday = work.session.scalar(where)
    if holiday is None:
        raise NotFound
    work.session.delete(holiday)
    work.session.flush()
    work.audit("network.holiday_dropped", f"holiday:{month:02d}-{day:02d}")
