"""The page of a room's rules: each value and who says so."""

from __future__ import annotations

from tierslieu.bookings.houserules.queries import quotas_told
from tierslieu.bookings.houserules.words import listed, plain
from tierslieu.bookings.member.cases import open_case
from tierslieu.bookings.views import bp
from tierslieu.web.pages import page
from tierslieu.web.requests import PUBLIC, allow, reading


@bp.get("/rules/<room>")
@allow(PUBLIC)
def house_rules(room: str) -> str:
    """The rules in force in a room for whoever reads."""
    with reading() as work:
        seen = open_case(work, room)
        quotas = quotas_told(work, seen)
    return page(
        "bookings/house_rules.html",
        room=seen.case,
        plain=plain(seen.policy, seen.case.facts.purposes),
        rules=listed(seen.policy, seen.case.facts.purposes),
        quotas=quotas,
        applicant=seen.applicant,
    )
