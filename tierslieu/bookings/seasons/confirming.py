"""The venue's say on what a group declares at its application: confirm it, or decline it."""

from __future__ import annotations

from tierslieu.bookings.seasons.criteria import declared
from tierslieu.bookings.seasons.models import SeasonApplication, SeasonRound
from tierslieu.bookings.seasons.queries import round_at
from tierslieu.bookings.seasons.services import score, wrong_state
from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import clean
from tierslieu.kernel.work import Work


def answer_declared(
    work: Work,
    row: SeasonRound,
    application: SeasonApplication,
    criterion: str,
    ok: bool,
    reason: str,
    version: int | None = None,
) -> None:
    """Confirm or decline what a group declares, until the timetable is published.

    ``reason`` is read by whoever applied; declining needs one. ``version``: that of the application
    as it was seen. Raises Forbidden, NotFound for a criterion that is not declared or not to be
    confirmed, Invalid without a reason, Conflict when it was changed meanwhile or is too late.
    """
    work.require("policies.edit", venue=row.venue_id)
    round_at(work.session, row.venue_id, row.public_id, locked=True)
    work.session.refresh(application, with_for_update=True)
    if row.state in ("published", "closed") or application.state != "asked":
        raise wrong_state()
    if version is not None and version != application.version:
        text = msg("Somebody changed this while you were looking at it.")
        raise Conflict(Reason("changed_meanwhile", text, "version", kind="state"))
    if criterion not in row.to_confirm or criterion not in declared(
        row.criteria, application.answers
    ):
        raise NotFound
    said = clean(reason, field="reason")
    if not ok and not said:
        raise Invalid("missing", msg("Say why: whoever applied reads it."), "reason")
    application.verdicts = application.verdicts | {criterion: {"ok": ok, "reason": said}}
    score(work, row, application)
    work.session.flush()
    work.audit("seasons.confirm" if ok else "seasons.decline",
               f"season_application:{application.public_id}", venue=row.venue_id,
               person=application.person_id, criterion=criterion)  # fmt: skip
