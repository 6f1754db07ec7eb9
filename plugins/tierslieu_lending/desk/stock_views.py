"""What there is: things and their items, for the manager."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for

import tierslieu.toolkit as tl
from tierslieu_lending import queries, stock, words
from tierslieu_lending.desk.views import bp
from tierslieu_lending.forms import ItemForm, ItemsForm, ThingForm
from tierslieu_lending.models import Thing

msg = tl.sentences("tierslieu_lending")


@bp.get("/manage/<slug>/lending/things")
@tl.allow("lending.desk")
def things(slug: str) -> str:
    """The stock list."""
    with tl.reading() as work:
        venue = tl.desk_of(work, slug, "lending.desk")
        return tl.page(
            "lending/stock.html", **tl.desk(venue), venue=venue,
            rows=queries.stock(work.session, venue.id),
            may_edit=work.actor.may("lending.edit", venue=venue.id), **words.EVERYTHING,
        )  # fmt: skip


@bp.get("/manage/<slug>/lending/things/new")
@tl.allow("lending.edit")
def thing_new(slug: str) -> str:
    """A form for a new thing."""
    return _page(slug, None, None)


@bp.post("/manage/<slug>/lending/things/new")
@tl.allow("lending.edit")
def thing_new_submit(slug: str) -> Any:
    """Add a thing, with a first item."""
    return _save(slug, None)


@bp.get("/manage/<slug>/lending/things/<public_id>")
@tl.allow("lending.edit")
def thing(slug: str, public_id: str) -> str:
    """A thing and its items."""
    return _page(slug, public_id, None)


@bp.post("/manage/<slug>/lending/things/<public_id>")
@tl.allow("lending.edit")
def thing_submit(slug: str, public_id: str) -> Any:
    """Say anew what it is."""
    return _save(slug, public_id)


def _save(slug: str, public_id: str | None) -> Any:
    with tl.reading() as work:
        tl.desk_of(work, slug, "lending.edit")
        bodies = {body.public_id: body.id for body in queries.bodies(work.session)}
        form = ThingForm()
        form.offer(queries.bodies(work.session))
    if not form.validate():
        return _page(slug, public_id, form), 422
    try:
        with tl.writing() as work:
            saved = _put(work, slug, public_id, form, bodies)
    except tl.Refusal as refusal:
        form.refuse(refusal, {"name": "name_it"})
        return _page(slug, public_id, form), refusal.status
    tl.flash_message(msg("Saved."))
    return redirect(url_for("lending_desk.thing", slug=slug, public_id=saved.public_id), 303)


def _put(
    work: tl.Work, slug: str, public_id: str | None, form: ThingForm, bodies: dict[str, int]
) -> Thing:
    venue = tl.desk_of(work, slug, "lending.edit")
    row = queries.thing_by_id(work.session, public_id, venue.id) if public_id else None
    saved = stock.put_thing(work, venue.id, form.said(bodies), row)
    if row is None:
        stock.add_items(work, saved, 1)
    return saved


def _page(slug: str, public_id: str | None, form: ThingForm | None) -> str:
    with tl.reading() as work:
        venue = tl.desk_of(work, slug, "lending.edit")
        row = queries.thing_by_id(work.session, public_id, venue.id) if public_id else None
        if form is None:
            form = ThingForm(formdata=None)
            form.offer(queries.bodies(work.session))
            if row is not None:
                owner = row.organisation_id and work.session.get(
                    tl.Organisation, row.organisation_id
                )
                form.fill(row, owner.public_id if owner else "")
        items = queries.items_of(work.session, row.id, in_use=False) if row else []
        return tl.page(
            "lending/thing_edit.html", **tl.desk(venue), venue=venue, row=row, form=form,
            name_rows=tl.texts_rows(form, "name"),
            description_rows=tl.texts_rows(form, "description"),
            items=items, more=ItemsForm(formdata=None), **words.EVERYTHING,
        )  # fmt: skip


@bp.post("/manage/<slug>/lending/things/<public_id>/items")
@tl.allow("lending.edit")
def items_add(slug: str, public_id: str) -> Any:
    """There are more of them."""
    form = ItemsForm()
    if not form.validate():
        tl.flash_message(msg("From 1 to 100, please."), "error")
    else:
        with tl.writing() as work:
            venue = tl.desk_of(work, slug, "lending.edit")
            row = queries.thing_by_id(work.session, public_id, venue.id)
            stock.add_items(work, row, form.how_many.data or 1)
        tl.flash_message(msg("Added. Put the numbers on them."))
    return redirect(url_for("lending_desk.thing", slug=slug, public_id=public_id), 303)


@bp.get("/manage/<slug>/lending/items/<public_id>")
@tl.allow("lending.desk")
def item(slug: str, public_id: str) -> str:
    """One item: how it is, and what is promised of it."""
    return _item_page(slug, public_id, None)


@bp.post("/manage/<slug>/lending/items/<public_id>")
@tl.allow("lending.desk")
def item_submit(slug: str, public_id: str) -> Any:
    """Say how it is."""
    form = ItemForm()
    if not form.validate():
        return _item_page(slug, public_id, form), 422
    with tl.writing() as work:
        venue = tl.desk_of(work, slug, "lending.desk")
        row, of = queries.item_by_id(work.session, public_id, venue.id)
        stock.put_item(work, of, row, form.state.data, form.condition.data, form.note.data or "")
    tl.flash_message(msg("Saved."))
    return redirect(url_for("lending_desk.item", slug=slug, public_id=public_id), 303)


def _item_page(slug: str, public_id: str, form: ItemForm | None) -> str:
    with tl.reading() as work:
        venue = tl.desk_of(work, slug, "lending.desk")
        row, of = queries.item_by_id(work.session, public_id, venue.id)
        if form is None:
            form = ItemForm(formdata=None, obj=row)
        return tl.page(
            "lending/item.html", **tl.desk(venue), venue=venue, row=row, thing=of, form=form,
            coming=queries.coming_of(work, row.id), now=work.now, **words.EVERYTHING,
        )  # fmt: skip
