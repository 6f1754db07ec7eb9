"""What people are told of their loans: each thing once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import tierslieu.toolkit as tl
from tierslieu_lending.models import Thing
from tierslieu_lending.queries import LoanView

msg = tl.sentences("tierslieu_lending")


def told(
    work: tl.Work, view: LoanView, subject: tl.Message, lines: Sequence[tl.Message], about: str
) -> None:
    """Write to whose loan it is."""
    if view.loan.person_id is not None:
        tl.tell(
            work,
            view.loan.person_id,
            subject,
            lines,
            link="/me/loans",
            venue_id=view.venue.id,
            zone=view.venue.zone,
            about=f"lending.{about}",
        )


def reserved(work: tl.Work, view: LoanView) -> None:
    """It is kept for her."""
    span = tl.Span(view.claim.starts_at, view.claim.ends_at)
    lines = [
        msg(
            "“%(thing)s” (%(number)s) is kept for you, %(when)s.",
            thing=view.thing.name,
            number=view.item.number,
            when=span,
        ),
        msg("It is handed over at “%(venue)s”.", venue=view.venue.name),
    ]
    if cents := view.loan.deposit_asked_cents:
        money = tl.Money(cents, tl.network(work.session).currency)
        lines.append(msg("Bring a deposit of %(money)s; you get it back.", money=money))
    told(work, view, msg("Kept for you: %(thing)s", thing=view.thing.name), lines, "reserved")


def cancelled(work: tl.Work, view: LoanView) -> None:
    """The desk took it away from her."""
    span = tl.Span(view.claim.starts_at, view.claim.ends_at)
    text = msg(
        "“%(thing)s”, %(when)s, is no longer kept for you.", thing=view.thing.name, when=span
    )
    told(work, view, msg("Your loan was cancelled"), [text], "cancelled")


def offered(work: tl.Work, view: LoanView, until: datetime, link: str) -> None:
    """It became free and is held for her."""
    if view.loan.person_id is None:
        return
    span = tl.Span(view.claim.starts_at, view.claim.ends_at)
    lines = [
        msg("“%(thing)s” became free, %(when)s.", thing=view.thing.name, when=span),
        msg("It is held for you until %(when)s. Then the next in line is asked.", when=until),
    ]
    subject = msg("Offered to you: %(thing)s", thing=view.thing.name)
    tl.tell(
        work,
        view.loan.person_id,
        subject,
        lines,
        link=link,
        venue_id=view.venue.id,
        zone=view.venue.zone,
        about="lending.offered",
    )


def replaced(work: tl.Work, view: LoanView, before: str) -> None:
    """The one that was kept for her is broken or gone; she gets another one like it."""
    span = tl.Span(view.claim.starts_at, view.claim.ends_at)
    text = msg(
        "“%(thing)s” number %(before)s cannot be lent. Number %(number)s is kept for you instead, "
        "%(when)s: you need not do anything.",
        thing=view.thing.name,
        before=before,
        number=view.item.number,
        when=span,
    )
    told(work, view, msg("Another one for you: %(thing)s", thing=view.thing.name), [text], "other")


def broken(work: tl.Work, view: LoanView, others: Sequence[Thing]) -> None:
    """The one that was kept for her is broken or gone, and there is no other like it."""
    span = tl.Span(view.claim.starts_at, view.claim.ends_at)
    lines = [
        msg(
            "“%(thing)s” cannot be lent, so it is not kept for you %(when)s. We are sorry.",
            thing=view.thing.name,
            when=span,
        )
    ]
    if others:
        names = tuple(other.name for other in others)
        lines.append(msg("Free at that time: %(list)s.", list=names))
    told(work, view, msg("Your loan was cancelled"), lines, "broken")


def came_back(work: tl.Work, view: LoanView) -> None:
    """A receipt, where money went over the desk or something was wrong."""
    loan = view.loan
    if not loan.deposit_taken_cents and loan.condition_back != "damaged":
        return
    currency = tl.network(work.session).currency
    lines = [msg("“%(thing)s” came back. Thank you.", thing=view.thing.name)]
    if loan.deposit_taken_cents:
        lines.append(
            msg(
                "Of your deposit of %(taken)s you got back %(back)s.",
                taken=tl.Money(loan.deposit_taken_cents, currency),
                back=tl.Money(loan.deposit_back_cents, currency),
            )
        )
    if loan.note_back:
        lines.append(msg("Noted at the desk: %(note)s", note=loan.note_back))
    told(work, view, msg("Back: %(thing)s", thing=view.thing.name), lines, "back")


def soon_due(work: tl.Work, view: LoanView) -> None:
    """Tomorrow it is due."""
    text = msg(
        "“%(thing)s” is due at “%(venue)s”: %(when)s.",
        thing=view.thing.name,
        venue=view.venue.name,
        when=view.loan.due_at,
    )
    told(work, view, msg("Due soon: %(thing)s", thing=view.thing.name), [text], "due")


def late(work: tl.Work, view: LoanView) -> None:
    """It was due, and somebody may wait for it."""
    lines = [
        msg("“%(thing)s” was due %(when)s.", thing=view.thing.name, when=view.loan.due_at),
        msg(
            "Perhaps it slipped your mind? Bring it when “%(venue)s” is open, or call us.",
            venue=view.venue.name,
        ),
    ]
    told(work, view, msg("Please bring it back: %(thing)s", thing=view.thing.name), lines, "late")
