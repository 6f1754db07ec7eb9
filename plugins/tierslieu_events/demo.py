"""Invented events for the demo: an evening in the room and remote, a course, a remote talk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_events import services
from tierslieu_events.models import Event
from tierslieu_events.queries import dates_of
from tierslieu_events.registering.services import Asked, register
from tierslieu_events.services import Facts, NewDate
from tierslieu_events.words import HYBRID, REMOTE, ROOM

EVENING = Facts(
    tl.Texts(
        it="Il quartiere tra dieci anni", fr="Le quartier dans dix ans",
        en="The neighbourhood in ten years",
    ),
    tl.Texts(
        it="Una serata per immaginare insieme piazze, orti e cortili. Si parla a piccoli gruppi, "
        "in sala e a distanza.",
        fr="Une soirée pour imaginer ensemble places, jardins et cours. On parle en petits "
        "groupes, en salle et à distance.",
        en="An evening to imagine squares, gardens and courtyards together. We talk in small "
        "groups, in the room and remotely.",
    ),
    category="talk", captions=True, sign_language=True,
    access_note=tl.Texts(
        it="Ingresso senza gradini da via del cortile.",
        fr="Entrée sans marches par la rue de la cour.",
        en="Step-free entrance from the street of the courtyard.",
    ),
)  # fmt: skip
COURSE = Facts(
    tl.Texts(it="Aggiusta la tua bici", fr="Répare ton vélo", en="Mend your bicycle"),
    tl.Texts(
        it="Tre incontri: freni, ruote, luci. Gli attrezzi ci sono, la bici portala tu.",
        fr="Trois rencontres : freins, roues, lumières. Les outils sont là, apporte ton vélo.",
        en="Three meetings: brakes, wheels, lights. Tools are there, bring your bicycle.",
    ),
    category="repair", audience="families", price_cents=500, most_seats=2,
    questions=({"key": "q1", "text": "Che bici porti?", "required": False},),
)  # fmt: skip
TALK = Facts(
    tl.Texts(
        it="Sportello digitale da casa", fr="Aide numérique à la maison",
        en="Digital help at home",
    ),
    tl.Texts(
        it="Un’ora di domande e risposte su SPID e fascicolo sanitario, a distanza.",
        fr="Une heure de questions sur l’identité numérique et le dossier de santé, à distance.",
        en="An hour of questions about digital identity and health records, remotely.",
    ),
    category="course", audience="elders",
)  # fmt: skip


def invent(work: tl.Work) -> None:
    """Events of the first venues; nothing where their rooms are not free."""
    venues = list(work.session.scalars(sa.select(tl.Venue).order_by(tl.Venue.id).limit(40)))
    by_slug = {venue.slug: venue for venue in venues}
    as_it_is = replace(work, actor=tl.SYSTEM)
    for slug, facts, mode, weeks, hour in (
        ("gattaglio", EVENING, HYBRID, 1, 20),
        ("orologio", COURSE, ROOM, 3, 17),
        ("gattaglio", TALK, REMOTE, 2, 11),
    ):
        if slug in by_slug:
            _event(as_it_is, by_slug[slug], facts, mode, weeks, hour)


def _event(work: tl.Work, venue: tl.Venue, facts: Facts, mode: str, weeks: int, hour: int) -> None:
    event = services.make_event(work, venue, facts)
    zone = ZoneInfo(venue.zone)
    asked = sa.select(tl.Room).where(tl.Room.venue_id == venue.id, tl.Room.retired_at.is_(None))
    rooms: list[tl.Room | None] = [None]
    if mode != REMOTE:
        rooms = list(work.session.scalars(asked.order_by(tl.Room.capacity.desc())))
    for week in range(weeks):
        _date(work, event, rooms, mode, zone, hour, 7 * week)
    if dates_of(work, event):
        services.publish(work, event)
        _people(work, event)


def _date(work: tl.Work, event: Event, rooms: list[tl.Room | None], mode: str,
          zone: ZoneInfo, hour: int, later: int) -> None:  # fmt: skip
    """The first day from next week on when one of the rooms is free at that hour."""
    first = tl.local_date(work.now, zone) + timedelta(days=5 + later)
    for day in (first + timedelta(days=n) for n in range(6)):
        start = tl.at_wall(day, hour * 60, zone)
        span = tl.Span(start, start + timedelta(hours=2))
        for room in rooms:
            seats = None if room is None else min(12, room.capacity or 12)
            name = "" if room is None else room.public_id
            new = NewDate(span, mode, name, seats, 100 if mode != ROOM else None)
            try:
                with work.savepoint():
                    services.add_dates(work, event, [new])
            except tl.Refusal:
                continue
            return


def _people(work: tl.Work, event: Event) -> None:
    """Invented people: enough of them that some wait."""
    view = dates_of(work, event)[0]
    if "room" not in view.sides:
        return
    names = ("Ada", "Bruna", "Carlo", "Dina", "Elio", "Franca", "Gino", "Ilaria", "Lello",
             "Mirella", "Nando", "Olga", "Pino", "Rosa")  # fmt: skip
    for name in names[: (view.sides["room"].capacity or 12) + 2]:
        register(work, view, Asked(wait=True, name=f"{name} (inventata)"
                 if name.endswith("a") else f"{name} (inventato)"), by_desk=True)  # fmt: skip
