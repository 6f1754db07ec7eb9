"""Background work of memberships: tell whose season ends, forget what need not be kept."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from tierslieu.kernel.outbox import JobKind
from tierslieu.kernel.work import Work
from tierslieu.memberships import mails
from tierslieu.memberships.models import DuesPayment, Membership
from tierslieu.memberships.queries import today_of
from tierslieu.memberships.register.queries import lapsing
from tierslieu.people.models import Person

#: Days before its end that a season is told to be ending.
NOTICE_DAYS = 14
#: Memberships told of in one run; the others wait for the next.
AT_ONCE = 200
#: Years after its season that the row of an erased person stays in the register.
KEPT_YEARS = 10


def tell_lapsing(work: Work) -> None:
    """Write to whoever's season ends within two weeks, once."""
    today = today_of(work.session, work.now)
    for view in lapsing(work.session, today, today + timedelta(days=NOTICE_DAYS), AT_ONCE):
        mails.lapsing(work, view)
        view.membership.lapse_told_at = work.now


def kept_until(season_ends_on: date) -> date:
    """Up to when associations must keep the register, and the books of the dues."""
    return date(season_ends_on.year + KEPT_YEARS, 12, 31)


def forget(work: Work) -> None:
    """Delete the rows of erased persons whose time in the register is over."""
    today = today_of(work.session, work.now)
    before = date(today.year - KEPT_YEARS, 1, 1)
    old = (
        sa.select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .where(Person.erased_at.is_not(None), Membership.season_ends_on < before)
    )
    ids = list(work.session.scalars(old))
    ours = DuesPayment.membership_id.in_(ids)
    work.session.execute(sa.delete(DuesPayment).where(ours, DuesPayment.withdraws_id.is_not(None)))
    work.session.execute(sa.delete(DuesPayment).where(ours))
    work.session.execute(sa.delete(Membership).where(Membership.id.in_(ids)))


KINDS = (
    JobKind("memberships.tell_lapsing", tell_lapsing, every_minutes=12 * 60),
    JobKind("memberships.forget", forget, every_minutes=24 * 60),
)
