"""Quotas of a venue, of a room, of the network: read, added, changed, taken away."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, request

from tierslieu.bookings.policies.places import Place, of_network, of_venue
from tierslieu.bookings.quotas import services
from tierslieu.bookings.quotas.examples import quotas_shown
from tierslieu.bookings.quotas.forms import QuotaForm
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.memberships.queries import season_of_venue
from tierslieu.venues.queries import network
from tierslieu.web.forms import texts_rows
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, reading, writing


@bp.get("/manage/<slug>/rules/quotas")
@allow("policies.edit")
def rules_quotas(slug: str) -> str:
    """The quotas of a venue or of one of its rooms, and a form for another."""
    with reading() as work:
        return _quotas_page(work, of_venue(work, slug))


@bp.get("/admin/rules/quotas")
@allow("network.edit")
def admin_rules_quotas() -> str:
    """The quotas of the network."""
    with reading() as work:
        return _quotas_page(work, of_network(work))


def _quotas_page(work: Work, place: Place, form: QuotaForm | None = None) -> str:
    venue = place.venue
    return page(
        "bookings/quotas.html",
        **(desk(venue) if venue else {"desk": None}),
        place=place,
        venue=venue,
        form=form or _form_of(work, place),
        label_rows=texts_rows,
        quotas=quotas_shown(work, place.scope, _zone(work, place)),
    )


def _zone(work: Work, place: Place) -> ZoneInfo:
    return ZoneInfo(place.venue.zone if place.venue else network(work.session).zone)


def _form_of(work: Work, place: Place) -> QuotaForm:
    """The form, empty or with the quota that the address names."""
    room = place.room.public_id if place.room else ""
    over = "room" if room else ("venue" if place.venue else "network")
    form = QuotaForm(formdata=None, room=room, over=over)
    form.prepare()
    asked = request.args.get("edit", "")
    if asked:
        form.show(services.own_quota(work, place.scope, asked))
    elif place.venue is not None:
        form.begin_season(*season_of_venue(work.session, place.venue.id))
    return form


@bp.post("/manage/<slug>/rules/quotas")
@allow("policies.edit")
def rules_quotas_submit(slug: str) -> Any:
    """Save a quota of a venue or a room."""
    with reading() as work:
        place = of_venue(work, slug)
    return _save(place)


@bp.post("/admin/rules/quotas")
@allow("network.edit")
def admin_rules_quotas_submit() -> Any:
    """Save a quota of the network."""
    with reading() as work:
        place = of_network(work)
    return _save(place)


def _save(place: Place) -> Any:
    form = QuotaForm()
    form.prepare()
    status = 422
    if form.validate():
        written = str(form.version.data or "")
        version = int(written) if written.isdigit() and len(written) < 10 else None
        try:
            with writing() as work:
                asked = form.quota.data or None
                services.put_quota(work, place.scope, form.values(), asked, version)
        except Refusal as refusal:
            form.refuse(refusal, {"until": "end"})
            status = refusal.status
        else:
            flash_message(msg("Saved. Bookings already made stay as they are."))
            return redirect(place.url("_quotas"))
    with reading() as work:
        return _quotas_page(work, place, form), status


@bp.post("/manage/<slug>/rules/quotas/remove")
@allow("policies.edit")
def rules_quotas_remove(slug: str) -> Any:
    """Take a quota of a venue or a room away."""
    with writing() as work:
        place = of_venue(work, slug)
        services.remove_quota(work, place.scope, request.form.get("quota", ""))
    flash_message(msg("The quota is gone."))
    return redirect(place.url("_quotas"))


@bp.post("/admin/rules/quotas/remove")
@allow("network.edit")
def admin_rules_quotas_remove() -> Any:
    """Take a quota of the network away."""
    with writing() as work:
        place = of_network(work)
        services.remove_quota(work, place.scope, request.form.get("quota", ""))
    flash_message(msg("The quota is gone."))
    return redirect(place.url("_quotas"))
