"""Every room's answer for many days at once, and why a cell has no time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from tierslieu import hookspecs
from tierslieu.bookings.availability.known import Known, as_one
from tierslieu.bookings.cases.queries import (
    Party,
    RoomCase,
    applicants,
    rooms,
)
from tierslieu.bookings.finding.near import NEAR, nears, steadily
from tierslieu.bookings.finding.rows import ONE_DAY, Near, Question, Row, opens_of, row_of, taken_of
from tierslieu.bookings.quotas.judging import counts
from tierslieu.bookings.rules import Applicant, Ask, Judgement, Match, fit_reasons, ordered
from tierslieu.bookings.rules.checked import Checked
from tierslieu.bookings.rules.matrix import (
    Pieces,
    Wanted,
    cell,
    first_free,
    free_units,
    moment,
    pieces_of,
    span_at,
)
from tierslieu.bookings.rules.quotas import Counted, quota_reasons
from tierslieu.contributions import Candidate, Objection
from tierslieu.kernel.errors import Reason
from tierslieu.kernel.span import local_date, local_day_span
from tierslieu.kernel.texts import folded
from tierslieu.kernel.work import Work
from tierslieu.venues.places.queries import venues_where
from tierslieu.venues.rules import OpeningFacts


@dataclass(frozen=True)
class Matrix:
    """The rooms that have a time, the best fit first: a page of ``rows`` out of ``total``."""

    days: Sequence[date]
    rows: list[Row]
    total: int
    nears: list[Near]
    steady: list[Near]


def matrix(
    work: Work, asked: Question, *, skip: int = 0, limit: int = 8, near: bool = True
) -> Matrix:
    """Every room's answer on every day, in a number of statements that does not grow."""
    found = _read(work, asked)
    fitting = [row for row, lacks in found.rows if not lacks]
    with_time = [row for row in fitting if row.free]
    page = _judged(work, asked, found, with_time[skip : skip + limit])
    return Matrix(
        asked.wanted.days,
        page,
        len(with_time),
        list(nears(asked, fitting, found.rows)) if near else [],
        [each for row in page[:NEAR] if (each := steadily(asked, row))] if near else [],
    )


# -- what is read --------------------------------------------------------------------------------


@dataclass
class _Found:
    rows: list[tuple[Row, tuple[Reason, ...]]]
    applicant: Callable[[int, date], Applicant]
    checks: _Checks


def _read(work: Work, asked: Question) -> _Found:
    first, last = asked.wanted.first, asked.wanted.last + ONE_DAY
    venues = venues_where(work.session, asked.where)
    cases = [
        case
        for case in rooms(work.session, first, last).published
        if case.facts.bookable
        and (venues is None or case.venue_id in venues)
        and _named(case, asked.words)
    ]
    party = Party(work.actor, work.actor.person_id)
    people = _Applicants(work, party, {case.venue_id for case in cases}, asked.wanted)
    matches, known = {}, Known(work)
    for case in cases:
        candidate = known.searched(case, case.capacity)
        matches[case.id] = Match(candidate, tuple(fit_reasons(candidate, asked.wish)))
    ranked = {m.candidate.key: n for n, m in enumerate(ordered(matches.values(), asked.wish))}
    busy = taken_of(work, cases, asked)
    hours, checks = _Hours(asked.wanted), _Checks(asked, work.now)
    rows = []
    for case in sorted(cases, key=lambda case: ranked[case.id]):
        policy = known.rules(case, people.today(case.venue_id))
        row = row_of(asked, case, policy, hours.of(case), busy[case.id], work.now)
        lacks = (*matches[case.id].reasons, *_never(row, people, checks))
        rows.append((row, lacks))
    return _Found(rows, people.on, checks)


def _named(case: RoomCase, words: str) -> bool:
    if not words:
        return True
    text = folded(f"{case.name} {case.venue_name} {case.venue_area} {case.kind}")
    return all(word in text for word in words.split())


class _Applicants:
    """Who asks, at each venue: her card is looked up anew where it ends between the days."""

    def __init__(self, work: Work, party: Party, venues: Collection[int], wanted: Wanted) -> None:
        self._work, self._party, self._venues = work, party, venues
        self._alike: dict[Applicant, Applicant] = {}
        self._known = {day: self._ask(day) for day in {wanted.first, wanted.last}}
        self._first, self._last = self._known[wanted.first], self._known[wanted.last]

    def _ask(self, day: date) -> dict[int, Applicant]:
        found = applicants(self._work.session, self._party, self._venues, day, self._work.now)
        return as_one(found, self._alike)

    def today(self, venue: int) -> Applicant:
        """Somebody unknown is answered as whoever has an account: booking asks her to sign in."""
        return self._first[venue]

    def on(self, venue: int, day: date) -> Applicant:
        """The same with her card as it is on a day."""
        found = self._first
        if found[venue] is not self._last[venue]:
            found = self._known.setdefault(day, self._known.get(day) or self._ask(day))
        return found[venue]


