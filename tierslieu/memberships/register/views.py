"""Pages of the desk: applications, the register, one member, her printed card."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.memberships import services
from tierslieu.memberships.blueprint import bp, desk_venue, qr, words
from tierslieu.memberships.forms import CardForm, DuesForm, ReasonForm
from tierslieu.memberships.plans.queries import plans_of
from tierslieu.memberships.queries import (
    MembershipView,
    at_the_desk,
    membership_by_public_id,
    of_person,
    today_of,
)
from tierslieu.memberships.register.queries import SHOWN, Page, applications, counts, register
from tierslieu.people.queries import names, person_in_venue
from tierslieu.venues.models import Venue
from tierslieu.web.pages import back_to, desk, flash_message, page
from tierslieu.web.requests import allow, reading, writing


@bp.get("/manage/<slug>/members")
@allow("memberships.read")
def desk_members(slug: str) -> Any:
    """Who applied, who is a member, who still has to pay; find one by card or name."""
    text = request.args.get("text", "").strip()[:100]
    with reading() as work:
        venue = desk_venue(work, slug)
        today = today_of(work.session, work.now)
        whole = work.actor.may("registers.read", venue=venue.id)
        show = _show(whole, text)
        found = at_the_desk(work.session, venue.id, text, today) if text else []
        return page(
            "memberships/members.html",
            **desk(venue),
            **words(),
            venue=venue,
            text=text,
            show=show,
            whole=whole,
            counts=counts(work.session, venue.id, today) if whole else {},
            waiting=[] if text else applications(work.session, venue.id, today),
            found=_register(work, venue, show, text),
            elsewhere=[view for view in found if view.venue.id != venue.id],
            may_admit=_may_admit(work, venue),
        )


def _show(whole: bool, text: str) -> str:
    """What is listed: the whole register is a manager's; the desk sees dues and whom it seeks."""
    if not whole:
        return "all" if text else "unpaid"
    asked = request.args.get("show", "all" if text else "members")
    return asked if asked in SHOWN else "members"


def _register(work: Work, venue: Venue, show: str, text: str) -> Page:
    number = request.args.get("page", "1")
    today = today_of(work.session, work.now)
    at = int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 6 else 1
    return register(work.session, venue.id, today, show=show, text=text, number=max(1, at))


def _may_admit(work: Work, venue: Venue) -> frozenset[int]:
    """Ids of the venue's plans under which the actor may answer."""
    if not work.actor.may("memberships.admit", venue=venue.id):
        return frozenset()
    everything = work.actor.may("plans.edit", venue=venue.id)
    plans = plans_of(work.session, venue.id)
    return frozenset(plan.id for plan in plans if everything or plan.desk_may_admit)


# -- one member ----------------------------------------------------------------------------------


@bp.get("/manage/<slug>/members/<public_id>")
@allow("memberships.read")
def desk_member(slug: str, public_id: str) -> Any:
    """One membership: card, season, dues, what can be done."""
    return member_page(slug, public_id)


def member_page(
    slug: str,
    public_id: str,
    *,
    dues_form: DuesForm | None = None,
    reason_form: ReasonForm | None = None,
) -> str:
    """The page of one membership, with a form that was refused."""
    with reading() as work:
        venue = desk_venue(work, slug)
        view = _membership(work, venue, public_id)
        today = today_of(work.session, work.now)
        takers = [each.taken_by_id for each in view.payments if each.taken_by_id]
        deciders = [view.membership.decided_by_id] if view.membership.decided_by_id else []
        return page(
            "memberships/member.html",
            **desk(venue),
            **words(),
            venue=venue,
            view=view,
            others=[
                each
                for each in of_person(work.session, view.person.id, today, venue.id)
                if each.membership.id != view.membership.id
            ],
            names=names(work.session, [*takers, *deciders]),
            may_admit=view.plan.id in _may_admit(work, venue),
            may_take=work.actor.may("dues.take", venue=venue.id),
            dues_form=dues_form or DuesForm(formdata=None, amount=view.owed_cents or None),
            reason_form=reason_form or ReasonForm(formdata=None),
        )


def _membership(work: Work, venue: Venue, public_id: str) -> MembershipView:
    today = today_of(work.session, work.now)
    view = membership_by_public_id(work.session, public_id, today, venue.id)
    if view is None:
        raise NotFound
    return view


@bp.post("/manage/<slug>/members/<public_id>/admit")
@allow("memberships.admit")
def admit(slug: str, public_id: str) -> Any:
    """Say yes to an application."""
    with writing() as work:
        venue = desk_venue(work, slug, "memberships.admit")
        membership = services.admit(work, venue.id, public_id)
    flash_message(msg("Admitted: card number %(number)s.", number=membership.card_number or ""))
    return redirect(back_to(_url(slug, public_id)))


