"""Verbs of membership: apply, admit, refuse, leave, renew, give a card for a while."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from tierslieu.kernel.errors import (
    Forbidden,
    Invalid,
    NotFound,
    Reason,
    refuse,
)
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import clean
from tierslieu.kernel.work import Work
from tierslieu.memberships import mails
from tierslieu.memberships.models import Membership, Plan
from tierslieu.memberships.plans.queries import plan_by_public_id
from tierslieu.memberships.queries import (
    MembershipView,
    facts_of,
    membership_by_public_id,
    of_season,
    plan_facts,
    today_of,
)
from tierslieu.memberships.rules import (
    Season,
    apply_reasons,
    card_number,
    move,
    next_season,
    season_of,
)
from tierslieu.people.models import Person
from tierslieu.people.queries import is_related
from tierslieu.people.services import relate


def apply(work: Work, plan_public_id: str, person_id: int | None = None) -> Membership:
    """Ask for membership in the season that runs, for oneself or (at the desk) for somebody.

    Raises Refused ``plan_inactive``, Conflict ``already_there``, NotFound, Forbidden.
    """
    plan = _plan(work, plan_public_id)
    whose = _whose(work, plan, person_id)
    season = season_of(plan_facts(plan), today_of(work.session, work.now))
    membership = _ask(work, plan, whose, season)
    mails.applied(work, _view(work, membership.public_id))
    return membership


def _ask(work: Work, plan: Plan, person_id: int, season: Season) -> Membership:
    """An application of that season; one that was refused or left is asked for again."""
    existing = of_season(work.session, plan.id, person_id, season.starts_on)
    refuse(apply_reasons(facts_of(existing) if existing else None, plan_active=plan.active))
    membership = existing or Membership(
        plan_id=plan.id, person_id=person_id, season_starts_on=season.starts_on, version=0
    )
    membership.state = "applied"
    membership.season_ends_on = season.ends_on
    membership.counts_until = season.ends_on + timedelta(days=plan.grace_days)
    membership.fee_cents = plan.fee_cents
    membership.card_number = membership.decided_at = membership.decided_by_id = None
    membership.reason, membership.applied_at = "", work.now
    membership.version += 1
    work.session.add(membership)
    work.session.flush()
    relate(work, person_id, plan.venue_id)
    _audit(work, "membership.applied", membership, plan)
    return membership


def admit(work: Work, venue_id: int, public_id: str) -> Membership:
    """Admit whoever applied: she gets the plan's next card number.

    The desk may where the plan says so. Raises Conflict ``wrong_state``, NotFound, Forbidden.
    """
    work.require("memberships.admit", venue=venue_id)
    view = locked(work, public_id, venue_id)
    require_admitting(work, view.plan)
    _admit(work, view.membership, view.plan)
    _audit(work, "membership.admitted", view.membership, view.plan)
    mails.admitted(work, _view(work, public_id))
    return view.membership


def refuse_application(work: Work, venue_id: int, public_id: str, reason: str) -> Membership:
    """Turn an application down and say why. Raises Refused ``missing``, Conflict, NotFound."""
    work.require("memberships.refuse", venue=venue_id)
    view = locked(work, public_id, venue_id)
    require_admitting(work, view.plan)
    said = clean(reason, lines=True, field="reason")[:1000]
    if not said:
        raise Invalid("missing", msg("Say why: she will read it."), "reason")
    _decide(work, view.membership, "refuse")
    view.membership.reason = said
    _audit(work, "membership.refused", view.membership, view.plan)
    mails.refused(work, _view(work, public_id))
    return view.membership


def leave(work: Work, public_id: str, reason: str = "") -> Membership:
    """End a membership today: one's own, or (whoever admits) somebody's who asked to leave.

    Raises Conflict ``wrong_state``, NotFound.
    """
    view = locked(work, public_id)
    venue = view.plan.venue_id
    own = view.person.id == work.actor.person_id
    if not own and not work.actor.may("memberships.read", venue=venue):
        raise NotFound
    if not own:
        work.require("memberships.admit", venue=venue)
        require_admitting(work, view.plan)
    _decide(work, view.membership, "leave")
    view.membership.reason = clean(reason, lines=True, field="reason")[:1000]
    _audit(work, "membership.left", view.membership, view.plan)
    if not own:
        mails.left(work, _view(work, public_id))
    return view.membership


def renew(work: Work, public_id: str) -> Membership:
    """Membership for the next season, or for the one that runs when hers is over.

    At the desk, with ``dues.take``, it is admitted at once: the board admitted her before. She
    herself asks for it. Raises Conflict ``already_there`` or ``wrong_state``, NotFound.
    """
    view = locked(work, public_id)
    desk = work.actor.may("dues.take", venue=view.plan.venue_id)
    if not desk and view.person.id != work.actor.person_id:
        raise NotFound
    if view.membership.state != "admitted":
        text = msg("Only a membership that was admitted is renewed.")
        refuse([Reason("wrong_state", text, kind="state")])
    facts, today = plan_facts(view.plan), today_of(work.session, work.now)
    running = season_of(facts, today)
    over = view.membership.season_ends_on <= today
    membership = _ask(work, view.plan, view.person.id, running if over else _next(view, today))
    if desk:
        _admit(work, membership, view.plan)
        _audit(work, "membership.renewed", membership, view.plan)
        mails.admitted(work, _view(work, membership.public_id))
    else:
        mails.applied(work, _view(work, membership.public_id))
    return membership


def _next(view: MembershipView, today: date) -> Season:
    """The season after hers, as the plan is now; a season that was moved leaves no gap."""
    following = next_season(plan_facts(view.plan), view.season)
    if following.starts_on < view.membership.season_ends_on:
        return Season(view.membership.season_ends_on, following.ends_on)
    return following


def give_card(
    work: Work, plan_public_id: str, person_id: int, until: date | None = None
) -> Membership:
    """Admit somebody at once without dues: for the season, or only up to a day (included).

    A card for a while has no grace. Raises Refused ``bad_day``, Conflict ``already_there``.
    """
    plan = _plan(work, plan_public_id)
    work.require("memberships.admit", venue=plan.venue_id)
    require_admitting(work, plan)
    whose = _whose(work, plan, person_id)
    today = today_of(work.session, work.now)
    season = season_of(plan_facts(plan), today)
    if until is not None:
        if not today <= until < season.ends_on:
            text = msg("A card for a while ends between today and %(day)s.", day=season.last_day)
            raise Invalid("bad_day", text, "until")
        season = Season(today, until + timedelta(days=1))
    membership = _ask(work, plan, whose, season)
    membership.fee_cents = 0
    if until is not None:
        membership.counts_until = membership.season_ends_on
    _admit(work, membership, plan)
    _audit(work, "membership.card_given", membership, plan)
    mails.admitted(work, _view(work, membership.public_id))
    return membership


# -- shared by these verbs -----------------------------------------------------------------------


def locked(work: Work, public_id: str, venue_id: int | None = None) -> MembershipView:
    """A membership (of a venue), locked until the work ends. Raises NotFound."""
    work.session.flush()
    row = sa.select(Membership.id).where(Membership.public_id == public_id)
    work.session.execute(row.with_for_update(key_share=True))
    return _view(work, public_id, venue_id)


def _view(work: Work, public_id: str, venue_id: int | None = None) -> MembershipView:
    today = today_of(work.session, work.now)
    view = membership_by_public_id(work.session, public_id, today, venue_id)
    if view is None:
        raise NotFound
    work.session.refresh(view.membership)
    return view


def require_admitting(work: Work, plan: Plan) -> None:
    """The desk admits only under plans that hand it over. Raises Forbidden."""
    if not plan.desk_may_admit and not work.actor.may("plans.edit", venue=plan.venue_id):
        raise Forbidden("memberships.admit")


def _plan(work: Work, public_id: str) -> Plan:
    return plan_by_public_id(work.session, public_id)


def _whose(work: Work, plan: Plan, person_id: int | None) -> int:
    """For whom; somebody else only at the desk, and only who is known there."""
    own = person_id is None or person_id == work.actor.person_id
    work.require("memberships.apply", venue=plan.venue_id, own=own)
    found = work.actor.person_id if person_id is None else person_id
    person = work.session.get(Person, found) if found is not None else None
    if person is None or person.erased_at is not None:
        raise NotFound
    if not own and not is_related(work.session, person.id, plan.venue_id):
        raise NotFound
    return person.id


def _decide(work: Work, membership: Membership, verb: str) -> None:
    state = move(membership.state, verb)
    if isinstance(state, Reason):
        refuse([state])
        return
    membership.state = state
    membership.decided_at, membership.decided_by_id = work.now, work.actor.person_id
    membership.version += 1


def _admit(work: Work, membership: Membership, plan: Plan) -> None:
    """Admitted and numbered in one statement, so that neither is ever seen without the other."""
    with work.session.no_autoflush:
        _decide(work, membership, "admit")
        number = _next_number(work, plan)
        membership.card_number = card_number(facts_of(membership).season, number)
    work.session.flush()


def _next_number(work: Work, plan: Plan) -> int:
    """The plan's next card number; two admitting at once wait for each other."""
    question = sa.select(Plan.next_card).where(Plan.id == plan.id)
    number = work.session.scalars(question.with_for_update(key_share=True)).one()
    work.session.execute(
        sa.update(Plan).where(Plan.id == plan.id).values(next_card=number + 1),
        execution_options={"synchronize_session": False},
    )
    work.session.expire(plan, ["next_card"])
    return number


def _audit(work: Work, verb: str, membership: Membership, plan: Plan) -> None:
    work.session.flush()
    subject = f"membership:{membership.public_id}"
    work.audit(verb, subject, venue=plan.venue_id, person=membership.person_id)
