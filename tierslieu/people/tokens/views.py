"""Pages about one's API tokens; the secret is shown once, in the answer that made it."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from wtforms import SelectChoice

from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.people.blueprint import bp, my_page
from tierslieu.people.tokens import services
from tierslieu.people.tokens.forms import SCOPES, TokenForm
from tierslieu.people.tokens.queries import living_tokens
from tierslieu.web.limits import limit
from tierslieu.web.pages import flash_message
from tierslieu.web.requests import (
    allow,
    current_actor,
    current_locale,
    current_site,
    reading,
    writing,
)


@bp.get("/me/tokens")
@allow("tokens.own")
def me_tokens() -> Any:
    """One's tokens and the form for another."""
    return _page(_form(empty=True))


@bp.post("/me/tokens")
@allow("tokens.own")
@limit("20/hour")
def me_tokens_submit() -> Any:
    """Make a token."""
    form = _form()
    if not form.validate():
        return _page(form), 422
    try:
        with writing() as work:
            _, secret = services.create_token(
                work, form.name.data, form.scopes.data, days=int(form.days.data)
            )
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form), refusal.status
    return _page(_form(empty=True), secret=secret)


@bp.post("/me/tokens/revoke")
@allow("tokens.own")
def me_token_revoke() -> Any:
    """Stop one token, or all."""
    which = request.form.get("token", "")
    with writing() as work:
        if which:
            services.revoke_token(work, which)
        else:
            services.revoke_all(work)
    flash_message(msg("Stopped. It opens nothing any more."))
    return redirect(url_for("people.me_tokens"))


def _form(*, empty: bool = False) -> TokenForm:
    """The form, with what plugins let her do among its choices."""
    form = TokenForm(formdata=None) if empty else TokenForm()
    offered = current_site().plugins.offered(current_actor())
    more = [SelectChoice(each.name, say(text, current_locale())) for each, text in offered]
    form.scopes.choices = [*SCOPES, *more]
    return form


def _page(form: TokenForm, secret: str | None = None) -> str:
    with reading() as work:
        rows = living_tokens(work.session, work.actor.account_id or 0, work.now)
    return my_page("people/me_tokens.html", form=form, tokens=rows, secret=secret)
