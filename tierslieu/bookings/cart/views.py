"""The page of one's list: every line with its fate, the price of all, and sending it."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from tierslieu.bookings.accessories.queries import named_things
from tierslieu.bookings.cart import services
from tierslieu.bookings.cart.queries import Line
from tierslieu.bookings.cart.services import Together
from tierslieu.bookings.member.when import in_fields
from tierslieu.bookings.views import bp
from tierslieu.kernel.errors import Choice, Refusal
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import nmsg
from tierslieu.kernel.money import Money
from tierslieu.kernel.span import local_date
from tierslieu.kernel.work import Work
from tierslieu.venues.queries import network
from tierslieu.web.limits import limit
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import SIGNED_IN, allow, current_locale, writing


@bp.get("/cart")
@allow(SIGNED_IN)
@limit("120/minute")
def cart() -> str:
    """The list as it stands: all lines judged together, as if it were sent now."""
    with writing() as work:
        return _page(work)


@bp.post("/cart/send")
@allow("bookings.create")
@limit("30/minute")
def cart_send() -> Any:
    """Send all of it, or what fits; what cannot be had stays, with its reasons."""
    skip = request.form.get("what") == "fits"
    try:
        with writing() as work:
            ticked = request.form.getlist("accept_terms")
            _, found = services.send(work, skip=skip, accepts=ticked)
            made = len(found.made)
            rest = bool(found.refused)
    except Refusal as refusal:
        with writing() as work:
            return _page(work, refusal), refusal.status
    flash_message(nmsg("Sent: %(n)s booking.", "Sent: %(n)s bookings.", made))
    return redirect(url_for("bookings.cart" if rest else "bookings.me_bookings"), 303)


@bp.post("/cart/<public_id>/remove")
@allow(SIGNED_IN)
def cart_remove(public_id: str) -> Any:
    """Take one line out."""
    with writing() as work:
        services.remove(work, public_id)
    return redirect(url_for("bookings.cart"), 303)


def _page(work: Work, refusal: Refusal | None = None) -> str:
    lines, found = services.look(work)
    currency = network(work.session).currency
    why = refusal.reasons if refusal else ()
    unaccepted = [each.message for each in why if each.code == "terms_not_accepted"]
    ticked = request.form.getlist("accept_terms")
    return page(
        "bookings/cart.html",
        rows=[_row(line, n, found, currency) for n, line in enumerate(lines)],
        total=Money(found.cents, currency),
        fits=len(found.made),
        refused=len(why) > len(unaccepted),
        terms=[_terms(each, ticked) for each in found.terms],
        unaccepted=list(dict.fromkeys(say(each, current_locale()) for each in unaccepted)),
        things=named_things(work.session, {each["id"] for li in lines for each in li.row.things}),
    )


def _terms(choice: Choice, ticked: list[str]) -> tuple[str, str, bool]:
    """Terms as the fieldset shows them: public id, what they are called, whether ticked."""
    key = str(choice.values["accept_terms"])
    return key, say(choice.label, current_locale()), key in ticked


def _row(line: Line, n: int, found: Together, currency: str) -> dict[str, Any]:
    """One line as the page shows it; its choices open the booking page filled in."""
    outcome, refusal = found.made.get(n), found.refused.get(n)
    reasons = refusal.reasons if refusal else ()
    return {
        "line": line,
        "state": outcome.state if outcome else "",
        "price": Money(outcome.cents, currency) if outcome else None,
        "reasons": in_fields(reasons, line.zone, None),
        "day": local_date(line.row.starts_at, line.zone),
        "fields": line_fields(line),
    }


def line_fields(line: Line) -> dict[str, Any]:
    """A line as fields of the booking page."""
    from tierslieu.bookings.member.when import fields_of_span

    row = line.row
    told: dict[str, Any] = fields_of_span(line.span, line.zone) | {
        "title": row.title,
        "n": row.attendance,
        "layout": row.layout,
        "visibility": row.visibility,
        "note": row.note,
        "purpose": row.purpose,
        "places": row.places,
        "place": row.place,
    }
    if row.declared:
        told["declared"] = list(row.declared)
    told |= {f"thing-{each['id']}": each["quantity"] for each in row.things}
    return {name: value for name, value in told.items() if value}
