"""A round for the yearly timetable of one venue, open, with a dozen invented groups."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tierslieu.bookings.seasons.models import SeasonApplication, SeasonRound
from tierslieu.bookings.seasons.services import SlotsSaid, add_slots, open_round, score
from tierslieu.demo.loading.tables import Known
from tierslieu.kernel.span import local_date
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work
from tierslieu.venues.rooms.queries import rooms_of

VENUE: Final = "gattaglio"
NAME: Final = Texts(it="La prossima stagione", fr="La saison prochaine", en="The season to come")
CRITERIA: Final = {"member": 20, "district": 15, "years": 3, "access": 10, "public": 10, "size": 5}
#: What the house looks at itself, and what it has said so far.
TO_CONFIRM: Final = ["district", "access"]
VERDICTS: Final[dict[str, dict[str, Any]]] = {
    "Coro delle Quattro Arti": {"district": {"ok": True, "reason": "Statuto visto."}},
    "Capoeira ragazzi": {"district": {"ok": False, "reason": "La sede è in un altro quartiere."}},
}
#: Name, people, times a week, first day, from hour, answers.
GROUPS: Final[tuple[tuple[str, int, int, int, int, dict[str, Any]], ...]] = (
    ("Coro delle Quattro Arti", 24, 1, 1, 20, {"district": True, "years": 9}),
    ("Yoga del mattino", 12, 2, 0, 9, {"public": True, "years": 2}),
    ("Scuola di italiano", 16, 2, 1, 17, {"public": True, "access": True}),
    ("Liscio e tarantelle", 30, 1, 4, 20, {"public": True, "years": 5}),
    ("Scacchi in circolo", 10, 1, 1, 20, {"years": 4}),
    ("Gruppo di lettura Pagina 27", 12, 1, 2, 20, {"district": True}),
    ("Teatro dei Fuori Scena", 18, 2, 1, 20, {"years": 3}),
    ("Mamme e passeggini", 14, 1, 3, 10, {"district": True, "public": True}),
    ("Banda di quartiere", 26, 1, 3, 20, {"district": True, "years": 12}),
    ("Corso di computer 65+", 9, 1, 2, 15, {"public": True}),
    ("Burraco del giovedì", 20, 1, 3, 20, {"years": 6}),
    ("Capoeira ragazzi", 15, 2, 0, 17, {"district": True}),
)


def call_for_a_season(work: Work, known: Known) -> None:
    """Write them; nothing where the venue is not there or has no rooms."""
    venue_id = known.venues.get(VENUE)
    rooms = rooms_of(work.session, venue_id) if venue_id is not None else []
    if venue_id is None or not rooms:
        return
    row = _round(work, venue_id)
    said = SlotsSaid(tuple(room.public_id for room in rooms), (0, 1, 2, 3, 4), 540, 1380, 120)
    if not add_slots(work, venue_id, row.public_id, said):
        return
    open_round(work, venue_id, row.public_id)
    people = [known.persons[name] for name in sorted(known.persons)]
    ranked = [room.id for room in rooms]
    for n, (title, size, times, day, hour, answers) in enumerate(GROUPS):
        asked = SeasonApplication(
            round_id=row.id,
            person_id=people[(n * 17) % len(people)],
            title=title,
            size=size,
            times=times,
            rooms=ranked[n % 2 :] + ranked[: n % 2],
            windows=[[(day + k * 2) % 5, hour * 60 - 60, min(1440, hour * 60 + 240)]
                     for k in range(2)],
            applied_at=work.now - timedelta(days=3, minutes=n),
            answers=dict(answers),
            verdicts=VERDICTS.get(title, {}),
            points_by_hand=0,
        )  # fmt: skip
        work.session.add(asked)
        score(work, row, asked)
    work.session.flush()


def _round(work: Work, venue_id: int) -> SeasonRound:
    today = local_date(work.now, ZoneInfo("Europe/Rome"))
    year = today.year + (today.month >= 6)
    row = SeasonRound(
        venue_id=venue_id,
        name=NAME,
        starts_on=date(year, 9, 15),
        ends_on=date(year + 1, 6, 15),
        apply_from=today - timedelta(days=10),
        apply_until=today + timedelta(days=20),
        criteria=CRITERIA,
        to_confirm=TO_CONFIRM,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row
