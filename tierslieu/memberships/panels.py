"""Pieces of other pages: cards on /me, memberships of a person at the desk, ways in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from tierslieu.contributions import Panel
from tierslieu.kernel.work import Work
from tierslieu.memberships.blueprint import qr, words
from tierslieu.memberships.plans.queries import plans_of
from tierslieu.memberships.queries import MembershipView, of_person, today_of
from tierslieu.memberships.register.queries import applications, counts
from tierslieu.venues.models import Venue

#: Days before its end from which a card is offered to be renewed on /me.
RENEW_DAYS = 60


def drawn(
    work: Work, place: str, subject: Mapping[str, Any], venue_id: int | None
) -> Iterable[Panel]:
    """What memberships add at a place of a page."""
    match place:
        case "me_aside":
            yield from _mine(work)
        case "person" if venue_id is not None:
            yield from _at_desk(work, subject["person"], venue_id)
        case "today" if venue_id is not None:
            yield from _today(work, subject.get("venue") or subject.get("today"), venue_id)
        case "venue" if venue_id is not None:
            yield from _venue(work, subject["venue"], venue_id)
        case "venue_settings" if venue_id is not None:
            if work.actor.may("plans.edit", venue=venue_id):
                venue = subject["venue_settings"]
                yield Panel("memberships/panels/settings.html", {"venue": venue}, order=40)


def _mine(work: Work) -> Iterable[Panel]:
    if work.actor.person_id is None:
        return
    today = today_of(work.session, work.now)
    views = of_person(work.session, work.actor.person_id, today)
    shown = [view for view in views if not view.is_over][:4]
    passes = [(view, qr(view) if view.membership.card_number else "") for view in shown]
    values = {
        "passes": passes,
        "renewable": {view.membership.id for view in shown if may_renew(view, views, today)},
        "has_more": len(views) > len(shown),
        **words(),
    }
    yield Panel("memberships/panels/mine.html", values, order=20)


def may_renew(view: MembershipView, all_of_hers: list[MembershipView], today: date) -> bool:
    """Whether to offer renewing: it ends soon, and no later season was asked for."""
    if view.membership.state != "admitted":
        return False
    if view.season.ends_on > today + timedelta(days=RENEW_DAYS):
        return False
    return not any(
        other.plan.id == view.plan.id
        and other.season.starts_on >= view.season.ends_on
        and other.membership.state in ("applied", "admitted")
        for other in all_of_hers
    )


def _at_desk(work: Work, person: Any, venue_id: int) -> Iterable[Panel]:
    if not work.actor.may("memberships.read", venue=venue_id):
        return
    views = of_person(work.session, person.id, today_of(work.session, work.now), venue_id)
    values = {
        "person": person,
        "venue": work.session.get(Venue, venue_id),
        "views": views,
        "can_join": bool(plans_of(work.session, venue_id, active=True)),
        "may_take": work.actor.may("dues.take", venue=venue_id),
        **words(),
    }
    yield Panel("memberships/panels/person.html", values, order=20)


def _today(work: Work, venue: Any, venue_id: int) -> Iterable[Panel]:
    if venue is None or not work.actor.may("memberships.read", venue=venue_id):
        return
    today = today_of(work.session, work.now)
    waiting = len(applications(work.session, venue_id, today))
    unpaid = counts(work.session, venue_id, today)["unpaid"]
    if waiting or unpaid:
        values = {"venue": venue, "waiting": waiting, "unpaid": unpaid}
        yield Panel("memberships/panels/today.html", values, order=60)


def _venue(work: Work, venue: Any, venue_id: int) -> Iterable[Panel]:
    plans = plans_of(work.session, venue_id, active=True)
    if plans:
        yield Panel("memberships/panels/venue.html", {"venue": venue, "plans": plans}, order=40)
