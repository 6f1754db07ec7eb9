"""Reads the demo's data files into frozen values; `load()` is the door."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tierslieu.demo import people
from tierslieu.demo.hours import DAYS, month_day, week
from tierslieu.demo.records import (
    LANGUAGES,
    DemoAccess,
    DemoClosure,
    DemoNetwork,
    DemoOrganisation,
    DemoPlan,
    DemoRoom,
    DemoSection,
    DemoUnit,
    DemoVenue,
)
from tierslieu.kernel.texts import Texts

DATA = Path(__file__).parent / "data"
TOWN = "Reggio Emilia"
SECTIONS = (
    "history",
    "place_and_services",
    "activities",
    "access",
    "address_note",
    "contacts",
)
#: Circuits and the first day of their season; associations without one follow the calendar year.
SEASONS = {"ARCI": (10, 1), "ANCeSCAO": (1, 1), "": (1, 1)}


def read(name: str) -> dict[str, Any]:
    """One TOML file of the demo's data, as it is."""
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


@cache
def load(seed: int = 1) -> DemoNetwork:
    """The whole network. ``seed`` decides the invented persons; the rest is in the files."""
    venues = tuple(_venues())
    groups = tuple(
        DemoOrganisation(slug, row["name"], "group", row["venue"], "", True, "")
        for slug, row in read("groups.toml").items()
    )
    population = people.populate(seed, venues, groups, read("people.toml"))
    return DemoNetwork(
        venues=venues,
        groups=groups,
        people=population.people,
        roles=population.roles,
        functions=population.functions,
        plans=tuple(_plan(venue) for venue in venues),
        policies=read("policies.toml"),
        closures=tuple(
            DemoClosure(month_day(row["first"]), month_day(row["last"]), _texts(row))
            for row in read("calendar.toml")["closure"]
        ),
    )


def _venues() -> Iterator[DemoVenue]:
    sources, shared = read("sources.toml"), read("calendar.toml")
    with (DATA / "venues.csv").open(encoding="utf-8", newline="") as rows:
        for number, row in enumerate(csv.DictReader(rows)):
            yield _venue(number, row, read(f"venues/{row['slug']}.toml"), sources, shared)


def _venue(
    number: int,
    row: Mapping[str, str],
    more: dict[str, Any],
    sources: Mapping[str, str],
    shared: Mapping[str, Any],
) -> DemoVenue:
    slug, hours = row["slug"], dict(more["hours"])
    sourced = hours.pop("sourced", [])
    return DemoVenue(
        slug=slug,
        name=row["name"],
        kind=row["kind"],
        street=row["street"],
        area=row["area"],
        town=TOWN,
        latitude=float(row["approx_lat"]),
        longitude=float(row["approx_lon"]),
        position=row["position"],
        affiliation=row["affiliation"],
        sources=tuple(sources[key] for key in row["source"].split() if key in sources),
        accent=more["accent"],
        lede=_texts(more.get("summary", {})),
        phone=f"+39 0522 000{100 + number}",
        email=f"{slug}@demo.example",
        sections=tuple(_sections(more.get("text", {}), row["position"], sources, shared)),
        hours=week(hours),
        sourced_days=frozenset(DAYS.index(day) for day in sourced),
        closed_on_holidays=more.get("closed_on_holidays", True),
        policy=more.get("policy", {}),
        operator=_operator(slug, row["affiliation"], more["operator"], sources),
        rooms=tuple(_room(slug, key, found) for key, found in more["room"].items()),
    )


def _sections(
    texts: Mapping[str, Any], position: str, sources: Mapping[str, str], shared: Mapping[str, Any]
) -> Iterator[DemoSection]:
    for key in SECTIONS:
        if key in texts:
            source = sources.get(texts[key].get("source", ""), "")
            yield DemoSection(key, _texts(texts[key]), source)
        elif key == "address_note":
            yield DemoSection(key, _texts(shared["address_note"][position]), "")
        elif key == "contacts":
            yield DemoSection(key, _texts(shared["contacts"]), "")


def _operator(
    venue: str, affiliation: str, found: Mapping[str, Any], sources: Mapping[str, str]
) -> DemoOrganisation:
    return DemoOrganisation(
        slug=f"operator-{venue}",
        name=found["name"],
        kind="operator",
        venue=venue,
        circuit=affiliation,
        invented=found.get("invented", True),
        source=sources.get(found.get("source", ""), ""),
    )


def _room(venue: str, slug: str, found: Mapping[str, Any]) -> DemoRoom:
    before, after = found.get("buffers", (0, 0))
    full, member = found["tariff"]
    season = found.get("season")
    return DemoRoom(
        venue=venue,
        slug=slug,
        name=found["name"],
        kind=found["kind"],
        description=_texts(found),
        area_m2=found.get("area"),
        layouts=found["seats"],
        features=tuple(found["features"]),
        access=_access(found["access"], _texts(found.get("access_note", {}))),
        parts=tuple(found.get("parts", ())),
        units=tuple(_units(found.get("units"))),
        before_minutes=before,
        after_minutes=after,
        policy=found["policy"],
        hour_cents=full,
        member_hour_cents=member,
        keys=found.get("keys", False),
        hours=week(found["hours"]) if "hours" in found else None,
        season=(month_day(season[0]), month_day(season[1])) if season else None,
        picture=found["picture"],
        always_free=found.get("always_free", False),
    )


def _units(found: Mapping[str, Any] | None) -> Iterator[DemoUnit]:
    if found:
        for number in range(1, found["count"] + 1):
            yield DemoUnit(f"{found['prefix']}-{number}", f"{found['name']} {number}")


def _access(found: Mapping[str, Any], note: Texts) -> DemoAccess:
    return DemoAccess(
        door_cm=found.get("door"),
        step_cm=found.get("step"),
        step_free=found.get("free"),
        lift=found.get("lift"),
        accessible_toilet=found.get("toilet"),
        hearing_loop=found.get("loop"),
        parking_m=found.get("parking"),
        note=note,
    )


def _plan(venue: DemoVenue) -> DemoPlan:
    month, day = SEASONS[venue.operator.circuit]
    names = read("calendar.toml")["plan_name"]
    return DemoPlan(
        venue=venue.slug,
        organisation=venue.operator.slug,
        name=Texts(
            {
                lang: " ".join(
                    names[lang].format(circuit=venue.operator.circuit, name=venue.name).split()
                )
                for lang in LANGUAGES
            }
        ),
        season_month=month,
        season_day=day,
        fee_cents=1500 if venue.operator.circuit == "ARCI" else 1000,
        grace_days=31,
        circuit=venue.operator.circuit,
    )


def _texts(found: Mapping[str, Any]) -> Texts:
    return Texts({lang: found[lang] for lang in LANGUAGES if lang in found})
