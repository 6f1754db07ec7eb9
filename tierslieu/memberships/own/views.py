"""Pages of whoever is, or wants to be, a member."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for

from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.memberships import services
from tierslieu.memberships.blueprint import bp, qr, words
from tierslieu.memberships.panels import may_renew
from tierslieu.memberships.plans.queries import plan_by_public_id, plans_of
from tierslieu.memberships.queries import (
    MembershipView,
    membership_by_public_id,
    of_person,
    plan_facts,
    today_of,
)
from tierslieu.memberships.rules import season_of
from tierslieu.people.blueprint import my_page
from tierslieu.venues.places.queries import venue_by_slug
from tierslieu.web.limits import limit
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import PUBLIC, SIGNED_IN, allow, reading, writing


@bp.get("/venues/<slug>/join")
@allow(PUBLIC)
def join(slug: str) -> Any:
    """What membership costs here and what it gives; apply."""
    with reading() as work:
        venue = venue_by_slug(work.session, slug)
        today = today_of(work.session, work.now)
        plans = plans_of(work.session, venue.id, active=True)
        mine: list[MembershipView] = []
        if work.actor.person_id is not None:
            mine = of_person(work.session, work.actor.person_id, today, venue.id)
    return page(
        "memberships/join.html",
        **words(),
        venue=venue,
        counts_already=venue.id in work.actor.member_venues,
        offers=[(plan, season_of(plan_facts(plan), today)) for plan in plans],
        mine={
            (view.plan.id, view.season.starts_on): view
            for view in mine
            if view.membership.state in ("applied", "admitted")
        },
    )


@bp.post("/venues/<slug>/join")
@allow("memberships.apply")
@limit("20/hour")
def join_submit(slug: str) -> Any:
    """Apply."""
    with writing() as work:
        venue = venue_by_slug(work.session, slug)
        plan = plan_by_public_id(work.session, request.form.get("plan", ""), venue.id)
        services.apply(work, plan.public_id)
    flash_message(msg("Asked for. “%(venue)s” will answer you.", venue=venue.name))
    return redirect(url_for("people.me"))


@bp.post("/me/cards/<public_id>/renew")
@allow(SIGNED_IN)
@limit("20/hour")
def me_renew(public_id: str) -> Any:
    """Ask for the next season."""
    with writing() as work:
        _own(work, public_id)
        services.renew(work, public_id)
    flash_message(msg("Asked for. You pay the dues at the desk."))
    return redirect(url_for("people.me"))


@bp.post("/me/cards/<public_id>/leave")
@allow(SIGNED_IN)
def me_leave(public_id: str) -> Any:
    """Take an application back, or end a membership."""
    with writing() as work:
        _own(work, public_id)
        services.leave(work, public_id)
    flash_message(msg("Your membership has ended."))
    return redirect(url_for("people.me"))


@bp.get("/me/cards")
@allow(SIGNED_IN)
def me_cards() -> Any:
    """All cards one ever had, with what can be done about each."""
    with reading() as work:
        today = today_of(work.session, work.now)
        found = of_person(work.session, _person(work), today)
    renewable = {view.membership.id for view in found if may_renew(view, found, today)}
    return my_page("memberships/mine.html", **words(), found=found, renewable=renewable)


@bp.get("/me/cards/<public_id>")
@allow(SIGNED_IN)
def me_card(public_id: str) -> Any:
    """One's own card, to print or to show."""
    with reading() as work:
        view = _own(work, public_id)
    if view.membership.card_number is None:
        raise NotFound
    return page("memberships/card.html", view=view, code=qr(view))


@bp.get("/me/cards/<public_id>/qr.svg")
@allow(SIGNED_IN)
def me_card_qr(public_id: str) -> Any:
    """The code of one's own card alone."""
    with reading() as work:
        view = _own(work, public_id)
    if view.membership.card_number is None:
        raise NotFound
    return Response(str(qr(view, alone=True)), mimetype="image/svg+xml")


def _own(work: Work, public_id: str) -> MembershipView:
    today = today_of(work.session, work.now)
    view = membership_by_public_id(work.session, public_id, today)
    if view is None or view.person.id != _person(work):
        raise NotFound
    return view


def _person(work: Work) -> int:
    if work.actor.person_id is None:
        raise NotFound
    return work.actor.person_id
