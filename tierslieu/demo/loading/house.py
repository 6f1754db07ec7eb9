"""What rooms are for, a few quotas, and what is always asked for."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from tierslieu.bookings.models import Policy
from tierslieu.bookings.purposes.models import PurposeRow
from tierslieu.bookings.quotas.models import QuotaRow
from tierslieu.demo.loading.tables import Known
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work

USES: Final = (
    ("course", True, Texts(it="Corso", fr="Cours", en="Course")),
    ("concert", True, Texts(it="Concerto o spettacolo", fr="Concert, spectacle", en="Show")),
    ("meeting", False, Texts(it="Riunione", fr="Réunion", en="Meeting")),
    ("party", False, Texts(it="Festa privata", fr="Fête privée", en="Private party")),
)
#: Parties only at the week-end, and a use must be said: at an invented venue.
STRICT: Final = "demo-27"
STRICT_RULES: Final[dict[str, Any]] = {"purpose_required": True, "weekend_purposes": ["party"]}


def say_more(work: Work, known: Known) -> None:
    """Write them; nothing where a venue of the story is not there."""
    for rank, (key, public, label) in enumerate(USES):
        work.session.add(PurposeRow(key=key, public=public, label=label, rank=rank))
    _quota(work, known, "gattaglio", measure="hours", amount=40 * 60, per="month",
           whose="organisation",
           label=Texts(it="Ore delle associazioni", fr="Heures des associations",
                       en="Hours of associations"))  # fmt: skip
    _quota(work, known, "orologio", measure="count", amount=4, per="week", whose="person",
           audience="others", weekdays=[4, 5, 6], from_minute=1080,
           label=Texts(it="Sere del fine settimana", fr="Soirées du week-end",
                       en="Week-end evenings"))  # fmt: skip
    _also(work, None, {"asks_for": ["alcohol", "open_fire", "music"]})
    if STRICT in known.venues:
        _also(work, known.venues[STRICT], STRICT_RULES)
    work.session.flush()


def _quota(work: Work, known: Known, slug: str, **values: Any) -> None:
    if slug in known.venues:
        row = QuotaRow(venue_id=known.venues[slug], counted_over="venue", **values)
        work.session.add(row)


def _also(work: Work, venue_id: int | None, rules: dict[str, Any]) -> None:
    """Say more to everybody than the data do."""
    here = Policy.venue_id.is_(None) if venue_id is None else Policy.venue_id == venue_id
    row = work.session.scalar(
        sa.select(Policy).where(here, Policy.room_id.is_(None), Policy.audience == "everyone")
    )
    if row is None:
        work.session.add(Policy(venue_id=venue_id, audience="everyone", rules=rules))
    else:
        row.rules = {**row.rules, **rules}
