"""What a thing asks, and what is known of who wants it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import tierslieu.toolkit as tl
from tierslieu_lending import queries, rules
from tierslieu_lending.models import Thing


def terms_of(work: tl.Work, thing: Thing) -> rules.Terms:
    """What a thing asks: its own words, else its venue's."""

    def said(name: str) -> int:
        return int(tl.setting(work, name, venue_id=thing.venue_id))

    longest, notice = thing.longest_days, thing.notice_hours
    return rules.Terms(
        audience=thing.audience,  # type: ignore[arg-type]
        longest_days=said("longest_days") if longest is None else longest,
        notice_hours=said("notice_hours") if notice is None else notice,
        horizon_days=said("horizon_days"),
        most=said("most"),
    )


def borrower(work: tl.Work, thing: Thing, person_id: int) -> rules.Borrower:
    """What is known of somebody who wants a thing."""
    zone = ZoneInfo(work.session.get_one(tl.Venue, thing.venue_id).zone)
    cards = tl.venues_of_cards(work.session, person_id, tl.local_date(work.now, zone))
    return rules.Borrower(
        is_member=thing.venue_id in cards,
        has=queries.count_of(work.session, person_id, thing.venue_id),
        at_desk=work.actor.may("lending.desk", venue=thing.venue_id),
    )
