"""The API of seasons: read the round and its timetable, apply, withdraw."""

from __future__ import annotations

from typing import Any, Final

from flask import Response

from tierslieu.bookings.rest import bp
from tierslieu.bookings.seasons import asking
from tierslieu.bookings.seasons.asking import ApplicationSaid
from tierslieu.bookings.seasons.criteria import CRITERIA, declared, standing
from tierslieu.bookings.seasons.models import SeasonRound
from tierslieu.bookings.seasons.queries import (
    Timetable,
    application_at,
    mine,
    shown_round,
    takes_applications,
    timetable,
    today_at,
)
from tierslieu.bookings.seasons.rules import Slot
from tierslieu.bookings.seasons.schemas import (
    ApplicationAnswer,
    ApplicationAnswers,
    ApplicationBody,
    CriterionAnswer,
    DeclaredAnswer,
    GotAnswer,
    HoursAnswer,
    HoursBody,
    SeasonAnswer,
    SlotAnswer,
)
from tierslieu.bookings.seasons.words import clock, missed_words, summary
from tierslieu.bookings.wishes import organisation_of
from tierslieu.kernel.errors import Invalid, NotFound
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import iso
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Venue
from tierslieu.venues.places.queries import venue_by_slug
from tierslieu.venues.queries import network
from tierslieu.web.api import answer, operation, posting, read_body
from tierslieu.web.requests import PUBLIC, SIGNED_IN, allow, reading, writing

WEEKDAYS: Final = ("mo", "tu", "we", "th", "fr", "sa", "su")
OUT: Final = ("published", "closed")


@bp.get("/venues/<slug>/season")
@allow(PUBLIC)
@operation(answer=SeasonAnswer, errors=(404,))
def get_season(slug: str) -> Response:
    """The season of a venue: when one can apply, what counts, what is offered, who has it."""
    with reading() as work:
        venue, row = _shown(work, slug)
        return answer(_season(work, venue, row))


@bp.get("/venues/<slug>/season/applications")
@allow(SIGNED_IN)
@operation(answer=ApplicationAnswers, errors=(401, 404))
def list_applications(slug: str) -> Response:
    """What one asked of the season, oneself or for the bodies one acts for."""
    with reading() as work:
        venue, row = _shown(work, slug)
        rows = mine(work.session, row.id, work.actor.person_id or 0, work.actor.organisations)
        found = timetable(work.session, row)
        return answer(
            ApplicationAnswers(items=[_application(work, venue, found, each.id) for each in rows])
        )


@bp.post("/venues/<slug>/season/applications")
@allow("bookings.create")
@operation(
    answer=ApplicationAnswer,
    status=201,
    body=ApplicationBody,
    errors=(401, 403, 404, 409),
    idempotent=True,
)
@posting()
def apply_for_season(work: Work, slug: str) -> tuple[ApplicationAnswer, int]:
    """Apply, while the season is open for it; else 409 `not_open`."""
    asked = read_body(ApplicationBody)
    venue, row = _shown(work, slug)
    made = asking.put_application(work, row, _said(work, row, asked))
    return _application(work, venue, timetable(work.session, row), made.id), 201


@bp.delete("/season-applications/<application_id>")
@allow("bookings.create")
@operation(answer=ApplicationAnswer, errors=(401, 403, 404, 409))
def withdraw_application(application_id: str) -> Response:
    """Ask for nothing any more, until the timetable is published."""
    with writing() as work:
        applied, row, venue = application_at(work.session, application_id)
        if not asking.is_own(work, applied.row):
            raise NotFound
        if applied.row.state != "withdrawn":
            asking.withdraw(work, row, applied.row)
        return answer(_application(work, venue, timetable(work.session, row), applied.row.id))


def _shown(work: Work, slug: str) -> tuple[Venue, SeasonRound]:
    venue = venue_by_slug(work.session, slug)
    row = shown_round(work.session, venue.id, today_at(venue, work.now))
    if row is None:
        raise NotFound
    return venue, row


