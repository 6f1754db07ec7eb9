"""To do: the list of the day, one chore with its points, and where lists are written."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, redirect, request, send_file, url_for

from tierslieu.bookings.desk.gate import desk_of
from tierslieu.bookings.preparation import queries, services
from tierslieu.bookings.preparation.forms import AssignForm, ListForm, PhotoForm, TickForm
from tierslieu.bookings.preparation.models import ChoreList, ChorePhoto
from tierslieu.bookings.preparation.queries import ToDo
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import Invalid, NotFound, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span, local_date, local_day_span
from tierslieu.kernel.work import Work
from tierslieu.people.queries import names
from tierslieu.venues.rooms.queries import rooms_of
from tierslieu.web.limits import limit
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import SIGNED_IN, allow, current_site, reading, writing


@bp.get("/manage/<slug>/to-do")
@allow("today.read")
def to_do(slug: str) -> str:
    """What is to be done on a day, to be printed too; and which keys are out."""
    with reading() as work:
        venue = desk_of(work, slug)
        zone = ZoneInfo(venue.zone)
        today = local_date(work.now, zone)
        day = _day(request.args.get("day", ""), today)
        whole = local_day_span(day, zone)
        around = Span(whole.starts_at - timedelta(hours=2), whole.ends_at + timedelta(hours=2))
        found = [item for item in queries.to_do(work.session, venue.id, around)
                 if whole.contains(item.span.starts_at)]  # fmt: skip
        return page(
            "bookings/to_do.html",
            **desk(venue),
            venue=venue,
            day=day,
            today=today,
            one_day=timedelta(days=1),
            now=work.now,
            items=found,
            who=names(work.session, [item.person_id for item in found if item.person_id]),
            keys=[held for held in queries.keys_of(work.session, venue.id) if held.out],
            may=lambda permission: work.actor.may(permission, venue=venue.id),
        )


def _day(written: str, today: date) -> date:
    try:
        found = date.fromisoformat(written)
    except ValueError:
        return today
    return found if abs((found - today).days) < 3660 else today


@bp.get("/chores/<booking_id>/<public_id>")
@allow(SIGNED_IN)
def chore(booking_id: str, public_id: str) -> str:
    """One chore: its points to tick, for the desk and for whom it was given to."""
    return _chore(booking_id, public_id)


def _chore(
    booking_id: str,
    public_id: str,
    form: TickForm | None = None,
    photo: PhotoForm | None = None,
    giving: AssignForm | None = None,
    done: frozenset[int] | None = None,
) -> str:
    with reading() as work:
        item = services.item_for(work, booking_id, public_id)
        at_desk = work.actor.may(services.DO, venue=item.view.venue_id)
        chosen = giving or AssignForm(formdata=None)
        chosen.prepare(queries.helpers(work.session, item.view.venue_id) if at_desk else [])
        kept = item.chore.note if item.chore is not None else ""
        ticked = done if done is not None else _done_of(item)
        return page(
            "bookings/chore.html",
            item=item,
            view=item.view,
            zone=item.view.zone,
            form=form or TickForm(formdata=None, note=kept),
            photo=photo or PhotoForm(formdata=None),
            giving=chosen,
            ticked=ticked,
            at_desk=at_desk,
            who=names(work.session, _people(item)),
            photos=_photos(work, item) if at_desk else [],
        )


def _photos(work: Work, item: ToDo) -> list[ChorePhoto]:
    return queries.photos_of(work.session, item.chore.id) if item.chore is not None else []


def _people(item: ToDo) -> list[int]:
    chore_ = item.chore
    return [key for key in (chore_.person_id, chore_.done_by_id) if key] if chore_ else []


def _done_of(item: ToDo) -> frozenset[int]:
    return frozenset(n for n, point in enumerate(item.points) if point["done"])


@bp.post("/chores/<booking_id>/<public_id>")
@allow(SIGNED_IN)
def chore_submit(booking_id: str, public_id: str) -> Any:
    """Keep what is ticked, or say that all of it is done."""
    form = TickForm()
    done = frozenset(int(n) for n in request.form.getlist("point") if n.isdecimal() and len(n) < 4)
    finish = "finish" in request.form
    if not form.validate():
        return _chore(booking_id, public_id, form, done=done), 422
    try:
        with writing() as work:
            item = services.item_for(work, booking_id, public_id)
            services.tick(work, item, done, note=form.note.data or "", finish=finish)
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _chore(booking_id, public_id, form, done=done), refusal.status
    flash_message(msg("Done. Thank you!") if finish else msg("Saved."))
    return redirect(url_for("bookings.chore", booking_id=booking_id, public_id=public_id), 303)


@bp.post("/chores/<booking_id>/<public_id>/person")
@allow("bookings.check_in")
def chore_assign(booking_id: str, public_id: str) -> Any:
    """Give it to somebody, or to nobody."""
    form = AssignForm()
    try:
        with writing() as work:
            item = services.item_for(work, booking_id, public_id)
            services.assign(work, item, form.other.data or request.form.get("person", ""))
    except Invalid as refusal:
        form.person.choices = []
        form.validate()
        form.person.errors = []
        form.refuse(refusal)
        return _chore(booking_id, public_id, giving=form), refusal.status
    flash_message(msg("Saved."))
    return redirect(url_for("bookings.chore", booking_id=booking_id, public_id=public_id), 303)


@bp.post("/chores/<booking_id>/<public_id>/photo")
@allow(SIGNED_IN)
@limit("120/hour")
def chore_photo(booking_id: str, public_id: str) -> Any:
    """Add a photo to a walk round."""
    form = PhotoForm()
    sent = form.photo.data
    try:
        with writing() as work:
            item = services.item_for(work, booking_id, public_id)
            services.add_photo(work, item, sent.read() if sent else b"", form.shows.data or "")
    except Invalid as refusal:
        form.validate()
        form.refuse(refusal)
        return _chore(booking_id, public_id, photo=form), refusal.status
    flash_message(msg("The photo is there."))
    return redirect(url_for("bookings.chore", booking_id=booking_id, public_id=public_id), 303)


@bp.get("/manage/<slug>/to-do/photos/<public_id>.webp")
@allow("bookings.check_in")
def chore_picture(slug: str, public_id: str) -> Response:
    """A photo of a walk round, for the desk."""
    with reading() as work:
        venue = desk_of(work, slug, "bookings.check_in")
        photo = queries.photo_at(work.session, venue.id, public_id)
    if photo is None:
        raise NotFound
    path = services.path_of(current_site().uploads.resolve(), photo.public_id)
    if not path.is_file():
        raise NotFound
    answer = send_file(path, mimetype="image/webp")
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@bp.get("/manage/<slug>/to-do/lists")
@allow("rooms.edit")
def chore_lists(slug: str) -> str:
    """What is to be done, list by list; ``?list=`` opens one."""
    return _lists(slug, None)


def _lists(slug: str, form: ListForm | None) -> str:
    with reading() as work:
        venue = desk_of(work, slug, "rooms.edit")
        rooms = rooms_of(work.session, venue.id)
        lists = queries.lists_of(work.session, venue.id)
        asked = request.args.get("list", "")
        opened = next((each for each in lists if each.public_id == asked), None)
        shown = form or _opened(work, opened, {room.id: room.public_id for room in rooms})
        shown.prepare(rooms)
        return page(
            "bookings/chore_lists.html",
            **desk(venue),
            venue=venue,
            form=shown,
            lists=lists,
            rooms={room.id: room.name for room in rooms},
        )


def _opened(_work: Work, row: ChoreList | None, rooms: dict[int, str]) -> ListForm:
    if row is None:
        return ListForm(formdata=None)
    return ListForm(
        formdata=None,
        title=row.title,
        moment=row.moment,
        room=rooms.get(row.room_id or 0, ""),
        points="\n".join(row.points),
        inspection=row.inspection,
        public_id=row.public_id,
    )


@bp.post("/manage/<slug>/to-do/lists")
@allow("rooms.edit")
def chore_list_submit(slug: str) -> Any:
    """Write a list, new or anew."""
    form = ListForm()
    with reading() as work:
        form.prepare(rooms_of(work.session, desk_of(work, slug, "rooms.edit").id))
    if not form.validate():
        return _lists(slug, form), 422
    values = services.ListValues(
        form.title.data, form.moment.data, form.points.data or "", form.room.data,
        bool(form.inspection.data),
    )  # fmt: skip
    try:
        with writing() as work:
            venue = desk_of(work, slug, "rooms.edit")
            services.save_list(work, venue.id, values, form.public_id.data or "")
    except Invalid as refusal:
        form.refuse(refusal)
        return _lists(slug, form), refusal.status
    flash_message(msg("Saved."))
    return redirect(url_for("bookings.chore_lists", slug=slug), 303)


@bp.post("/manage/<slug>/to-do/lists/<public_id>/stop")
@allow("rooms.edit")
def chore_list_stop(slug: str, public_id: str) -> Any:
    """A list is done no more."""
    with writing() as work:
        services.stop_list(work, desk_of(work, slug, "rooms.edit").id, public_id)
    flash_message(msg("This list is done no more; what was done stays."))
    return redirect(url_for("bookings.chore_lists", slug=slug), 303)


# The keys hang on the same blueprint.
import tierslieu.bookings.preparation.keyboard  # noqa: E402, F401
