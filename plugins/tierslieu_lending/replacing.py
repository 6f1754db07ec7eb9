"""What is broken or gone is promised to nobody: who was to have it gets another, or is told."""

from __future__ import annotations

import tierslieu.toolkit as tl
from tierslieu_lending import queries, telling
from tierslieu_lending.models import Item, Thing
from tierslieu_lending.waiting import services as waiting

#: So many other things are named to who gets none.
NAMED = 3


def put_state(work: tl.Work, thing: Thing, item: Item, state: str) -> None:
    """An item goes out of use, or comes back into it."""
    if state != "in_use":
        out_of_use(work, thing, item, state)
        return
    item.state = state
    tl.restore(work, item.id)
    work.session.flush()
    waiting.ask(work, thing.id)


def out_of_use(work: tl.Work, thing: Thing, item: Item, state: str) -> None:
    """It is repaired, lost or worn out. Afterwards nothing that has not begun is promised of it:
    each got another item of the same thing, or is cancelled and told what else is free then.
    """
    item.state = state
    tl.retire(work, item.id)
    work.session.flush()
    work.audit(
        "lending.item_out_of_use", f"item:{item.public_id}", venue=thing.venue_id, state=state
    )
    for view in queries.coming_of(work, item.id):
        if not _another(work, view):
            _none(work, view)


def _another(work: tl.Work, view: queries.LoanView) -> bool:
    span = tl.Span(view.claim.starts_at, view.claim.ends_at)
    items = queries.items_of(work.session, view.thing.id)
    free = tl.free(work.session, [each.id for each in items], span, work.now) if items else set()
    for item in [each for each in items if each.id in free]:
        try:
            held = view.claim.expires_at
            tl.move_claim(work, view.claim, span, [item.id])
        except tl.Conflict:
            continue
        if held is not None and held > work.now:
            tl.hold(work, [tl.Taking(view.loan.id, [item.id], span)], held)
        view.claim.resource_id = item.id
        view.loan.item_id, view.loan.changed_at = item.id, work.now
        view.loan.revision += 1
        work.session.flush()
        work.audit(
            "lending.replaced",
            f"loan:{view.loan.public_id}",
            venue=view.venue.id,
            person=view.loan.person_id,
        )
        telling.replaced(work, queries.loan_by_id(work, view.loan.public_id), view.item.number)
        return True
    return False


def _none(work: tl.Work, view: queries.LoanView) -> None:
    loan = view.loan
    loan.state, loan.changed_at, loan.revision = "cancelled", work.now, loan.revision + 1
    tl.release(work, [loan.id])
    work.session.flush()
    work.audit(
        "lending.cancelled", f"loan:{loan.public_id}", venue=loan.venue_id, person=loan.person_id
    )
    span = tl.Span(view.claim.starts_at, view.claim.ends_at)
    like = queries.library(work, category=view.thing.category, span=span)
    telling.broken(work, view, [each.thing for each in like][:NAMED])