class _Hours:
    """The open pieces of each venue's hours, read once for all rooms that keep them."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._known: dict[int, tuple[OpeningFacts, Pieces]] = {}

    def of(self, case: RoomCase) -> Pieces:
        facts = case.facts.opening
        known = self._known.get(id(facts))
        if known is None:
            pieces = pieces_of(self._wanted, opens_of(case, self._wanted), case.zone)
            known = self._known[id(facts)] = (facts, pieces)
        return known[1]


class _Checks:
    """Judgements of wishes at different times, each made once for all rooms alike."""

    def __init__(self, asked: Question, now: datetime) -> None:
        self._people, self._now = asked.wish.people, now
        self._known: dict[tuple[int, int], Checked] = {}

    def of(self, row: Row, start: int, applicant: Applicant) -> Judgement:
        """What is said of a room from a moment on, for as long as is asked of it."""
        key = start, row.limits.length
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Checked(Ask(span_at(*key), self._people), self._now)
        return found.of(row.case.facts, row.policy, applicant)


def _never(row: Row, people: _Applicants, checks: _Checks) -> Iterator[Reason]:
    """What stands against her first free time there and would against any other."""
    first = first_free(row.cells)
    if first is None:
        return
    applicant = people.on(row.case.venue_id, local_date(moment(first), row.case.zone))
    for reason in checks.of(row, first, applicant).refused:
        if reason.code in ALWAYS:
            yield reason


#: Reasons that every time of a room would have.
ALWAYS: Final = frozenset(
    {"managers_only", "members_only", "too_short", "too_long", "too_many_open", "inactive"}
)


# -- what is shown is judged in full -------------------------------------------------------------


def _judged(work: Work, asked: Question, found: _Found, rows: Iterable[Row]) -> list[Row]:
    """The rows with only such times as the door "book" and the judges would allow."""
    shown = list(rows)
    quotas = _quotas(work, asked, found, [row.case for row in shown])
    checked = [_checked(asked, found, row, quotas.get(row.case.id, ())) for row in shown]
    spec = hookspecs.booking_objections
    if not checked or not work.hooks.implementers(spec):
        return checked
    candidates = [
        Candidate(
            room_id=row.case.id,
            venue_id=row.case.venue_id,
            span=span_at(start, row.limits.length),
            person_id=work.actor.person_id,
            organisation_id=None,
            attendance=asked.wish.people,
            purpose="",
            claim_id=None,
        )
        for row in checked
        for start in row.cells
        if isinstance(start, int)
    ]
    said = work.hooks.objections(spec, work=work, candidates=candidates)
    against = {
        (item.candidate.room_id, int(item.candidate.span.starts_at.timestamp()))
        for item in said
        if isinstance(item, Objection)
    }
    blind = any(not isinstance(item, Objection) for item in said)
    return [
        replace(
            row,
            cells=tuple(
                "refused" if isinstance(at, int) and (blind or (row.case.id, at) in against) else at
                for at in row.cells
            ),
        )
        for row in checked
    ]


def _quotas(
    work: Work, asked: Question, found: _Found, cases: Collection[RoomCase]
) -> Mapping[int, Sequence[Counted]]:
    """What is used of each quota in all the periods that the days lie in."""
    if not any(case.quotas for case in cases):
        return {}
    first = asked.wanted.first
    people = {case.venue_id: found.applicant(case.venue_id, first) for case in cases}
    zone = next(iter(cases)).zone
    spans = [local_day_span(day, zone) for day in (first, asked.wanted.last)]
    return counts(work, cases, Party(work.actor, work.actor.person_id), people, spans)


def _checked(asked: Question, found: _Found, row: Row, quotas: Sequence[Counted]) -> Row:
    case = row.case

    def refused(start: int) -> bool:
        if row.units and free_units(row.units, start, row.limits.length) < row.needed:
            return True
        applicant = found.applicant(case.venue_id, local_date(moment(start), case.zone))
        if not found.checks.of(row, start, applicant).allowed:
            return True
        return bool(quotas and quota_reasons([span_at(start, row.limits.length)], quotas))

    return replace(
        row,
        cells=tuple(
            cell(day, here, row.taken, row.limits, refused) if isinstance(said, int) else said
            for day, here, said in zip(asked.wanted.days, row.pieces, row.cells, strict=True)
        ),
    )
