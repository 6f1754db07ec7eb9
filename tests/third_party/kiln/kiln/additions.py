"""What kilns add to calendars, reports, searches and exports."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

import tierslieu.toolkit as tl
from kiln import queries
from kiln.models import Firing, Kiln

say = tl.sentences("kiln")


def entries(work: tl.Work, question: tl.CalendarQuestion) -> Iterator[tl.CalendarEntry]:
    """Firings: one's own in one's own calendar, those of the venues in theirs."""
    asked = queries.firings(work.session, question.since, question.until)
    if question.is_own:
        asked = asked.where(Firing.person_id == question.person_id)
    for firing, claim, kiln in work.session.execute(asked):
        yield tl.CalendarEntry(
            f"firing-{firing.public_id}",
            say("Firing: %(kiln)s", kiln=kiln.name),
            claim.starts_at,
            claim.ends_at,
            changed_at=firing.changed_at,
            venue_id=kiln.venue_id,
            visibility="public",
            blocks=question.is_own,
        )


def figures(
    work: tl.Work, asked: tl.ReportAsked, venue_id: int | None
) -> Iterator[tl.ReportSection]:
    """How often, and how many hours, the kilns of a venue were fired."""
    if venue_id is None or asked.organisation_id is not None:
        return
    span = asked.span
    found = queries.firings(work.session, span.starts_at, span.ends_at)
    rows = work.session.execute(found.where(Kiln.venue_id == venue_id)).all()
    times = [tl.Span(claim.starts_at, claim.ends_at).intersection(span) for _, claim, _ in rows]
    minutes = sum(time.minutes for time in times if time is not None)
    yield tl.ReportSection(
        "kiln",
        say("Kilns"),
        (
            tl.Figure(
                "firings", say("Firings"), len(rows), say("Firings that touch one of the days.")
            ),
            tl.Figure(
                "hot",
                say("Time under fire"),
                minutes,
                say("From the beginning of a firing to its end, as far as it lies in the days."),
                unit="minutes",
            ),
        ),
    )


def results(work: tl.Work, words: str) -> Iterator[tl.SearchResult]:
    """Kilns by their names."""
    for kiln, venue in queries.kilns(work.session):
        if tl.is_on(work, venue.id) and tl.has_words(words, kiln.name, venue.name):
            yield tl.SearchResult(kiln.name, f"/venues/{venue.slug}/kilns", say("Kiln"), venue.name)


def checked(work: tl.Work) -> Iterator[tl.HealthCheck]:
    """Whether there is anything to fire."""
    n = len(queries.kilns(work.session))
    if n:
        yield tl.HealthCheck("kilns", "ok", say.many("%(n)s kiln is up.", "%(n)s kilns are up.", n))
    else:
        yield tl.HealthCheck("kilns", "warning", say("No kiln is up yet."))


def exported(work: tl.Work, person_id: int) -> Iterator[tl.PersonDataPart]:
    """What she fired."""
    asked = (
        sa.select(Kiln.name, tl.Claim.starts_at, Firing.degrees)
        .select_from(Firing)
        .join(Kiln, Kiln.id == Firing.kiln_id)
        .join(tl.Claim, tl.Claim.id == Firing.id)
        .where(Firing.person_id == person_id)
    )
    rows = [
        {"kiln": row.name, "from": tl.iso(row.starts_at), "degrees": row.degrees}
        for row in work.session.execute(asked)
    ]
    yield tl.PersonDataPart(say("Firings"), tuple(rows))
