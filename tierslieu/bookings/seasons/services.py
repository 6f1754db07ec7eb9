"""Verbs of seasons: set a round and its times, give points, run the method, publish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from tierslieu.bookings.seasons.criteria import (
    BY_KEY,
    DECLARED,
    MOST_POINTS,
    MOST_YEARS,
    Answers,
    declared,
    half_full,
    points,
    standing,
    total,
)
from tierslieu.bookings.seasons.models import (
    SeasonApplication,
    SeasonPlacement,
    SeasonRound,
    SeasonSlot,
)
from tierslieu.bookings.seasons.queries import (
    Timetable,
    round_at,
    slots_of,
    timetable,
    usual_hours,
)
from tierslieu.bookings.seasons.rules import VERBS, allocate, weekly_slots
from tierslieu.kernel.errors import Conflict, Invalid, Reason, refuse
from tierslieu.kernel.messages import msg, nmsg
from tierslieu.kernel.texts import Texts, clean
from tierslieu.kernel.work import Work
from tierslieu.memberships.queries import venues_of_cards
from tierslieu.venues.models import Room
from tierslieu.venues.rooms.queries import rooms_of

MOST_SLOTS = 1000
MOST_DAYS = 550


@dataclass(frozen=True)
class RoundSaid:
    """What a manager says of a round; days are local, both ends included.

    ``to_confirm``: criteria that count only once the venue has confirmed them.
    """

    name: Texts
    starts_on: date
    ends_on: date
    apply_from: date
    apply_until: date
    criteria: Mapping[str, int] = field(default_factory=dict)
    to_confirm: Sequence[str] = ()

    def reasons(self) -> list[Reason]:
        """What is wrong with it."""
        found = []
        if not self.name:
            text = msg("Give the season a name in one language at least.")
            found.append(Reason("missing", text, "name"))
        if self.ends_on < self.starts_on:
            text = msg("The end must be after the start.")
            found.append(Reason("bad_season", text, "ends_on"))
        elif (self.ends_on - self.starts_on).days > MOST_DAYS:
            text = msg("A season is at most a year and a half long.")
            found.append(Reason("bad_season", text, "ends_on"))
        if self.apply_until < self.apply_from:
            text = msg("The end must be after the start.")
            found.append(Reason("bad_window", text, "apply_until"))
        if any(key not in BY_KEY or not 0 <= n <= MOST_POINTS for key, n in self.criteria.items()):
            found.append(Reason("bad_points", msg("Write a number."), "criteria"))
        return found


def put_round(
    work: Work,
    venue_id: int,
    said: RoundSaid,
    public_id: str | None = None,
    version: int | None = None,
) -> SeasonRound:
    """Make a round, or change one; its criteria stay as they are once applications are in.

    Raises Refused with every wrong value, Conflict, NotFound, Forbidden.
    """
    work.require("policies.edit", venue=venue_id)
    refuse(said.reasons())
    if public_id is None:
        row = SeasonRound(venue_id=venue_id, created_at=work.now, version=0, state="draft")
        row.criteria, row.to_confirm = _published(said)
        work.session.add(row)
    else:
        row = round_at(work.session, venue_id, public_id, locked=True)
        if version is not None and version != row.version:
            text = msg("Somebody changed this while you were looking at it.")
            raise Conflict(Reason("changed_meanwhile", text, "version", kind="state"))
        _change_criteria(row, *_published(said))
        if row.state in ("published", "closed"):
            raise wrong_state()
    row.name, row.starts_on, row.ends_on = said.name, said.starts_on, said.ends_on
    row.apply_from, row.apply_until = said.apply_from, said.apply_until
    row.version += 1
    work.session.flush()
    work.audit("seasons.put", f"season:{row.public_id}", venue=venue_id, criteria=row.criteria,
               to_confirm=row.to_confirm)  # fmt: skip
    return row


def _published(said: RoundSaid) -> tuple[dict[str, int], list[str]]:
    """What counts and how much, and which of it is to be confirmed first."""
    criteria = {key: n for key, n in said.criteria.items() if n}
    asked = [each.key for each in DECLARED if each.key in said.to_confirm and each.key in criteria]
    return criteria, asked


def _change_criteria(row: SeasonRound, criteria: dict[str, int], to_confirm: list[str]) -> None:
    if (criteria, to_confirm) != (row.criteria, row.to_confirm) and row.state != "draft":
        text = msg("The criteria are published: they stay as they are for this season.")
        raise Conflict(Reason("criteria_published", text, "criteria", kind="state"))
    row.criteria, row.to_confirm = criteria, to_confirm


def wrong_state() -> Conflict:
    """It is too late, or too early, for what was asked."""
    text = msg("The season has gone on meanwhile: this cannot be done any more.")
    return Conflict(Reason("wrong_state", text, kind="state"))


def turn(work: Work, venue_id: int, public_id: str, verb: str) -> SeasonRound:
    """Lead a round to the state after a verb; raises Conflict when it is not its turn."""
    work.require("policies.edit", venue=venue_id)
    row = round_at(work.session, venue_id, public_id, locked=True)
    before, after = VERBS[verb]
    if row.state not in before:
        raise wrong_state()
    row.state = after
    row.version += 1
    work.session.flush()
    work.audit(f"seasons.{verb}", f"season:{row.public_id}", venue=venue_id)
    return row


def open_round(work: Work, venue_id: int, public_id: str) -> SeasonRound:
    """Let people apply; what is published from now on are the slots and the criteria."""
    row = turn(work, venue_id, public_id, "open")
    if not slots_of(work.session, row.id):
        text = msg("Say first which times are offered.")
        raise Conflict(Reason("no_slots", text, kind="state"))
    return row


@dataclass(frozen=True)
class SlotsSaid:
    """Times to offer: in these rooms, on these weekdays, between two times, each so long."""

    rooms: tuple[str, ...]
    weekdays: tuple[int, ...]
    start: int
    end: int
    minutes: int


def add_slots(work: Work, venue_id: int, public_id: str, said: SlotsSaid) -> int:
    """Offer times within the usual hours; those offered already stay. How many are new."""
    work.require("policies.edit", venue=venue_id)
    row = round_at(work.session, venue_id, public_id, locked=True)
    if row.state not in ("draft", "open", "scoring"):
        raise wrong_state()
    if not 15 <= said.minutes <= 720 or not 0 <= said.start < said.end <= 1440:
        raise Invalid("bad_hours", msg("The end must be after the start."), "end")
    known = {room.public_id: room.id for room in rooms_of(work.session, venue_id)}
    room_ids = [known[room] for room in said.rooms if room in known]
    hours = usual_hours(work.session, row, room_ids)
    before = {
        (slot.room_id, slot.weekday, slot.from_minute, slot.until_minute)
        for slot in slots_of(work.session, row.id)
    }
    wanted = {
        (room, weekday, start, end)
        for room in room_ids
        for weekday in said.weekdays
        if 0 <= weekday <= 6
        for start, end in weekly_slots(
            hours.get((room, weekday), ()), said.start, said.end, said.minutes
        )
    } - before
    if not wanted and not before:
        text = msg("The rooms are not open at these times.")
        raise Invalid("no_slots", text, "start")
    if len(wanted) + len(before) > MOST_SLOTS:
        text = msg("At most %(n)s times a week.", n=MOST_SLOTS)
        raise Invalid("too_many", text, "minutes")
    work.session.add_all(
        SeasonSlot(round_id=row.id, room_id=r, weekday=d, from_minute=a, until_minute=b)
        for r, d, a, b in sorted(wanted)
    )
    work.session.flush()
    work.audit("seasons.slots", f"season:{row.public_id}", venue=venue_id, added=len(wanted))
    return len(wanted)


def drop_slots(work: Work, venue_id: int, public_id: str, slots: Sequence[str]) -> None:
    """Offer some times no longer; not those placed by hand."""
    work.require("policies.edit", venue=venue_id)
    row = round_at(work.session, venue_id, public_id, locked=True)
    if row.state not in ("draft", "open", "scoring"):
        raise wrong_state()
    work.session.execute(
        sa.delete(SeasonSlot).where(
            SeasonSlot.round_id == row.id, SeasonSlot.public_id.in_(sorted(slots))
        )
    )
    work.audit("seasons.slots", f"season:{row.public_id}", venue=venue_id, dropped=len(slots))


# -- points --------------------------------------------------------------------------------------


def score(work: Work, row: SeasonRound, application: SeasonApplication) -> None:
    """Count an application's points by the published criteria, as on the last day of applying.

    What is to be confirmed counts once it is.
    """
    yes = {
        key
        for key in declared(row.criteria, application.answers)
        if standing(key, row.to_confirm or (), application.verdicts or {}) in ("word", "confirmed")
    }
    person = application.person_id
    if person is not None:
        cards = venues_of_cards(work.session, person, row.apply_until)
        yes |= {"member"} if row.venue_id in cards else set()
    first = work.session.get(Room, application.rooms[0]) if application.rooms else None
    if first is not None and half_full(application.size, first.capacity):
        yes.add("size")
    years = int(application.answers["years"]) if "years" in yes else 0
    found = points(row.criteria, Answers(frozenset(yes), min(years, MOST_YEARS)))
    application.points = [list(each) for each in found]
    application.score = total(found, application.points_by_hand)


def give_points(
    work: Work, row: SeasonRound, application: SeasonApplication, by_hand: int, reason: str
) -> None:
    """Add points by hand, or take some away, with the reason that is read by whoever applied."""
    work.require("policies.edit", venue=row.venue_id)
    round_at(work.session, row.venue_id, row.public_id, locked=True)
    if row.state in ("published", "closed"):
        raise wrong_state()
    said = clean(reason, field="points_reason")
    if by_hand and not said:
        raise Invalid("missing", msg("Say why: whoever applied reads it."), "points_reason")
    if not -MOST_POINTS <= by_hand <= MOST_POINTS:
        raise Invalid("bad_points", msg("Write a number."), "points")
    application.points_by_hand, application.points_reason = by_hand, said
    score(work, row, application)
    work.session.flush()
    work.audit("seasons.points", f"season_application:{application.public_id}",
               venue=row.venue_id, person=application.person_id, points=by_hand)  # fmt: skip


# -- the method ----------------------------------------------------------------------------------


def run(work: Work, venue_id: int, public_id: str) -> Timetable:
    """Propose a timetable: what was placed by hand stays, everything else is made anew.

    It writes placements and nothing else: nobody is told, nothing is booked.
    """
    row = turn(work, venue_id, public_id, "run")
    row.proposed_at = work.now
    found = timetable(work.session, row)
    _all_answered(found)
    for each in found.applied.values():
        if each.row.state == "asked":
            score(work, row, each.row)
    work.session.flush()
    found = timetable(work.session, row)
    placed = allocate(
        found.wishes,
        found.slots,
        found.facts,
        [each for each in found.placed if each.by_hand],
        found.removed.keys(),
    )
    _clear(work, [each for each in found.placements if each.made_by == "method"])
    work.session.add_all(
        SeasonPlacement(application_id=each.wish, slot_id=each.slot, made_by="method")
        for each in placed
        if not each.by_hand
    )
    work.session.flush()
    return timetable(work.session, row)


def _all_answered(found: Timetable) -> None:
    """Raises Conflict while something declared waits to be confirmed or declined."""
    waiting = sum(
        standing(key, found.round.to_confirm, each.row.verdicts) == "waiting"
        for each in found.applied.values()
        if each.row.state == "asked"
        for key in declared(found.round.criteria, each.row.answers)
    )
    if waiting:
        text = nmsg(
            "First confirm or decline what groups declare: one answer is missing.",
            "First confirm or decline what groups declare: %(n)s answers are missing.",
            waiting,
        )
        raise Conflict(Reason("unanswered", text, kind="state"))


def _clear(work: Work, rows: Sequence[SeasonPlacement]) -> None:
    for row in rows:
        work.session.delete(row)
    work.session.flush()


def publish(work: Work, venue_id: int, public_id: str) -> SeasonRound:
    """Show the timetable to everybody; each applicant is told once what became of it."""
    row = turn(work, venue_id, public_id, "publish")
    row.published_at = work.now
    question = sa.select(SeasonApplication.public_id).where(
        SeasonApplication.round_id == row.id, SeasonApplication.state == "asked"
    )
    for application in work.session.scalars(question.order_by(SeasonApplication.id)):
        work.later("seasons.tell", key=f"seasons.tell:{application}", application=application)
    work.session.flush()
    return row
