"""Invented things and loans for the demo."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_lending import queries, services, stock
from tierslieu_lending.models import Thing
from tierslieu_lending.stock import ThingSaid

T = tl.Texts
THINGS: tuple[tuple[ThingSaid, int], ...] = (
    (
        ThingSaid(
            T(it="Scala a tre rampe, 6 metri", fr="Échelle à trois plans, 6 mètres",
              en="Ladder, three sections, 6 metres"),
            T(it="Arriva alla grondaia di un primo piano. Serve un'auto con portapacchi.",
              fr="Atteint la gouttière d'un premier étage. Il faut une voiture à galerie.",
              en="Reaches the gutter of a first floor. You need a car with a roof rack."),
            "tools", checks=("Due piedini di gomma", "Gancio di sicurezza"),
            value_cents=18_000, deposit_cents=2_000, longest_days=4,
        ),
        2,
    ),
    (
        ThingSaid(
            T(it="Trapano a percussione", fr="Perceuse à percussion", en="Hammer drill"),
            T(it="Con una valigetta di punte per muro e legno.",
              fr="Avec un coffret de forets pour le mur et le bois.",
              en="With a case of bits for walls and wood."),
            "tools", checks=("Valigetta", "12 punte", "Impugnatura"), value_cents=9_000,
            deposit_cents=1_000,
        ),
        3,
    ),
    (
        ThingSaid(
            T(it="Proiettore con telo", fr="Projecteur et écran", en="Projector and screen"),
            T(it="Per una sera di cinema in cortile: luce da 3.000 lumen, telo da due metri.",
              fr="Pour une soirée cinéma dans la cour : 3 000 lumens, écran de deux mètres.",
              en="For a film night in the yard: 3,000 lumens, a screen two metres wide."),
            "screen", checks=("Cavo HDMI", "Telecomando", "Telo"), audience="members",
            value_cents=45_000, deposit_cents=5_000, longest_days=3,
        ),
        1,
    ),
    (
        ThingSaid(
            T(it="Gazebo pieghevole 3×3", fr="Tonnelle pliante 3×3", en="Folding gazebo, 3×3"),
            T(it="Si monta in due in dieci minuti.", fr="Se monte à deux en dix minutes.",
              en="Two people put it up in ten minutes."),
            "party", value_cents=12_000, deposit_cents=2_000,
        ),
        2,
    ),
    (
        ThingSaid(
            T(it="Carrello per la bici", fr="Remorque à vélo", en="Bicycle trailer"),
            T(it="Porta fino a 40 kg, o la spesa di una settimana.",
              fr="Porte 40 kg, ou les courses d'une semaine.",
              en="Carries 40 kg, or the shopping of a week."),
            "transport", value_cents=20_000, deposit_cents=1_500,
        ),
        1,
    ),
    (
        ThingSaid(
            T(it="Stampelle, un paio", fr="Béquilles, une paire", en="Crutches, a pair"),
            T(it="Regolabili. Si tengono finché servono, senza cauzione.",
              fr="Réglables. On les garde tant qu'il faut, sans caution.",
              en="Adjustable. Kept as long as they are needed, without deposit."),
            "care", longest_days=60, value_cents=3_000,
        ),
        4,
    ),
    (
        ThingSaid(
            T(it="Macchina da cucire", fr="Machine à coudre", en="Sewing machine"),
            T(it="La mostriamo il giovedì al repair café.",
              fr="On la montre le jeudi au repair café.",
              en="We show it on Thursdays at the repair café."),
            "other", audience="members", value_cents=25_000, deposit_cents=3_000,
        ),
        1,
    ),
)  # fmt: skip


def invent(work: tl.Work) -> None:
    """Things at the first venues, and some loans of the demo's people; all invented."""
    slugs = ("gattaglio", "orologio")
    found = work.session.scalars(sa.select(tl.Venue).where(tl.Venue.slug.in_(slugs))).all()
    for venue in found:
        for said, n in THINGS if venue.slug == "gattaglio" else THINGS[:4]:
            thing = stock.put_thing(work, venue.id, said)
            stock.add_items(work, thing, n)
    gattaglio = next((each for each in found if each.slug == "gattaglio"), None)
    if gattaglio is not None:
        _loans(work, gattaglio)


def _loans(work: tl.Work, venue: tl.Venue) -> None:
    things = work.session.scalars(
        sa.select(Thing).where(Thing.venue_id == venue.id).order_by(Thing.id)
    ).all()
    emails = ("member@demo.example", "member2@demo.example")
    asked = sa.select(tl.Account.email, tl.Account.person_id).where(tl.Account.email.in_(emails))
    people = {row.email: row.person_id for row in work.session.execute(asked)}
    first, second = (people.get(email) for email in emails)
    zone = ZoneInfo(venue.zone)
    today = tl.local_date(work.now, zone)

    def span(start: int, end: int) -> tl.Span:
        return tl.Span(
            tl.at_wall(today + timedelta(days=start), 600, zone),
            tl.at_wall(today + timedelta(days=end), 1080, zone),
        )

    if first is not None:
        services.reserve(work, things[0], span(2, 4), person_id=first)
        _out(work, services.reserve(work, things[5], span(1, 30), person_id=first).public_id, 0, 9)
    if second is not None:
        services.reserve(work, things[3], span(5, 7), person_id=second)
        late = services.reserve(work, things[1], span(1, 3), person_id=second)
        _out(work, late.public_id, 1_000, -2)


def _out(work: tl.Work, public_id: str, deposit_cents: int, due_in_days: int) -> None:
    """It was handed over, and is due then."""
    view = queries.loan_by_id(work, public_id)
    said = services.HandedOver(deposit_cents, signed=view.person.name if view.person else "")
    loan = services.hand_out(work, view, said)
    if due_in_days < 0:
        # It was lent before the demo began, so that something is late.
        zone = ZoneInfo(view.venue.zone)
        day = tl.local_date(work.now, zone) + timedelta(days=due_in_days)
        loan.due_at = tl.at_wall(day, 1080, zone)
        loan.out_at = loan.due_at - timedelta(days=4)
        tl.move_claim(work, view.claim, tl.Span(loan.out_at, loan.due_at), [view.item.id])