@bp.post("/manage/<slug>/members/<public_id>/refuse")
@allow("memberships.refuse")
def refuse(slug: str, public_id: str) -> Any:
    """Say no to an application, and why."""
    form = ReasonForm()
    if not form.validate():
        return member_page(slug, public_id, reason_form=form), 422
    try:
        with writing() as work:
            venue = desk_venue(work, slug, "memberships.refuse")
            services.refuse_application(work, venue.id, public_id, form.reason.data)
    except Refusal as refusal:
        form.refuse(refusal)
        return member_page(slug, public_id, reason_form=form), refusal.status
    flash_message(msg("Refused; the reason is on its way."))
    return redirect(url_for("memberships.desk_members", slug=slug))


@bp.post("/manage/<slug>/members/<public_id>/end")
@allow("memberships.admit")
def end(slug: str, public_id: str) -> Any:
    """End a membership whose holder asked to leave."""
    form = ReasonForm()
    if not form.validate():
        return member_page(slug, public_id, reason_form=form), 422
    with writing() as work:
        venue = desk_venue(work, slug, "memberships.admit")
        _membership(work, venue, public_id)
        services.leave(work, public_id, form.reason.data)
    flash_message(msg("The membership has ended."))
    return redirect(_url(slug, public_id))


@bp.post("/manage/<slug>/members/<public_id>/renew")
@allow("dues.take")
def renew(slug: str, public_id: str) -> Any:
    """Renew for the next season; the dues are on the page that follows."""
    with writing() as work:
        venue = desk_venue(work, slug, "dues.take")
        _membership(work, venue, public_id)
        membership = services.renew(work, public_id)
    flash_message(msg("Renewed: card number %(number)s.", number=membership.card_number or ""))
    return redirect(_url(slug, membership.public_id))


@bp.get("/manage/<slug>/members/<public_id>/card")
@allow("memberships.read")
def desk_card(slug: str, public_id: str) -> Any:
    """The card, to be printed."""
    with reading() as work:
        view = _membership(work, desk_venue(work, slug), public_id)
    if view.membership.card_number is None:
        raise NotFound
    return page("memberships/card.html", view=view, code=qr(view))


def _url(slug: str, public_id: str) -> str:
    return url_for("memberships.desk_member", slug=slug, public_id=public_id)


# -- a membership made at the desk ---------------------------------------------------------------


@bp.get("/manage/<slug>/people/<public_id>/card")
@allow("memberships.read")
def new_card(slug: str, public_id: str) -> Any:
    """Write an application for somebody, or give her a card."""
    return _new_card_page(slug, public_id, CardForm(formdata=None))


def _new_card_page(slug: str, public_id: str, form: CardForm) -> str:
    with reading() as work:
        venue = desk_venue(work, slug, "memberships.apply")
        person = person_in_venue(work.session, public_id, venue.id)
        if person is None:
            raise NotFound
        plans = plans_of(work.session, venue.id, active=True)
        may_admit = _may_admit(work, venue)
    form.offer(plans, may_admit=bool(may_admit))
    return page(
        "memberships/new_card.html", **desk(venue), venue=venue, person=person, form=form,
        plans=plans, may_admit=may_admit,
    )  # fmt: skip


@bp.post("/manage/<slug>/people/<public_id>/card")
@allow("memberships.apply")
def new_card_submit(slug: str, public_id: str) -> Any:
    """Write the application down, or the card."""
    form = CardForm()
    try:
        with writing() as work:
            venue = desk_venue(work, slug, "memberships.apply")
            person = person_in_venue(work.session, public_id, venue.id)
            form.offer(plans_of(work.session, venue.id, active=True), may_admit=True)
            if person is None:
                raise NotFound
            if not form.validate():
                return _new_card_page(slug, public_id, form), 422
            made = _make(work, form, person.id)
    except Refusal as refusal:
        form.refuse(refusal)
        return _new_card_page(slug, public_id, form), refusal.status
    flash_message(msg("Written down."))
    return redirect(_url(slug, made))


def _make(work: Work, form: CardForm, person_id: int) -> str:
    """An application (answered at once by who may), or a card without dues."""
    plan = form.plan.data
    if form.kind.data == "season":
        return services.apply(work, plan, person_id).public_id
    until = form.until.data if form.kind.data == "while" else None
    return services.give_card(work, plan, person_id, until).public_id
