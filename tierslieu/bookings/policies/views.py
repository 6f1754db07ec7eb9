"""House rules and prices of a venue and its rooms, and the network's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, request

from tierslieu.bookings.houserules.words import listed
from tierslieu.bookings.policies import queries, services
from tierslieu.bookings.policies.fields import GROUPS, effect
from tierslieu.bookings.policies.forms import (
    PolicyForm,
    TariffForm,
    amount_of,
    cents_of,
    said_values,
)
from tierslieu.bookings.policies.impact import Impact, impact
from tierslieu.bookings.policies.places import Place, of_network, of_venue
from tierslieu.bookings.policies.presets import PRESETS, current
from tierslieu.bookings.purposes.queries import purposes_of
from tierslieu.bookings.rules import PolicyValues
from tierslieu.bookings.rules.policy import AUDIENCES
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import NotFound, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Room
from tierslieu.venues.queries import network
from tierslieu.web.forms import Form
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, reading, writing


def _audience() -> str:
    asked = request.values.get("audience", "everyone")
    return asked if asked in AUDIENCES else "everyone"


@bp.get("/manage/<slug>/rules")
@allow("policies.edit")
def rules(slug: str) -> str:
    """The rules of a venue, or of one of its rooms, for one audience."""
    with reading() as work:
        return _rules_page(work, of_venue(work, slug))


@bp.get("/admin/rules")
@allow("network.edit")
def admin_rules() -> str:
    """The network's rules, where no venue says anything else."""
    with reading() as work:
        return _rules_page(work, of_network(work))


def _rules_page(
    work: Work,
    place: Place,
    form: Any = None,
    tariff_form: TariffForm | None = None,
    touched: Impact | None = None,
) -> str:
    said = queries.said(work, place.scope, _audience())
    if form is None:
        form = PolicyForm(formdata=None, version=said.version)
        form.show(said.own)
    purposes = {each.key: each for each in purposes_of(work.session, place.scope.venue_id)}
    form.prepare(said.below, purposes)
    here = network(work.session)
    zone = ZoneInfo(place.venue.zone if place.venue else here.zone)
    return page(
        "bookings/rules.html",
        **(desk(place.venue) if place.venue else {"desk": None}),
        place=place,
        venue=place.venue,
        said=said,
        groups=GROUPS,
        audiences=AUDIENCES,
        origins={each.key: each for each in listed(said.below, purposes)},
        effect=lambda name: effect(name, said.in_force, work.now, zone),
        presets=PRESETS,
        preset=current(said.all_said),
        form=form,
        touched=touched,
        own_rooms=queries.rooms_with_rules(work, place.venue.id) if place.venue else set(),
        currency=here.currency,
        tariff_form=tariff_form or (_tariff_form(work, place.room) if place.room else None),
    )


def _tariff_form(work: Work, room: Room) -> TariffForm:
    tariff = queries.tariff_of(work, room.id)
    return TariffForm(
        formdata=None,
        hour=amount_of(tariff.hour_cents if tariff else None),
        member_hour=amount_of(tariff.member_hour_cents if tariff else None),
        version=tariff.version if tariff else 0,
    )


@bp.post("/manage/<slug>/rules")
@allow("policies.edit")
def rules_submit(slug: str) -> Any:
    """Save what is said; whom it would have refused is shown first."""
    with reading() as work:
        place = of_venue(work, slug)
    return _save(place)


@bp.post("/admin/rules")
@allow("network.edit")
def admin_rules_submit() -> Any:
    """Save the network's rules."""
    with reading() as work:
        place = of_network(work)
    return _save(place)


def _save(place: Place) -> Any:
    form = PolicyForm()
    with reading() as work:
        purposes = {each.key: each for each in purposes_of(work.session, place.scope.venue_id)}
        form.prepare(queries.said(work, place.scope, _audience()).below, purposes)
        if not form.validate():
            return _rules_page(work, place, form), 422
        try:
            rules_said = said_values(form)
        except Refusal as refusal:
            form.refuse(refusal)
            return _rules_page(work, place, form), refusal.status
        touched = _touched(work, place, rules_said)
        if touched is not None:
            return _rules_page(work, place, form, touched=touched)
    return _written(place, form, rules_said)


def _touched(work: Work, place: Place, rules_said: Mapping[str, object]) -> Impact | None:
    """The bookings to be shown before saving; None when there are none or they were shown."""
    if "sure" in request.form:
        return None
    found = impact(work, place.scope, _audience(), PolicyValues.from_json(rules_said))
    return found if found.views else None


def _written(place: Place, form: Any, rules_said: Mapping[str, object]) -> Any:
    try:
        with writing() as work:
            services.put_policy(work, place.scope, _audience(), rules_said, _version(form))
    except Refusal as refusal:
        form.refuse(refusal)
        with reading() as work:
            form.version.data = str(queries.said(work, place.scope, _audience()).version)
            return _rules_page(work, place, form), refusal.status
    flash_message(msg("Saved. Bookings already made stay as they are."))
    return redirect(place.url("", audience=_audience()))


def _version(form: Form) -> int | None:
    text = str(form.version.data or "")
    return int(text) if text.isdigit() and len(text) < 10 else None


@bp.post("/manage/<slug>/rules/preset")
@allow("policies.edit")
def rules_preset(slug: str) -> Any:
    """Begin with sensible rules."""
    with writing() as work:
        place = of_venue(work, slug)
        services.use_preset(work, place.scope, request.form.get("preset", ""))
    flash_message(msg("Saved. Bookings already made stay as they are."))
    return redirect(place.url(""))


@bp.post("/admin/rules/preset")
@allow("network.edit")
def admin_rules_preset() -> Any:
    """Begin with sensible rules for the whole network."""
    with writing() as work:
        place = of_network(work)
        services.use_preset(work, place.scope, request.form.get("preset", ""))
    flash_message(msg("Saved. Bookings already made stay as they are."))
    return redirect(place.url(""))


@bp.post("/manage/<slug>/rules/tariff")
@allow("tariffs.edit")
def rules_tariff(slug: str) -> Any:
    """Say what an hour of a room costs."""
    form = TariffForm()
    with reading() as work:
        place = of_venue(work, slug)
    if place.room is None:
        raise NotFound
    try:
        hour, member = (cents_of(f.data or "", f.name) for f in (form.hour, form.member_hour))
        with writing() as work:
            services.put_tariff(work, place.room.id, hour, member, _version(form))
    except Refusal as refusal:
        form.refuse(refusal)
        with reading() as work:
            return _rules_page(work, place, tariff_form=form), refusal.status
    flash_message(msg("Saved. Prices of bookings already made stay as they are."))
    return redirect(place.url("", audience=_audience()) + "#price")
