"""What lending adds to menus, pages, calendars, searches, reports and the doctor's list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu_lending import queries, words
from tierslieu_lending.models import Item, Loan, Thing

msg = tl.sentences("tierslieu_lending")

PERMISSIONS = (
    tl.Permission("lending.borrow", msg("Borrow things"), to=("venue_desk",), own=("account",)),
    tl.Permission("lending.read_own", msg("See one's own loans"), own=("account",)),
    tl.Permission(
        "lending.desk",
        msg("Hand things over and take them back"),
        to=("venue_desk", "venue_manager"),
    ),
    tl.Permission("lending.edit", msg("Keep the things that are lent"), to=("venue_manager",)),
)
#: So many things stand on a venue's page and on its desk.
SHOWN = 6


def blueprints() -> list[Any]:
    """The pages and endpoints; looked for when the web is set up."""
    for more in ("desk.stock_views", "waiting.views"):
        import_module(f"tierslieu_lending.{more}")
    names = ("tierslieu_lending.views", "tierslieu_lending.desk.views", "tierslieu_lending.rest")
    return [import_module(name).bp for name in names]


def entries_of_menus(
    actor: tl.Actor, place: str, venue_id: int | None, slug: str
) -> Iterator[tl.NavItem]:
    """The library for everybody, one's own loans, the desk's."""
    if place == "main":
        yield tl.NavItem(msg("Things"), "/lending", icon="box", order=35)
    elif place == "me" and actor.may("lending.read_own", own=True):
        yield tl.NavItem(msg("My loans"), "/me/loans", icon="box", order=35)
    elif place == "desk" and venue_id is not None and actor.may("lending.desk", venue=venue_id):
        yield tl.NavItem(msg("Lending"), f"/manage/{slug}/lending", icon="box", order=45)


def panels(
    work: tl.Work, place: str, subject: Mapping[str, Any], venue_id: int | None
) -> Iterator[tl.Panel]:
    """Loans on one's own page, on the desk's, on a person's; things on a venue's page."""
    if place == "me" and work.actor.person_id is not None:
        if rows := queries.loans_of(work, work.actor.person_id):
            yield tl.Panel("lending/me.html", {"rows": rows, **words.EVERYTHING}, order=40)
    elif place == "today" and "today" in subject:
        yield from _today(work, subject["today"])
    elif place == "person" and venue_id is not None:
        yield from _person(work, subject["person"], venue_id)
    elif place == "venue" and "venue" in subject:
        yield from _venue(work, subject["venue"])


def _today(work: tl.Work, venue: tl.Venue) -> Iterator[tl.Panel]:
    if not work.actor.may("lending.desk", venue=venue.id):
        return
    rows = [
        row
        for row in queries.loans_at(work, venue.id)
        if row.is_late or (row.loan.state == "reserved" and row.claim.starts_at <= work.now)
    ]
    if rows:
        values = {"rows": rows[:SHOWN], "slug": venue.slug, **words.EVERYTHING}
        yield tl.Panel("lending/today.html", values, order=50)


def _person(work: tl.Work, person: tl.Person, venue_id: int) -> Iterator[tl.Panel]:
    if not work.actor.may("lending.desk", venue=venue_id):
        return
    venue = work.session.get_one(tl.Venue, venue_id)
    rows = [row for row in queries.loans_of(work, person.id) if row.venue.id == venue_id]
    values = {"rows": rows, "slug": venue.slug, "person": person.public_id, **words.EVERYTHING}
    yield tl.Panel("lending/person.html", values, order=60)


def _venue(work: tl.Work, venue: tl.Venue) -> Iterator[tl.Panel]:
    if views := queries.library(work, venue=venue.slug)[:SHOWN]:
        values = {"views": views, "slug": venue.slug, "now": work.now}
        yield tl.Panel("lending/venue.html", values, order=70)


def dated(work: tl.Work, question: tl.CalendarQuestion) -> Iterator[tl.CalendarEntry]:
    """One's own loans in one's own calendar; who has what stands in nobody else's."""
    if question.person_id is None:
        return
    asked = queries.loans(
        Loan.person_id == question.person_id,
        Loan.state.in_(("reserved", "out")),
        tl.Claim.starts_at < question.until,
        tl.Claim.ends_at > question.since,
    )
    for row in queries.viewed(work, asked):
        yield tl.CalendarEntry(
            f"loan-{row.loan.public_id}",
            msg("On loan: %(thing)s", thing=row.thing.name),
            row.claim.starts_at,
            row.claim.ends_at,
            changed_at=row.loan.changed_at,
            sequence=row.loan.revision,
            venue_id=row.venue.id,
            location=row.venue.name,
            url="/me/loans",
        )


