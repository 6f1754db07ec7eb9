"""Verbs: read a file, queue the making, make a part of it, forget old files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_ical.intake.imports import queries
from tierslieu_ical.intake.imports.models import Import, Imported
from tierslieu_ical.intake.imports.rules import Item, TooMany, items_of
from tierslieu_ical.intake.reading import MOST_DAYS, Unreadable, read
from tierslieu_ical.intake.repeats import Budget, TooMuch
from tierslieu_ical.intake.words import problem

msg = tl.sentences("tierslieu_ical")
nmsg = msg.many

MAKE = "ical.import_make"
#: Bookings made in one transaction: nobody else waits longer than that.
BATCH = 20
#: How long a file is kept to be looked at, and how far ahead one may be imported.
KEPT = timedelta(days=30)
FARTHEST = timedelta(days=730)


@dataclass(frozen=True)
class Brought:
    """A file and what is to become of it; without person and body it is the venue's own."""

    name: str
    data: bytes
    until: date | None = None
    organisation_id: int | None = None
    person_id: int | None = None
    override: str = ""


def bring(work: tl.Work, room: tl.Room, new: Brought) -> Import:
    """Read a file and keep its events to be looked at; nothing is booked.

    Raises Forbidden, and Invalid for what is no calendar, holds too much, or nothing.
    """
    work.require("rooms.edit", venue=room.venue_id)
    work.require("bookings.on_behalf", venue=room.venue_id)
    if new.override:
        work.require("bookings.override", venue=room.venue_id)
    zone = ZoneInfo(work.session.get_one(tl.Venue, room.venue_id).zone)
    name = tl.clean(new.name, field="file")[:100] or "calendar.ics"
    row = Import(
        venue_id=room.venue_id,
        room_id=room.id,
        organisation_id=new.organisation_id,
        person_id=new.person_id,
        made_by_id=work.actor.person_id,
        name=name,
        override=tl.clean(new.override, field="override")[:500],
        items=[_titled(item, name).kept() for item in _items(work, new, zone)],
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    work.audit("ical.import_bring", f"import:{row.public_id}", venue=row.venue_id,
               person=new.person_id, organisation=new.organisation_id,
               items=len(row.items))  # fmt: skip
    return row


def _items(work: tl.Work, new: Brought, zone: ZoneInfo) -> list[Item]:
    window = tl.Span(work.now.replace(microsecond=0), _end(work, new.until, zone))
    try:
        found = items_of(read(new.data, zone), window, zone, Budget(MOST_DAYS))
    except Unreadable as error:
        raise tl.Invalid(error.code, problem(error.code), "file") from error
    except TooMuch as error:
        raise tl.Invalid("too_large", problem("too_large"), "file") from error
    except TooMany as error:
        text = msg("There are too many dates for one import: choose an earlier last day.")
        raise tl.Invalid("too_many", text, "until") from error
    if not found:
        raise tl.Invalid("empty", msg("There is nothing in this calendar."), "file")
    return found


def _end(work: tl.Work, until: date | None, zone: ZoneInfo) -> datetime:
    """The end of the last day; a year ahead unless said otherwise, two at most."""
    today = work.now.astimezone(zone).date()
    last = min(until or today + timedelta(days=365), today + FARTHEST)
    if last < today:
        raise tl.Invalid("past", msg("This day is over."), "until")
    return tl.at_wall(last, 24 * 60, zone)


def _titled(item: Item, name: str) -> Item:
    return item if item.title else replace(item, title=name.removesuffix(".ics")[:200])


def make(work: tl.Work, row: Import, chosen: Sequence[str]) -> None:
    """Queue the making of the chosen events. Raises Conflict when it was done already."""
    work.require("bookings.on_behalf", venue=row.venue_id)
    if row.state != "looking":
        text = msg("This file has been imported already.")
        raise tl.Conflict(tl.Reason("already_answered", text, kind="state"))
    keys = [item.key for item in queries.items(row) if not item.odd and item.key in set(chosen)]
    if not keys:
        raise tl.Invalid("nothing_chosen", msg("Choose at least one event."), "chosen")
    row.state = "making"
    work.later(MAKE, key=f"{MAKE}:{row.id}", brought=row.id, chosen=keys)
    work.audit("ical.import_make", f"import:{row.public_id}", venue=row.venue_id, chosen=len(keys))


def make_some(work: tl.Work, row: Import, chosen: Sequence[str], limit: int) -> list[str]:
    """Make the next of the chosen events, in the actor's name; the keys left are returned."""
    room = work.session.get_one(tl.Room, row.room_id)
    now, left = set(chosen[:limit]), list(chosen[limit:])
    there = queries.known(work.session, room.id, sorted(now))
    done = []
    for item in queries.items(row):
        if item.key in now and not item.made:
            item = (
                replace(item, made="there") if item.key in there else _made(work, row, room, item)
            )
        done.append(item.kept())
    row.items = done
    if not left:
        row.state = "done"
    work.session.flush()
    return left


def _made(work: tl.Work, row: Import, room: tl.Room, item: Item) -> Item:
    """One event by the rules of the house; what is refused says why, in every language."""
    try:
        with work.savepoint():
            wish = queries.wish(row, room, item)
            if item.rule:
                views = tl.book_series(work, wish, quiet=True).views
                claim, dates = views[0].booking.id, len(views)
            else:
                claim, dates = tl.book(work, wish.first, quiet=True).id, 1
            work.session.add(Imported(room_id=room.id, key=item.key, claim_id=claim))
            work.session.flush()
    except tl.Refusal as refusal:
        reason = refusal.reasons[0].message
        return replace(item, made="refused", said={
            locale: tl.say(reason, locale) for locale in ("it", "fr", "en")})  # fmt: skip
    return replace(item, made="booked", dates=dates)


def give_up(work: tl.Work, row: Import, chosen: Sequence[str]) -> None:
    """Whoever brought the file may not book any more: the rest is not made."""
    text = msg("Whoever brought the file may no longer book here.")
    said = {locale: tl.say(text, locale) for locale in ("it", "fr", "en")}
    rest = set(chosen)
    row.items = [
        (replace(item, made="refused", said=said) if item.key in rest else item).kept()
        for item in queries.items(row)
    ]
    row.state = "done"


def tell(work: tl.Work, row: Import) -> None:
    """One mail to the person for whom it was booked: how many, and where to find them."""
    n = sum(1 for item in queries.items(row) if item.made == "booked")
    if row.person_id is None or row.person_id == row.made_by_id or not n:
        return
    venue = work.session.get_one(tl.Venue, row.venue_id)
    subject = msg("%(venue)s has taken over your old calendar", venue=venue.name)
    lines = [nmsg("%(n)s event of it is booked for you now.",
                      "%(n)s events of it are booked for you now.", n)]  # fmt: skip
    whom = tl.addressee(work.session, row.person_id)
    tl.post(work, whom, subject, lines, link="/me", venue_id=venue.id)


def forget_old(work: tl.Work) -> None:
    """Forget files that were brought a month ago; what became of them stays."""
    work.session.execute(sa.delete(Import).where(Import.created_at < work.now - KEPT))


def forget(work: tl.Work, person_id: int) -> None:
    """Take a person out of the files that were brought; hers are forgotten."""
    work.session.execute(sa.delete(Import).where(Import.person_id == person_id))
    work.session.execute(
        sa.update(Import).where(Import.made_by_id == person_id).values(made_by_id=None)
    )
