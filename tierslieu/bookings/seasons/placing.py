"""Placing by hand: give a slot, take one away, leave both to the method again."""

from __future__ import annotations

import sqlalchemy as sa

from tierslieu.bookings.seasons.models import SeasonApplication, SeasonPlacement, SeasonRound
from tierslieu.bookings.seasons.queries import Timetable, round_at, timetable
from tierslieu.bookings.seasons.rules import Slot, clash, fits
from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Reason, refuse
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.texts import clean
from tierslieu.kernel.work import Work


def place(
    work: Work,
    row: SeasonRound,
    application: SeasonApplication,
    slot_id: str,
    reason: str,
    instead_of: str = "",
) -> None:
    """Give an application a slot by hand; it stays when the method runs again.

    Whoever the method had put there is sent on. ``instead_of``: the slot it had, which it does
    not get again. Raises Conflict where something else was placed by hand, Invalid, NotFound.
    """
    found = _found(work, row)
    why = _reason(reason)
    slot = _slot(found, slot_id)
    own = [each for each in found.placements if each.application_id == application.id]
    by_id = {each.id: each for each in found.slots}
    left = _slot(found, instead_of).id if instead_of else None
    kept = [
        by_id[each.slot_id]
        for each in own
        if not each.removed and each.slot_id not in (left, slot.id)
    ]
    refuse(_against(found, application, slot, kept))
    _give_way(work, found, application, slot)
    for each in own:
        if each.slot_id in (slot.id, left):
            work.session.delete(each)
    work.session.flush()
    if left is not None and left != slot.id:
        work.session.add(_row(application, left, why, removed=True))
    work.session.add(_row(application, slot.id, why))
    work.session.flush()
    _note(work, row, application, "place", slot=slot_id)


def _row(
    application: SeasonApplication, slot: int, why: str, *, removed: bool = False
) -> SeasonPlacement:
    return SeasonPlacement(
        application_id=application.id, slot_id=slot, made_by="hand", removed=removed, reason=why
    )


def _against(
    found: Timetable, application: SeasonApplication, slot: Slot, kept: list[Slot]
) -> list[Reason]:
    wish = next((each for each in found.wishes if each.id == application.id), None)
    if wish is None:
        raise NotFound
    said: list[Reason] = []
    if len(kept) >= wish.times:
        text = msg("It has as many times as it wanted: say which one is given up for it.")
        said.append(Reason("enough", text, "instead_of"))
    if clash(wish, slot, kept) == "at_once":
        text = msg("It has another room at this time.")
        said.append(Reason("at_once", text, "slot"))
    if not fits(wish, found.facts[slot.room_id]):
        text = msg("The room is too small, or cannot be reached without steps.")
        said.append(Reason("does_not_fit", text, "slot"))
    return said


def _give_way(work: Work, found: Timetable, application: SeasonApplication, slot: Slot) -> None:
    """What the method had put there goes; what somebody placed by hand stays."""
    by_id = {each.id: each for each in found.slots}
    for each in found.placements:
        if each.removed or each.application_id == application.id:
            continue
        if not by_id[each.slot_id].meets(slot):
            continue
        if each.made_by == "hand":
            who = found.applied[each.application_id].row.title
            text = msg("“%(who)s” was placed there by hand.", who=who)
            raise Conflict(Reason("by_hand", text, "slot", kind="state"))
        work.session.delete(each)
    work.session.flush()


def take_away(
    work: Work, row: SeasonRound, application: SeasonApplication, slot_id: str, reason: str
) -> None:
    """Take a slot from an application by hand; the method does not give it back."""
    found = _found(work, row)
    why, slot = _reason(reason), _slot(found, slot_id)
    has = next(
        (e for e in found.placements if (e.application_id, e.slot_id) == (application.id, slot.id)),
        None,
    )
    if has is None:
        raise NotFound
    has.made_by, has.removed, has.reason = "hand", True, why
    work.session.flush()
    _note(work, row, application, "take_away", slot=slot_id)


def leave_to_method(work: Work, row: SeasonRound, application: SeasonApplication) -> None:
    """Forget what was done by hand for an application; it counts when the method runs again."""
    _found(work, row)
    mine = SeasonPlacement.application_id == application.id
    work.session.execute(sa.delete(SeasonPlacement).where(mine, SeasonPlacement.removed.is_(True)))
    work.session.execute(sa.update(SeasonPlacement).where(mine).values(made_by="method", reason=""))
    _note(work, row, application, "leave_to_method")


def _found(work: Work, row: SeasonRound) -> Timetable:
    work.require("policies.edit", venue=row.venue_id)
    round_at(work.session, row.venue_id, row.public_id, locked=True)
    if row.state != "proposed":
        text = msg("Times are placed by hand while the timetable is a proposal.")
        raise Conflict(Reason("wrong_state", text, kind="state"))
    return timetable(work.session, row)


def _slot(found: Timetable, public_id: str) -> Slot:
    for slot in found.slots:
        if found.slot_ids[slot.id] == public_id:
            return slot
    raise Invalid("invalid", msg("Please choose one of those shown."), "slot")


def _reason(written: str) -> str:
    why = clean(written, field="reason")
    if not why:
        text: Message = msg("Say why: whoever applied reads it.")
        raise Invalid("missing", text, "reason")
    return why[:500]


def _note(
    work: Work, row: SeasonRound, application: SeasonApplication, verb: str, slot: str = ""
) -> None:
    work.audit(f"seasons.{verb}", f"season_application:{application.public_id}",
               venue=row.venue_id, person=application.person_id, slot=slot)  # fmt: skip
