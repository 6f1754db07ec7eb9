"""What people are told about their membership; without an address, the desk tells them."""

from __future__ import annotations

from tierslieu.kernel.mail import post
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.money import Money
from tierslieu.kernel.work import Work
from tierslieu.memberships.queries import MembershipView
from tierslieu.venues.queries import network


def applied(work: Work, view: MembershipView) -> None:
    """Your application arrived."""
    lines = [msg("“%(venue)s” will answer; you will be told here.", venue=view.venue.name)]
    _tell(work, view, msg("You asked for: %(plan)s", plan=view.plan.name), lines)


def admitted(work: Work, view: MembershipView) -> None:
    """You are a member: number, season, what is still due."""
    lines = [
        msg("Your card is number %(number)s.", number=view.membership.card_number or ""),
        msg(
            "Season %(season)s: it counts until %(last)s.",
            season=str(view.season),
            last=view.season.last_day,
        ),
    ]
    if view.owed_cents:
        amount = Money(view.owed_cents, network(work.session).currency)
        lines.append(msg("Dues of %(amount)s are still to be paid at the desk.", amount=amount))
    _tell(work, view, msg("You are a member of “%(venue)s”", venue=view.venue.name), lines)


def refused(work: Work, view: MembershipView) -> None:
    """Your application was refused, and why."""
    lines: list[Message | str] = [
        msg("“%(venue)s” did not accept it. The reason:", venue=view.venue.name),
        view.membership.reason,
    ]
    _tell(work, view, msg("Your application was refused: %(plan)s", plan=view.plan.name), lines)


def left(work: Work, view: MembershipView) -> None:
    """Somebody ended your membership."""
    lines: list[Message | str] = [msg("“%(venue)s” ended your membership.", venue=view.venue.name)]
    if view.membership.reason:
        lines.append(view.membership.reason)
    _tell(work, view, msg("Your membership has ended: %(plan)s", plan=view.plan.name), lines)


def lapsing(work: Work, view: MembershipView) -> bool:
    """Your season ends soon. False when she has no address: this alone is no errand for a desk."""
    lines = [
        msg("The season ends on %(day)s.", day=view.season.last_day),
        msg("To stay a member, renew on your page or at the desk."),
    ]
    subject = msg("Your card ends soon: %(plan)s", plan=view.plan.name)
    return post(
        work, view.person, subject, lines, link="/me", zone=view.venue.zone,
        about=_about(view),
    )  # fmt: skip


def _tell(
    work: Work, view: MembershipView, subject: Message, lines: list[Message] | list[Message | str]
) -> None:
    post(
        work, view.person, subject, lines, link="/me", zone=view.venue.zone,
        venue_id=view.venue.id, about=_about(view),
    )  # fmt: skip


def _about(view: MembershipView) -> str:
    return f"membership:{view.membership.public_id}"
