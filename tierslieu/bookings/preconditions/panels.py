"""What preconditions add to a person's page at the desk, and to one's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tierslieu.bookings.preconditions.queries import held_by, to_declare
from tierslieu.bookings.preconditions.views import grant_form
from tierslieu.contributions import Panel
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue


def drawn(
    work: Work, place: str, subject: Mapping[str, Any], venue_id: int | None
) -> Iterable[Panel]:
    """Trainings, documents, debts."""
    today = work.now.date()
    if place == "me_aside" and work.actor.person_id is not None:
        held = [each for each in held_by(work.session, work.actor.person_id)
                if each.row.revoked_at is None]  # fmt: skip
        declare = to_declare(work.session, work.actor.person_id)
        if held or declare:
            values = {"held": held, "declare": declare, "today": today}
            yield Panel("bookings/panels/me_held.html", values, order=40)
    elif place == "person" and venue_id and work.actor.may("people.register", venue=venue_id):
        person = subject["person"]
        held, form = held_by(work.session, person.id, venue_id), grant_form(work, venue_id, person)
        if held or form:
            slug = work.session.get_one(Venue, venue_id).slug
            values = {"held": held, "form": form, "slug": slug, "her": person, "today": today}
            yield Panel("bookings/panels/person_held.html", values, order=30)
