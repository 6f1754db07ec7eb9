"""Verbs of stock: add, change how many there are, use some. Giving back is ``release``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from tierslieu.kernel.errors import Conflict, Invalid, NotFound
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.resources.models import Claim, Stock, StockUse
from tierslieu.resources.rules import StockTaking, stock_short


def add_stock(work: Work, *, venue_id: int, name: str, quantity: int) -> Stock:
    """Add so many pieces of something. Raises Invalid for less than none."""
    _refuse_negative(quantity)
    stock = Stock(venue_id=venue_id, name=name, quantity=quantity)
    work.session.add(stock)
    work.session.flush()
    return stock


def change_stock(work: Work, stock_id: int, quantity: int) -> None:
    """Set how many there are; uses already made stay, also when they are now too many.

    Raises Invalid, NotFound.
    """
    _refuse_negative(quantity)
    lock_stock(work, [stock_id])
    work.session.execute(sa.update(Stock).where(Stock.id == stock_id).values(quantity=quantity))


def use_stock(work: Work, uses: Sequence[StockTaking]) -> None:
    """Let each claim named use exactly this much, in place of all that it used.

    Call it before `take`; accepting a hold that is past means asking for its stock again.

    Raises Conflict with a reason for every use that there is not enough for, which says how many
    are free; Invalid for less than none; NotFound.
    """
    for use in uses:
        _refuse_negative(use.quantity)
    work.session.flush()
    wanted = [use for use in uses if use.quantity]
    claims = sorted({use.claim_id for use in uses})
    quantities = lock_stock(work, {use.stock_id for use in uses})
    reasons = stock_short(quantities, _others(work, wanted, claims), wanted)
    if reasons:
        raise Conflict(*reasons)
    # Past holds on these go too, or one accepted late would still count what others now have.
    past = sa.select(Claim.id).where(Claim.expires_at <= work.now)
    here = StockUse.stock_id.in_(sorted(quantities)) & StockUse.claim_id.in_(past)
    work.session.execute(
        sa.delete(StockUse).where(sa.or_(StockUse.claim_id.in_(claims), here)),
        execution_options={"synchronize_session": False},
    )
    if wanted:
        work.session.execute(sa.insert(StockUse), [_values(use) for use in wanted])


def end_use(work: Work, claim_ids: Iterable[int]) -> None:
    """Give back from now on what claims use; what is past stays noted."""
    ids = sorted(set(claim_ids))
    here = StockUse.claim_id.in_(ids)
    work.session.execute(
        sa.delete(StockUse).where(here, StockUse.starts_at >= work.now),
        execution_options={"synchronize_session": False},
    )
    work.session.execute(
        sa.update(StockUse).where(here, StockUse.ends_at > work.now).values(ends_at=work.now),
        execution_options={"synchronize_session": False},
    )


def _refuse_negative(quantity: int) -> None:
    if quantity < 0:
        raise Invalid("negative", msg("This cannot be less than zero."), "quantity")


def lock_stock(work: Work, stock_ids: Iterable[int]) -> dict[int, int]:
    """Lock these stocks by id and say how many pieces each has."""
    wanted = sorted(set(stock_ids))
    question = sa.select(Stock.id, Stock.quantity).where(Stock.id.in_(wanted))
    rows = work.session.execute(question.order_by(Stock.id).with_for_update(key_share=True))
    found = {row.id: row.quantity for row in rows}
    if len(found) < len(wanted):
        raise NotFound
    return found


def _others(
    work: Work, wanted: Sequence[StockTaking], claims: Sequence[int]
) -> dict[int, list[tuple[Span, int]]]:
    """What other claims use of these stocks meanwhile; past holds use nothing."""
    found: dict[int, list[tuple[Span, int]]] = {use.stock_id: [] for use in wanted}
    if not wanted:
        return found
    question = (
        sa.select(StockUse.stock_id, StockUse.starts_at, StockUse.ends_at, StockUse.quantity)
        .join(Claim, Claim.id == StockUse.claim_id)
        .where(
            StockUse.stock_id.in_(sorted(found)),
            StockUse.ends_at > min(use.span.starts_at for use in wanted),
            StockUse.starts_at < max(use.span.ends_at for use in wanted),
            StockUse.claim_id.not_in(claims),
            sa.or_(Claim.expires_at.is_(None), Claim.expires_at > work.now),
        )
    )
    for stock_id, start, end, quantity in work.session.execute(question):
        found[stock_id].append((Span(start, end), quantity))
    return found


def _values(use: StockTaking) -> dict[str, object]:
    return {
        "stock_id": use.stock_id,
        "claim_id": use.claim_id,
        "quantity": use.quantity,
        "starts_at": use.span.starts_at,
        "ends_at": use.span.ends_at,
    }
