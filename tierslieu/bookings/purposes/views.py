"""The uses of a venue's rooms, or of the network's: read, named, retired."""

from __future__ import annotations

from typing import Any

from flask import redirect, request

from tierslieu.bookings.policies.places import Place, of_network, of_venue
from tierslieu.bookings.purposes.forms import PurposeForm
from tierslieu.bookings.purposes.queries import known_purposes
from tierslieu.bookings.purposes.services import put_purpose
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.web.forms import texts_of, texts_rows
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, reading, writing


@bp.get("/manage/<slug>/rules/uses")
@allow("policies.edit")
def purposes(slug: str) -> str:
    """What a venue's rooms are used for."""
    with reading() as work:
        return _page(work, of_venue(work, slug))


@bp.get("/admin/rules/uses")
@allow("network.edit")
def admin_purposes() -> str:
    """What rooms of the network are used for."""
    with reading() as work:
        return _page(work, of_network(work))


def _page(work: Work, place: Place, form: PurposeForm | None = None) -> str:
    own = known_purposes(work.session, place.scope.venue_id)
    if form is None:
        form = PurposeForm(formdata=None)
        asked = request.args.get("edit", "")
        for row in own:
            if row.key == asked:
                form.show(row)
    return page(
        "bookings/purposes.html",
        **(desk(place.venue) if place.venue else {"desk": None}),
        place=place,
        venue=place.venue,
        own=own,
        above=known_purposes(work.session, None) if place.venue else [],
        form=form,
        label_rows=texts_rows,
    )


@bp.post("/manage/<slug>/rules/uses")
@allow("policies.edit")
def purposes_submit(slug: str) -> Any:
    """Save a use of a venue."""
    with reading() as work:
        place = of_venue(work, slug)
    return _save(place)


@bp.post("/admin/rules/uses")
@allow("network.edit")
def admin_purposes_submit() -> Any:
    """Save a use of the network."""
    with reading() as work:
        place = of_network(work)
    return _save(place)


def _save(place: Place) -> Any:
    form = PurposeForm()
    status = 422
    if form.validate():
        try:
            with writing() as work:
                put_purpose(
                    work,
                    place.scope.venue_id,
                    texts_of(form, "label"),
                    form.key.data or "",
                    public=form.public.data,
                    active=not form.retired.data,
                )
        except Refusal as refusal:
            form.refuse(refusal, {"label": "label_it"})
            status = refusal.status
        else:
            flash_message(msg("Saved."))
            return redirect(place.uses_url())
    with reading() as work:
        return _page(work, place, form), status