def figures(
    work: tl.Work, asked: tl.ReportAsked, venue_id: int | None
) -> Iterator[tl.ReportSection]:
    """How much was lent, to how many, and how much of it came back in time."""
    if venue_id is None or asked.organisation_id is not None:
        return
    span = asked.span
    out = sa.select(Loan).where(
        Loan.venue_id == venue_id, Loan.out_at >= span.starts_at, Loan.out_at < span.ends_at
    )
    loans = out.subquery()
    counted = sa.select(
        sa.func.count(),
        sa.func.count().filter(loans.c.back_at > loans.c.due_at),
        sa.func.count().filter(loans.c.condition_back == "damaged"),
    ).select_from(loans)
    lent, late, damaged = work.session.execute(counted).one()
    people = work.session.scalars(
        sa.select(loans.c.person_id).where(loans.c.person_id.is_not(None)).distinct()
    )
    on_days = msg("Things handed over on one of the days.")
    yield tl.ReportSection(
        "lending",
        msg("Lending"),
        (
            tl.Figure("lent", msg("Loans"), lent, on_days),
            tl.Figure(
                "borrowers",
                msg("People who borrowed"),
                0,
                msg("Each person once, however often she borrowed."),
                distinct=frozenset(people),
                people=True,
            ),
            tl.Figure(
                "late",
                msg("Brought back late"),
                late,
                msg("Of these loans: back after they were due."),
            ),
            tl.Figure(
                "damaged",
                msg("Damaged"),
                damaged,
                msg("Of these loans: damaged when they came back."),
            ),
        ),
    )


def results(work: tl.Work, said: str) -> Iterator[tl.SearchResult]:
    """Things by their names."""
    asked = (
        sa.select(Thing, tl.Venue)
        .join(tl.Venue, tl.Venue.id == Thing.venue_id)
        .where(Thing.offered, tl.Venue.published, tl.places(work).condition(Thing.venue_id))
    )
    for thing, venue in work.session.execute(asked.order_by(Thing.id)):
        if tl.has_words(said, *thing.name.values()):
            title = thing.name.best(work.locale, "it")[1]
            yield tl.SearchResult(
                title, f"/lending/{thing.public_id}", msg("To borrow"), venue.name
            )


def checked(work: tl.Work) -> Iterator[tl.HealthCheck]:
    """Whether what is late is many, and whether promises are of things in use."""
    late = work.session.scalar(
        sa.select(sa.func.count())
        .select_from(Loan)
        .where(Loan.state == "out", Loan.due_at < work.now)
    )
    broken = work.session.scalar(
        sa.select(sa.func.count())
        .select_from(Loan)
        .join(Item, Item.id == Loan.item_id)
        .where(Loan.state == "reserved", Item.state != "in_use")
    )
    if broken:
        text = msg.many(
            "%(n)s loan is of a thing that is not in use.",
            "%(n)s loans are of things that are not in use.",
            broken,
        )
        yield tl.HealthCheck("lending", "warning", text)
    else:
        text = msg.many("%(n)s thing is late.", "%(n)s things are late.", late or 0)
        yield tl.HealthCheck("lending", "ok", text)
