"""Pages of the network admin: the network today, its settings, its venues."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import msg
from tierslieu.venues.blueprint import bp
from tierslieu.venues.forms import is_stale
from tierslieu.venues.managing import kind_choices
from tierslieu.venues.models import LocalHoliday
from tierslieu.venues.network import services
from tierslieu.venues.network.forms import HolidayForm, KindForm, NetworkForm
from tierslieu.venues.places.forms import NewVenueForm
from tierslieu.venues.places.queries import kinds, listed, venues
from tierslieu.venues.places.services import add_venue
from tierslieu.venues.places.views import map_values
from tierslieu.venues.queries import network
from tierslieu.web.forms import texts_of, texts_rows
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import allow, current_site, reading, writing


@bp.get("/admin/")
@allow("network.edit")
def admin_home() -> str:
    """The network today: figures, venue by venue."""
    with reading() as work:
        work.require("network.edit")
        shown = listed(work.session, venues(work.session), work.now)
        return page(
            "venues/admin.html",
            listed=shown,
            open_count=sum(item.open for item in shown),
            room_count=sum(item.rooms for item in shown),
            kinds=kinds(work.session),
            now=work.now,
            map=map_values(),
        )


@bp.get("/admin/network")
@allow("network.edit")
def admin_network() -> str:
    """The network's settings, its kinds of venue, its own holidays."""
    return _network_page(NetworkForm.of(_network()), None, None)


@bp.post("/admin/network")
@allow("network.edit")
def admin_network_submit() -> Response | tuple[str, int]:
    """Save the network's settings."""
    form = NetworkForm()
    if not form.validate_on_submit():
        return _network_page(form, None, None), 422
    try:
        with writing() as work:
            services.set_up_network(
                work,
                **form.plain(),
                banner=texts_of(form, "banner"),
                help_text=texts_of(form, "help_text"),
                version=form.seen,
            )
    except Refusal as refusal:
        form.refuse(refusal)
        if is_stale(refusal):
            form.set_beside(NetworkForm.of(_network()))
        return _network_page(form, None, None), refusal.status
    flash_message(msg("Saved. This is how everybody sees it from now on."))
    return redirect(url_for("venues.admin_network"))


@bp.post("/admin/network/kinds")
@allow("network.edit")
def kind_submit() -> Response | tuple[str, int]:
    """Name a kind of venue, or forget one that is not used."""
    form = KindForm()
    removed = request.form.get("remove", "")
    if not removed and not form.validate_on_submit():
        return _network_page(None, form, None), 422
    try:
        with writing() as work:
            if removed:
                services.remove_kind(work, removed)
            else:
                services.put_kind(work, form.key.data or "", texts_of(form, "label"))
    except Refusal as refusal:
        form.refuse(refusal, {"label": "label_it"})
        return _network_page(None, form, None), refusal.status
    flash_message(msg("Saved."))
    return redirect(url_for("venues.admin_network") + "#kinds")


@bp.post("/admin/network/holidays")
@allow("network.edit")
def holiday_submit() -> Response | tuple[str, int]:
    """Keep a yearly holiday, or drop one."""
    form = HolidayForm()
    month, _, day = request.form.get("remove", "").partition("-")
    if not day and not form.validate_on_submit():
        return _network_page(None, None, form), 422
    try:
        with writing() as work:
            if day:
                services.remove_holiday(work, *_pair(month, day))
            else:
                name = texts_of(form, "name")
                services.put_holiday(work, form.month.data or 0, form.day.data or 0, name)
    except Refusal as refusal:
        form.refuse(refusal, {"name": "name_it"})
        return _network_page(None, None, form), refusal.status
    flash_message(msg("Saved."))
    return redirect(url_for("venues.admin_network") + "#holidays")


@bp.get("/admin/venues")
@allow("venues.create")
def admin_venues() -> str:
    """Every venue, hidden and archived ones too, and a form for a new one."""
    return _venues_page(_new_form(formdata=None))


@bp.post("/admin/venues")
@allow("venues.create")
def new_venue_submit() -> Response | tuple[str, int]:
    """Add a venue that nobody sees yet, and go on setting it up."""
    form = _new_form()
    if not form.validate_on_submit():
        return _venues_page(form), 422
    try:
        with writing() as work:
            here = network(work.session)
            venue = add_venue(work, form.values(here.zone, here.accent))
    except Refusal as refusal:
        form.refuse(refusal)
        return _venues_page(form), refusal.status
    flash_message(msg("“%(venue)s” is there. Nobody sees it until you show it.", venue=venue.name))
    return redirect(url_for("venues.settings", slug=venue.slug))


def _pair(month: str, day: str) -> tuple[int, int]:
    return (int(month) if month.isdigit() else 0), (int(day) if day.isdigit() else 0)


def _network() -> Any:
    with reading() as work:
        return network(work.session)


def _new_form(**kwargs: Any) -> NewVenueForm:
    with reading() as work:
        return NewVenueForm(kind_choices(work.session), **kwargs)


def _venues_page(form: NewVenueForm) -> str:
    with reading() as work:
        work.require("venues.create")
        every = listed(work.session, venues(work.session, hidden=True), work.now)
        return page("venues/admin_venues.html", listed=every, form=form, kinds=kinds(work.session))


def _network_page(
    form: NetworkForm | None, kind: KindForm | None, holiday: HolidayForm | None
) -> str:
    form = form or NetworkForm.of(_network())
    kind, holiday = kind or KindForm(formdata=None), holiday or HolidayForm(formdata=None)
    with reading() as work:
        work.require("network.edit")
        order = (LocalHoliday.month, LocalHoliday.day)
        return page(
            "venues/admin_network.html",
            form=form,
            banner_rows=texts_rows(form, "banner"),
            help_rows=texts_rows(form, "help_text"),
            kind_form=kind,
            kind_rows=texts_rows(kind, "label"),
            holiday_form=holiday,
            holiday_rows=texts_rows(holiday, "name"),
            kinds=kinds(work.session),
            holidays=list(work.session.scalars(sa.select(LocalHoliday).order_by(*order))),
            tiles=current_site().config.tile_url,
        )
