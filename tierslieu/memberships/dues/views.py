"""Taking dues at the desk: one press on the list, or an amount on the member's page."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for

from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.kernel.money import Money
from tierslieu.memberships.blueprint import bp, desk_venue
from tierslieu.memberships.dues import services
from tierslieu.memberships.forms import DuesForm
from tierslieu.memberships.queries import payments_of
from tierslieu.memberships.register.views import member_page
from tierslieu.web.pages import back_to, current_network, flash_message
from tierslieu.web.requests import allow, current_locale, writing


@bp.post("/manage/<slug>/members/<public_id>/dues")
@allow("dues.take")
def take_dues(slug: str, public_id: str) -> Any:
    """Take dues: all that is owed by the method pressed, or the amount written."""
    form = DuesForm()
    written = "amount" in request.form
    if written and not form.validate():
        return member_page(slug, public_id, dues_form=form), 422
    method = request.form.get("method", "")
    try:
        with writing() as work:
            venue = desk_venue(work, slug, "dues.take")
            cents = form.amount.data if written else None
            taken = services.take_dues(work, venue.id, public_id, method, cents)
            number = len(payments_of(work.session, [taken.membership_id])[taken.membership_id])
    except Refusal as refusal:
        if not written:
            raise
        form.refuse(refusal)
        return member_page(slug, public_id, dues_form=form), refusal.status
    _say_taken(slug, public_id, taken.amount_cents, number)
    return redirect(back_to(url_for("memberships.desk_member", slug=slug, public_id=public_id)))


def _say_taken(slug: str, public_id: str, cents: int, number: int) -> None:
    text = msg("Dues waived.")
    if cents:
        text = msg("%(amount)s taken.", amount=Money(cents, current_network().currency))
    undo = url_for("memberships.withdraw_dues", slug=slug, public_id=public_id)
    toast: Any = {
        "text": say(text, current_locale()),
        "undo_url": undo,
        "fields": {"number": number, "next": back_to("")},
    }
    flash(toast, "ok")


@bp.post("/manage/<slug>/members/<public_id>/dues/withdraw")
@allow("dues.take")
def withdraw_dues(slug: str, public_id: str) -> Any:
    """Take a payment back: it stays on the page, crossed by its opposite."""
    number = request.form.get("number", "")
    with writing() as work:
        venue = desk_venue(work, slug, "dues.take")
        services.withdraw_dues(
            work, venue.id, public_id, int(number) if number.isascii() and number.isdigit() else 0
        )
    flash_message(msg("Taken back; both stay in the book."))
    return redirect(back_to(url_for("memberships.desk_member", slug=slug, public_id=public_id)))