def _season(work: Work, venue: Venue, row: SeasonRound) -> SeasonAnswer:
    found = timetable(work.session, row)
    holders = {each.slot: each.wish for each in found.placed} if row.state in OUT else {}
    return SeasonAnswer(
        id=row.public_id,
        venue=venue.slug,
        name=row.name.best(work.locale, network(work.session).locale)[1],
        state=row.state,  # type: ignore[arg-type]
        starts_on=row.starts_on.isoformat(),
        ends_on=row.ends_on.isoformat(),
        apply_from=row.apply_from.isoformat(),
        apply_until=row.apply_until.isoformat(),
        takes_applications=takes_applications(row, today_at(venue, work.now)),
        timezone=venue.zone,
        criteria=[
            CriterionAnswer(key=each.key, label=say(each.label, work.locale),
                            points=row.criteria[each.key], source=each.source,
                            must_be_confirmed=each.key in row.to_confirm)
            for each in CRITERIA
            if row.criteria.get(each.key)
        ],
        slots=[
            SlotAnswer(
                room_id=found.rooms[slot.room_id].public_id,
                group=found.applied[holders[slot.id]].row.title if slot.id in holders else None,
                **_hours(slot),
            )
            for slot in found.slots
        ],
    )  # fmt: skip


def _hours(slot: Slot) -> dict[str, Any]:
    return {
        "weekday": WEEKDAYS[slot.weekday],
        "starts": clock(slot.start),
        "ends": clock(slot.end),
    }


def _said(work: Work, row: SeasonRound, asked: ApplicationBody) -> ApplicationSaid:
    known = {room.public_id for room in timetable(work.session, row).rooms.values()}
    if not set(asked.rooms) <= known:
        raise Invalid("no_such_room", msg("There is no such room at this venue."), "rooms")
    given = asked.answers.model_dump() if asked.answers is not None else {}
    return ApplicationSaid(
        asked.title,
        asked.size,
        asked.times,
        tuple(asked.rooms),
        tuple(_window(each) for each in asked.windows),
        time_first=asked.time_first is not False,
        step_free=bool(asked.step_free),
        two_a_day=bool(asked.two_a_day),
        needs=asked.needs or "",
        answers={key: value for key, value in given.items() if value},
        organisation_id=organisation_of(work, asked.organisation_id),
    )


def _window(asked: HoursBody) -> tuple[int, int, int]:
    starts, ends = (int(each[:2]) * 60 + int(each[3:]) for each in (asked.starts, asked.ends))
    if ends <= starts:
        raise Invalid("bad_hours", msg("The end must be after the start."), "windows")
    return WEEKDAYS.index(asked.weekday), starts, ends


def _application(
    work: Work, venue: Venue, found: Timetable, application_id: int
) -> ApplicationAnswer:
    row, rooms = found.applied[application_id].row, found.rooms
    fate = found.fate_of(application_id) if found.round.state in OUT else None
    return ApplicationAnswer(
        id=row.public_id,
        season_id=found.round.public_id,
        venue=venue.slug,
        state=row.state,  # type: ignore[arg-type]
        title=row.title,
        size=row.size,
        times=row.times,
        rooms=[rooms[room].public_id for room in row.rooms if room in rooms],
        windows=[
            HoursAnswer(weekday=WEEKDAYS[day], starts=clock(first), ends=clock(last))
            for day, first, last in row.windows
        ],
        declared=[
            DeclaredAnswer(key=key, state=standing(key, found.round.to_confirm, row.verdicts),
                           reason=row.verdicts.get(key, {}).get("reason", ""))
            for key in declared(found.round.criteria, row.answers)
        ],
        points={key: int(n) for key, n in row.points},
        points_by_hand=row.points_by_hand,
        score=row.score,
        applied_at=iso(row.applied_at),
        got=None if fate is None else [
            GotAnswer(room_id=rooms[slot.room_id].public_id, **_hours(slot))
            for slot, _ in fate.got
        ],
        why=None if fate is None else [
            say(each, work.locale)
            for each in (summary(fate), *(missed_words(missed) for missed in fate.missed))
        ],
    )  # fmt: skip
