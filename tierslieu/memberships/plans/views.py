"""Pages of plans: which there are, one of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import redirect, url_for

from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.languages import day_year_words
from tierslieu.kernel.messages import msg
from tierslieu.memberships.blueprint import bp, desk_venue
from tierslieu.memberships.models import Plan
from tierslieu.memberships.plans import services
from tierslieu.memberships.plans.forms import PlanForm
from tierslieu.memberships.plans.queries import plan_by_public_id, plans_of
from tierslieu.venues.forms import is_stale
from tierslieu.web.forms import texts_rows
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, current_locale, reading, writing

NAMES = {"fee": "fee", "name": "name_it"}


@bp.get("/manage/<slug>/plans")
@allow("plans.edit")
def plans(slug: str) -> Any:
    """The cards a venue's association gives."""
    with reading() as work:
        venue = desk_venue(work, slug, "plans.edit")
        found = plans_of(work.session, venue.id)
    starts = {plan.id: _start(plan) for plan in found}
    return page("memberships/plans.html", **desk(venue), venue=venue, plans=found, starts=starts)


def _start(plan: Plan) -> str:
    """The day on which its season starts, in any year."""
    day = date(2000, plan.season_month, plan.season_day)
    return day_year_words(day, current_locale()).replace(" 2000", "")


@bp.get("/manage/<slug>/plans/new")
@allow("plans.edit")
def new_plan(slug: str) -> Any:
    """A card more."""
    form = PlanForm(formdata=None)
    form.fill(None)
    return _plan_page(slug, None, form)


@bp.get("/manage/<slug>/plans/<public_id>")
@allow("plans.edit")
def edit_plan(slug: str, public_id: str) -> Any:
    """One card: its season, its dues, whose it is."""
    return _plan_page(slug, public_id, None)


def _plan_page(slug: str, public_id: str | None, form: PlanForm | None) -> str:
    with reading() as work:
        venue = desk_venue(work, slug, "plans.edit")
        plan = plan_by_public_id(work.session, public_id, venue.id) if public_id else None
    if form is None:
        form = PlanForm(formdata=None)
        form.fill(plan)
    return page(
        "memberships/plan.html",
        **desk(venue),
        venue=venue,
        plan=plan,
        form=form,
        names=texts_rows(form, "name"),
    )


@bp.post("/manage/<slug>/plans/new")
@allow("plans.edit")
def new_plan_submit(slug: str) -> Any:
    """Offer a new card."""
    return _save(slug, None)


@bp.post("/manage/<slug>/plans/<public_id>")
@allow("plans.edit")
def edit_plan_submit(slug: str, public_id: str) -> Any:
    """Change a card for whoever applies from now on."""
    return _save(slug, public_id)


def _save(slug: str, public_id: str | None) -> Any:
    form = PlanForm()
    if not form.validate():
        return _plan_page(slug, public_id, form), 422
    try:
        with writing() as work:
            venue = desk_venue(work, slug, "plans.edit")
            if public_id is None:
                services.add_plan(work, venue.id, form.values())
            else:
                services.edit_plan(work, venue.id, public_id, form.values(), form.seen)
    except Refusal as refusal:
        if is_stale(refusal) and public_id is not None:
            _beside(slug, public_id, form)
        form.refuse(refusal, NAMES)
        return _plan_page(slug, public_id, form), refusal.status
    flash_message(msg("Saved."))
    return redirect(url_for("memberships.plans", slug=slug))


def _beside(slug: str, public_id: str, form: PlanForm) -> None:
    fresh = PlanForm(formdata=None)
    with reading() as work:
        venue = desk_venue(work, slug, "plans.edit")
        fresh.fill(plan_by_public_id(work.session, public_id, venue.id))
    form.set_beside(fresh)
