"""What is asked before one books: terms at one venue, a training for a kitchen, and a guest."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tierslieu.bookings.guests.models import GuestBooking, GuestLink
from tierslieu.bookings.guests.services import book_as_guest, confirm
from tierslieu.bookings.models import Booking, Policy
from tierslieu.bookings.preconditions.models import Precondition, Qualification
from tierslieu.bookings.services import NewBooking
from tierslieu.bookings.terms.models import Terms
from tierslieu.demo.loading.tables import Known, put
from tierslieu.demo.records import ZONE
from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import hash_token
from tierslieu.kernel.work import Work
from tierslieu.people.models import Account, PersonVenue
from tierslieu.people.queries import anonymous
from tierslieu.venues.models import Room

#: Terms and guests: at an invented venue.
INVENTED: Final = "demo-27"
TRAINED: Final = ("gattaglio", "cucina")
#: So many people have the training; the demo's own member is one of them.
HOLDERS: Final = 6
#: An address that everybody may try; in a demo alone, where nothing is secret.
LINK: Final = "demo-guest"
TITLE: Final = Texts(it="Regole della casa", fr="Règles de la maison", en="Rules of the house")
TEXT: Final = Texts(
    it="Si lascia la sala come la si è trovata: sedie a posto, luci spente, finestre chiuse.\n\n"
    "Dopo le 22 si parla piano: sopra di noi qualcuno dorme.\n\n"
    "Chi rompe qualcosa lo dice: un danno detto subito si aggiusta insieme.",
    fr="On laisse la salle comme on l’a trouvée : chaises rangées, lumières éteintes, fenêtres "
    "fermées.\n\nAprès 22 heures on parle bas : au-dessus, quelqu’un dort.\n\n"
    "Qui casse quelque chose le dit : un dégât dit tout de suite se répare ensemble.",
    en="Leave the room as you found it: chairs in place, lights off, windows closed.\n\n"
    "After 10 pm speak softly: somebody sleeps above us.\n\n"
    "Whoever breaks something says so: damage told at once is mended together.",
)
TRAINING: Final = Texts(
    it="Formazione per la cucina", fr="Formation pour la cuisine", en="Training for the kitchen"
)
HOW: Final = Texts(
    it="Si fa in un’ora, il primo martedì del mese alle 18, al banco del centro.",
    fr="Une heure, le premier mardi du mois à 18 heures, à l’accueil du centre.",
    en="It takes an hour, on the first Tuesday of the month at 6 pm, at the centre's desk.",
)


def ask_first(work: Work, known: Known) -> None:
    """Write them; nothing where a venue of the story is not there."""
    if TRAINED in known.resources:
        _training(work, known.venues[TRAINED[0]], known.resources[TRAINED])
    if INVENTED in known.venues:
        _terms(work, known.venues[INVENTED])
        _guest(work, known.resources[INVENTED, "sala-riunioni"])


def _training(work: Work, venue: int, kitchen: int) -> None:
    need = Precondition(venue_id=venue, rooms=[kitchen], kind="training", label=TRAINING, how=HOW)
    work.session.add(need)
    work.session.flush()
    people = work.session.scalars(
        sa.select(PersonVenue.person_id)
        .outerjoin(Account, Account.person_id == PersonVenue.person_id)
        .where(PersonVenue.venue_id == venue)
        .order_by(Account.id.is_(None), PersonVenue.person_id)
        .limit(HOLDERS)
    ).all()
    today = work.now.date()
    put(work, Qualification, [
        {"precondition_id": need.id, "person_id": person, "from_on": today - timedelta(days=60 * n),
         "until_on": today + timedelta(days=730 - 60 * n), "note": "",
         "granted_at": work.now - timedelta(days=60 * n)}
        for n, person in enumerate(people, start=1)
    ])  # fmt: skip


def _terms(work: Work, venue: int) -> None:
    since = work.now - timedelta(days=200)
    put(work, Terms, [
        {"venue_id": venue, "kind": "house", "number": 1, "title": TITLE, "text": TEXT,
         "valid_from": since.date(), "published_at": since},
    ])  # fmt: skip


def _guest(work: Work, room_id: int) -> None:
    """A guest who confirmed her address, on the first evening that is free."""
    policy = work.session.scalars(
        sa.select(Policy).where(Policy.room_id == room_id, Policy.audience == "everyone")
    ).one()
    policy.rules = {**policy.rules, "who_may_book": "anyone"}
    work.session.flush()
    room = work.session.get_one(Room, room_id).public_id
    terms = tuple(work.session.scalars(sa.select(Terms.public_id)))
    nobody = replace(work, actor=anonymous("it"))
    for days in range(7, 28):
        day = work.now.date() + timedelta(days=days)
        start = datetime.combine(day, time(16), ZoneInfo(ZONE))
        new = NewBooking(room, Span(start, start + timedelta(hours=1)), "Riunione di condominio",
                         attendance=8, accept_terms=terms, purpose="meeting")  # fmt: skip
        try:
            with work.savepoint():
                booking = book_as_guest(nobody, new, "Ines Bigliardi", "guest@demo.example")
        except Refusal:
            continue
        _confirmed(work, booking)
        return


def _confirmed(work: Work, booking: Booking) -> None:
    link = work.session.scalars(
        sa.select(GuestLink).join(GuestBooking, GuestBooking.booking_id == GuestLink.booking_id)
        .where(GuestLink.booking_id == booking.id)
    ).one()  # fmt: skip
    link.token_hash = hash_token(LINK)
    work.session.flush()
    confirm(work, LINK)
