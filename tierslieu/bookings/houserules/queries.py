"""What a reader of the rules has used of the quotas that concern her."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tierslieu.bookings.cases.queries import Party
from tierslieu.bookings.houserules.uses import said_by, told
from tierslieu.bookings.member.cases import Seen
from tierslieu.bookings.quotas.judging import counts
from tierslieu.bookings.rules.quotas import amount, period_of
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import Span, local_date
from tierslieu.kernel.work import Work


@dataclass(frozen=True)
class Told:
    """A quota in sentences, where it comes from, and what the reader has used of it now."""

    sentences: tuple[Message, ...]
    origin: Message
    used: Message | None = None


def quotas_told(work: Work, seen: Seen) -> list[Told]:
    """The quotas of a room, those that concern the reader with what she has used."""
    case = seen.case
    party = Party(work.actor, work.actor.person_id)
    now = Span(work.now, work.now + timedelta(minutes=1))
    found = counts(work, [case], party, {case.venue_id: seen.applicant}, [now]).get(case.id, [])
    used = {each.quota.id: each for each in found}
    today = local_date(work.now, case.zone)
    told_ = []
    for quota in case.quotas:
        mine = used.get(quota.id)
        words = None
        if mine is not None:
            spent = mine.used.get(period_of(quota, today), 0)
            words = msg(
                "Used: %(used)s of %(all)s.",
                used=amount(quota, spent),
                all=amount(quota, quota.amount),
            )
        told_.append(Told(told(quota), said_by(quota), words))
    return told_
