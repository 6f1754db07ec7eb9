"""Asking something of a season: apply, change it while the round is open, withdraw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from tierslieu.bookings.seasons.criteria import BY_KEY
from tierslieu.bookings.seasons.models import SeasonApplication, SeasonPlacement, SeasonRound
from tierslieu.bookings.seasons.queries import round_at, takes_applications, today_at
from tierslieu.bookings.seasons.rules import MOST_TIMES
from tierslieu.bookings.seasons.services import score, wrong_state
from tierslieu.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import clean
from tierslieu.kernel.work import Work
from tierslieu.people.services import relate
from tierslieu.venues.models import Venue
from tierslieu.venues.rooms.queries import rooms_of


@dataclass(frozen=True)
class ApplicationSaid:
    """What somebody asks of a season. ``rooms``: public ids in order of preference.

    ``windows``: (weekday, from, until) in order; ``answers``: to the criteria that ask.
    """

    title: str
    size: int
    times: int
    rooms: tuple[str, ...]
    windows: tuple[tuple[int, int, int], ...]
    time_first: bool = True
    step_free: bool = False
    two_a_day: bool = False
    needs: str = ""
    answers: Mapping[str, int | bool] = field(default_factory=dict)
    organisation_id: int | None = None

    def reasons(self) -> list[Reason]:
        """What is wrong with it."""
        found = []
        if not clean(self.title):
            found.append(Reason("missing", msg("What is the group called?"), "title"))
        if not 1 <= self.size <= 100_000:
            found.append(Reason("bad_size", msg("How many people?"), "size"))
        if not 1 <= self.times <= MOST_TIMES:
            text = msg("From 1 to %(n)s times a week.", n=MOST_TIMES)
            found.append(Reason("bad_times", text, "times"))
        if not self.rooms:
            found.append(Reason("missing", msg("Choose one room at least."), "room1"))
        if not self.windows:
            text = msg("Write one suitable time at least.")
            found.append(Reason("missing", text, "day1"))
        if any(not 0 <= a < b <= 1440 or not 0 <= d <= 6 for d, a, b in self.windows):
            found.append(Reason("bad_hours", msg("The end must be after the start."), "day1"))
        return found


def put_application(
    work: Work,
    row: SeasonRound,
    said: ApplicationSaid,
    application: SeasonApplication | None = None,
) -> SeasonApplication:
    """Apply, or change what one asked for, while the round is open.

    Raises Refused with every wrong value, Conflict when nobody can apply now, Forbidden.
    """
    _open_now(work, row)
    _may_apply(work, said.organisation_id)
    refuse(said.reasons())
    known = {room.public_id: room.id for room in rooms_of(work.session, row.venue_id)}
    rooms = [known[room] for room in dict.fromkeys(said.rooms) if room in known]
    if not rooms:
        raise Invalid("missing", msg("Choose one room at least."), "room1")
    if application is None:
        application = SeasonApplication(
            round_id=row.id, person_id=work.actor.person_id, applied_at=work.now, version=0
        )
        application.points_by_hand, application.points_reason = 0, ""
        application.answers, application.verdicts = {}, {}
        work.session.add(application)
    else:
        work.session.refresh(application, with_for_update=True)
    application.title, application.needs = clean(said.title)[:200], clean(said.needs, lines=True)
    application.size, application.times = said.size, said.times
    application.rooms, application.windows = rooms, [list(one) for one in said.windows]
    application.time_first, application.step_free = said.time_first, said.step_free
    application.two_a_day = said.two_a_day
    application.organisation_id = said.organisation_id
    _answer(application, {k: v for k, v in said.answers.items() if k in BY_KEY and v})
    application.state, application.version = "asked", application.version + 1
    score(work, row, application)
    work.session.flush()
    if application.person_id is not None:
        relate(work, application.person_id, row.venue_id)
    work.audit("seasons.apply", f"season_application:{application.public_id}", venue=row.venue_id,
               person=application.person_id, organisation=said.organisation_id)  # fmt: skip
    return application


def _answer(application: SeasonApplication, answers: dict[str, int | bool]) -> None:
    """What the venue said of an answer holds as long as the answer stays the same."""
    before = application.answers
    application.verdicts = {
        key: said
        for key, said in application.verdicts.items()
        if before.get(key) == answers.get(key)
    }
    application.answers = answers


def _open_now(work: Work, row: SeasonRound) -> None:
    venue = work.session.get_one(Venue, row.venue_id)
    if not takes_applications(row, today_at(venue, work.now)):
        text = msg("Nobody can apply for this season now.")
        raise Conflict(Reason("not_open", text, kind="state"))


def _may_apply(work: Work, organisation_id: int | None) -> None:
    if work.actor.person_id is None:
        raise Forbidden("bookings.create")
    if organisation_id is not None and organisation_id not in work.actor.organisations:
        raise Forbidden("bookings.create")


def is_own(work: Work, application: SeasonApplication) -> bool:
    """Whether it is the actor's, or that of an organisation she acts for."""
    person = work.actor.person_id
    return person is not None and (
        application.person_id == person or application.organisation_id in work.actor.organisations
    )


def withdraw(work: Work, row: SeasonRound, application: SeasonApplication) -> None:
    """Ask for nothing any more, until the timetable is published."""
    if not is_own(work, application):
        raise NotFound
    round_at(work.session, row.venue_id, row.public_id, locked=True)
    if row.state in ("published", "closed"):
        raise wrong_state()
    application.state, application.version = "withdrawn", application.version + 1
    work.session.execute(
        sa.delete(SeasonPlacement).where(SeasonPlacement.application_id == application.id)
    )
    work.session.flush()
    work.audit("seasons.withdraw", f"season_application:{application.public_id}",
               venue=row.venue_id, person=application.person_id)  # fmt: skip
