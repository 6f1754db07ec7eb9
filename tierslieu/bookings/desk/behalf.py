"""Booking at the desk: for somebody, for a body, or for the venue itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, request, url_for
from werkzeug.datastructures import MultiDict

from tierslieu.bookings import services
from tierslieu.bookings.accessories.forms import offered, wanted_of, with_kit
from tierslieu.bookings.cases.queries import room_case
from tierslieu.bookings.desk import queries
from tierslieu.bookings.desk.forms import BookForm
from tierslieu.bookings.desk.gate import desk_of
from tierslieu.bookings.member.asking import NOTHING, with_choice
from tierslieu.bookings.member.when import NAMES, fields_of_span, in_fields
from tierslieu.bookings.purposes.queries import purposes_of
from tierslieu.bookings.series import asking as series
from tierslieu.bookings.series.forms import NAMES as SERIES_NAMES
from tierslieu.bookings.series.services import book_series, preview
from tierslieu.bookings.services import NewBooking
from tierslieu.bookings.terms.queries import any_asked
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import Invalid, NotFound, Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.people.desk.queries import Elsewhere, found_elsewhere, found_here
from tierslieu.people.desk.services import register_person, use_here
from tierslieu.people.models import Person
from tierslieu.people.organisations.queries import organisation_by_public_id
from tierslieu.people.queries import person_in_venue
from tierslieu.venues.models import Venue
from tierslieu.venues.rooms.queries import rooms_of
from tierslieu.web.limits import limit
from tierslieu.web.pages import desk, flash_message, page
from tierslieu.web.requests import allow, reading, writing

#: Instead of a person's public id: somebody new, or nobody (the venue itself).
NEW, HOUSE = "new", "house"
#: Buttons that show the form again and book nothing.
_LOOKING = frozenset(("find_now", "use", "edit"))


@dataclass(frozen=True)
class Found:
    """Whom the search at the desk found: known here, and known to another venue."""

    here: list[Person]
    elsewhere: list[Elsewhere]
    chosen: Person | None


@bp.get("/manage/<slug>/book")
@allow("bookings.on_behalf")
@limit("240/hour")
def desk_book(slug: str) -> str:
    """The form, with what the address says (room, day, time, person) filled in."""
    with reading() as work:
        venue = desk_of(work, slug, "bookings.on_behalf")
        form = _form(work, venue, MultiDict(_usual(work, venue) | request.args.to_dict()))
        return _book_page(work, venue, form)


def _usual(work: Work, venue: Venue) -> dict[str, str]:
    """The next full hour, for one hour."""
    zone = ZoneInfo(venue.zone)
    local = work.now.astimezone(zone).replace(minute=0) + timedelta(hours=1)
    return fields_of_span(Span(local, local + timedelta(hours=1)), zone)


def _form(work: Work, venue: Venue, sent: MultiDict[str, str]) -> BookForm:
    """The form, with the places and things of the room that is chosen."""
    rooms = [(room.public_id, room.name) for room in rooms_of(work.session, venue.id)]
    chosen = sent.get("room") or (rooms[0][0] if rooms else "")
    offer = offered(work, chosen) if chosen in dict(rooms) else NOTHING
    form = with_kit(BookForm, offer)(formdata=sent)
    form.unseen = bool(offer) and form.kit.data != chosen
    form.kit.data = chosen
    form.kit.raw_data = [chosen]
    form.offer(rooms, queries.organisations(work.session), purposes_of(work.session, venue.id))
    return form


def _book_page(work: Work, venue: Venue, form: BookForm) -> str:
    text = (form.find.data or "").strip()[:100]
    return page(
        "bookings/desk_book.html",
        **desk(venue),
        venue=venue,
        form=form,
        found=Found(
            found_here(work.session, venue.id, text, limit=8) if text else [],
            found_elsewhere(work.session, venue.id, text),
            _chosen(work, venue, form),
        ),
        may=lambda permission: work.actor.may(permission, venue=venue.id),
        asks_terms=any_asked(work.session, venue.id),
    )


def _chosen(work: Work, venue: Venue, form: BookForm) -> Person | None:
    written = form.person.data or ""
    return person_in_venue(work.session, written, venue.id) if written else None


@bp.post("/manage/<slug>/book")
@allow("bookings.on_behalf")
def desk_book_submit(slug: str) -> Any:
    """Find the person, take up a choice, or book."""
    with reading() as work:
        venue = desk_of(work, slug, "bookings.on_behalf")
        form = _form(work, venue, with_choice(request.form))
        if form.unseen or _LOOKING & set(request.form):
            return _book_page(work, venue, form)
        if not form.validate():
            return _book_page(work, venue, form), 422
    try:
        if form.repeats:
            return _series(venue, form)
        with writing() as work:
            booking = services.book(work, _wish(work, venue, form))
    except Refusal as refusal:
        form.refuse(series.in_form(refusal), NAMES | SERIES_NAMES | {"name": "name"})
        form.reasons = in_fields(form.reasons, ZoneInfo(venue.zone))
        with reading() as work:
            return _book_page(work, venue, form), refusal.status
    said = msg("Booked.") if booking.state == "confirmed" else msg("Asked for: it waits.")
    flash_message(said)
    return redirect(url_for("bookings.desk_booking", slug=slug, public_id=booking.public_id))


def _series(venue: Venue, form: BookForm) -> Any:
    """Every date with its fate, then the series. Raises Refusal."""
    with writing() as work:
        if "send" in request.form:
            new = series.repeated(form, _wish(work, venue, form))
            view = book_series(work, new).views[0]
        else:
            # Somebody new is registered only when it is sent.
            with work.session.begin_nested() as trial:
                seen = preview(work, series.repeated(form, _wish(work, venue, form)))
                trial.rollback()
            there = url_for("bookings.desk_book_submit", slug=venue.slug)
            return series.preview_page(form, seen, there)
        public_id, waits = view.booking.public_id, view.booking.state == "requested"
    flash_message(msg("Asked for: it waits.") if waits else msg("Booked."))
    return redirect(url_for("bookings.desk_booking", slug=venue.slug, public_id=public_id))


def _wish(work: Work, venue: Venue, form: BookForm) -> NewBooking:
    span = form.span(ZoneInfo(venue.zone))
    if span is None:
        raise Invalid("missing", msg("Choose a day."), "date")
    return NewBooking(
        room=form.room.data,
        span=span,
        title=form.title.data,
        attendance=form.n.data,
        visibility=form.visibility.data,
        note=form.note.data,
        person_id=_person(work, venue, form),
        organisation_id=_organisation(work, form),
        override=form.override.data or "",
        kind=form.kind.data,
        purpose=form.purpose.data or "",
        declared=tuple(form.declared.data or ()),
        accept_terms=_ticked(work, form),
        **wanted_of(form).values,
    )


def _ticked(work: Work, form: BookForm) -> tuple[str, ...]:
    """Every version that the room asks for, when the clerk ticked for her."""
    if not form.accepted.data:
        return ()
    case = room_case(work.session, form.room.data, Span(work.now, work.now + timedelta(hours=1)))
    return tuple(each.public_id for each in case.asked.terms)


def _organisation(work: Work, form: BookForm) -> int | None:
    if not form.organisation.data:
        return None
    found = organisation_by_public_id(work.session, form.organisation.data)
    if found is None:
        raise NotFound
    return found.id


def _person(work: Work, venue: Venue, form: BookForm) -> int | None:
    """For whom: somebody known here, taken up from elsewhere, new, or nobody (the venue's own)."""
    written = form.person.data or ""
    if form.kind.data != "normal" and written in ("", HOUSE):
        return None
    if written == NEW or (not written and form.name.data):
        made = register_person(
            work, venue.id, form.name.data, form.email.data or None, form.phone.data or None
        )
        return made.id
    person = person_in_venue(work.session, written, venue.id) if written else None
    if person is None and written and written != HOUSE:
        person = use_here(work, venue.id, form.find.data or "", written)
    if person is None:
        text = msg("For whom? Find somebody, register somebody, or keep it for the venue.")
        raise Invalid("whom", text, "find")
    return person.id
