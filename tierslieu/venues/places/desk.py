"""The manager's pages of a venue: choose it, set it up, say what it is, write about it."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import msg
from tierslieu.venues.blueprint import bp
from tierslieu.venues.forms import is_stale
from tierslieu.venues.managing import kind_choices, managed
from tierslieu.venues.models import Venue
from tierslieu.venues.opening.queries import closures_of, weeks_of
from tierslieu.venues.photos.queries import all_photos
from tierslieu.venues.places import services
from tierslieu.venues.places.forms import TextsForm, VenueForm
from tierslieu.venues.places.queries import sections, venue_by_slug, venues
from tierslieu.venues.places.rules import SECTIONS
from tierslieu.venues.rooms.queries import rooms_of
from tierslieu.venues.services import check_version
from tierslieu.web.forms import fill_texts, texts_of, texts_rows
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, reading, writing


@bp.get("/manage/")
@allow("today.read")
def manage() -> str | Response:
    """Whose desk: the only one at once, else a choice."""
    with reading() as work:
        own = work.actor.venues_where("today.read")
        mine = venues(work.session, own, hidden=True)
    if len(mine) == 1:
        return redirect(url_for("bookings.today", slug=mine[0].slug))
    return page("venues/manage.html", venues=mine)


@bp.get("/manage/<slug>/settings")
@allow("venues.edit")
def settings(slug: str) -> str:
    """What there is to set up, what is done, and what each thing is for."""
    venue = managed(slug, "venues.edit")
    with reading() as work:
        return page(
            "venues/settings.html",
            venue=venue,
            texts=sections(work.session, venue.id),
            all_sections=SECTIONS,
            rooms=rooms_of(work.session, venue.id),
            weeks=weeks_of(work.session, venue.id),
            closures=closures_of(work.session, venue.id, work.now),
            photos=all_photos(work.session, venue.id),
            **desk(venue),
        )


@bp.get("/manage/<slug>/settings/facts")
@allow("venues.edit")
def edit_facts(slug: str) -> str:
    """What is said of the venue."""
    venue = managed(slug, "venues.edit")
    return _facts_page(venue, VenueForm.of(venue, _kinds()))


@bp.post("/manage/<slug>/settings/facts")
@allow("venues.edit")
def edit_facts_submit(slug: str) -> Response | tuple[str, int]:
    """Save what is said of the venue; a wrong or old form is shown again as it was typed."""
    venue = managed(slug, "venues.edit")
    form = VenueForm(_kinds())
    if not form.validate_on_submit():
        return _facts_page(venue, form), 422
    try:
        with writing() as work:
            values = form.values(services.values_of(venue))
            venue = services.change_venue(work, venue.id, values, form.seen)
    except Refusal as refusal:
        form.refuse(refusal)
        if is_stale(refusal):
            form.set_beside(VenueForm.of(managed(slug, "venues.edit"), _kinds()))
        return _facts_page(venue, form), refusal.status
    flash_message(msg("Saved. This is how everybody sees it from now on."))
    return redirect(url_for("venues.settings", slug=venue.slug))


def _kinds() -> dict[str, str]:
    with reading() as work:
        return kind_choices(work.session)


def _facts_page(venue: Venue, form: VenueForm) -> str:
    rows = texts_rows(form, "lede")
    return page("venues/edit_facts.html", venue=venue, form=form, lede_rows=rows, **desk(venue))


@bp.get("/manage/<slug>/settings/texts")
@allow("venues.edit")
def edit_texts(slug: str) -> str:
    """What is written about the venue."""
    venue = managed(slug, "venues.edit")
    return _texts_page(venue, _texts_form(venue))


@bp.post("/manage/<slug>/settings/texts")
@allow("venues.edit")
def edit_texts_submit(slug: str) -> Response | tuple[str, int]:
    """Save what is written about the venue."""
    venue = managed(slug, "venues.edit")
    form = TextsForm()
    if not form.validate_on_submit():
        return _texts_page(venue, form), 422
    try:
        with writing() as work:
            check_version(venue_by_slug(work.session, slug, hidden=True), form.seen)
            for key in SECTIONS:
                services.write_section(work, venue.id, key, texts_of(form, key))
    except Refusal as refusal:
        form.refuse(refusal)
        if is_stale(refusal):
            form.set_beside(_texts_form(managed(slug, "venues.edit")))
        return _texts_page(venue, form), refusal.status
    flash_message(msg("Saved. This is how everybody sees it from now on."))
    return redirect(url_for("venues.settings", slug=slug))


def _texts_form(venue: Venue) -> TextsForm:
    form = TextsForm(formdata=None)
    with reading() as work:
        written = sections(work.session, venue.id)
    for key in SECTIONS:
        fill_texts(form, key, written.get(key))
    form.version.data = str(venue.version)
    return form


def _texts_page(venue: Venue, form: TextsForm) -> str:
    rows = {key: texts_rows(form, key) for key in SECTIONS}
    return page("venues/edit_texts.html", venue=venue, form=form, rows=rows, **desk(venue))


@bp.post("/manage/<slug>/settings/shown")
@allow("venues.edit")
def show_submit(slug: str) -> Response:
    """Show the venue to everybody, or only to those who manage it."""
    venue = managed(slug, "venues.edit")
    on = request.form.get("on") == "1"
    with writing() as work:
        services.publish(work, venue.id, on)
    shown = msg("Everybody can see it now.")
    flash_message(shown if on else msg("Only those who manage it can see it now."))
    return redirect(url_for("venues.settings", slug=slug))


@bp.post("/manage/<slug>/settings/archived")
@allow("network.edit")
def archive_submit(slug: str) -> Response:
    """Archive a venue, or bring it back."""
    venue = managed(slug, "venues.edit")
    with writing() as work:
        if request.form.get("on") == "1":
            services.archive(work, venue.id)
        else:
            services.restore(work, venue.id)
    flash_message(msg("Saved."))
    return redirect(url_for("venues.admin_venues"))
