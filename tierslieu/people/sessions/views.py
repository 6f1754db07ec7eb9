"""Pages to sign in and out, to see one's sessions, and to choose a language."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from tierslieu.config import LANGUAGES
from tierslieu.kernel.errors import Invalid, NotFound
from tierslieu.kernel.messages import msg
from tierslieu.kernel.tokens import hash_token
from tierslieu.people.accounts.services import send_confirmation
from tierslieu.people.blueprint import bp, my_page
from tierslieu.people.desk.services import set_locale
from tierslieu.people.models import Account
from tierslieu.people.sessions import services
from tierslieu.people.sessions.forms import SignInForm
from tierslieu.people.sessions.queries import sessions_of
from tierslieu.web.auth import forget, remember, session_token
from tierslieu.web.limits import limit
from tierslieu.web.pages import back_to, flash_message, page
from tierslieu.web.requests import (
    LANGUAGE_COOKIE,
    PUBLIC,
    SIGNED_IN,
    allow,
    current_actor,
    current_site,
    reading,
    writing,
)

_WRONG = msg("Address and password do not fit together.")
_UNCONFIRMED = msg("Confirm your address first: we have just mailed you the link again.")


@bp.get("/sign-in")
@allow(PUBLIC)
def sign_in() -> Any:
    """The form to sign in."""
    form = SignInForm(formdata=None, next=request.args.get("next", ""))
    if not current_actor().is_anonymous:
        return redirect(back_to(url_for("people.me")))
    return page("people/sign_in.html", form=form)


@bp.post("/sign-in")
@allow(PUBLIC)
@limit("30/10minutes")
@limit("20/hour", field="email")
def sign_in_submit() -> Any:
    """Begin a session; wrong and unknown are one answer in one time."""
    form = SignInForm()
    if not form.validate():
        return page("people/sign_in.html", form=form), 422
    with reading() as work:
        known = services.recognise(work, form.email.data, form.password.data)
    token = _begin(known) if known else None
    if token is None:
        form.refuse(_refusal(known))
        return page("people/sign_in.html", form=form), 422
    remember(token)
    return redirect(back_to(url_for("people.me")))


def _begin(known: services.Recognised) -> str | None:
    """The new session's token; an account not confirmed yet gets its link again instead."""
    with writing() as work:
        token = services.sign_in(work, known, request.user_agent.string)
        if token is None:
            account = work.session.get(Account, known.account_id)
            if account is not None and account.confirmed_at is None:
                send_confirmation(work, account)
        return token


def _refusal(known: services.Recognised | None) -> Invalid:
    if known is None:
        return Invalid("wrong_credentials", _WRONG)
    return Invalid("not_confirmed", _UNCONFIRMED)


@bp.post("/sign-out")
@allow(PUBLIC)
def sign_out() -> Any:
    """End this session."""
    token = session_token()
    if token:
        with writing() as work:
            services.sign_out(work, token)
    forget()
    flash_message(msg("You are signed out."))
    return redirect("/")


@bp.get("/me/sessions")
@allow(SIGNED_IN)
def me_sessions() -> Any:
    """Where one is signed in."""
    here = hash_token(session_token() or "")
    with reading() as work:
        rows = sessions_of(work.session, current_actor().account_id or 0, work.now)
    return my_page("people/me_sessions.html", sessions=rows, here=here)


@bp.post("/me/sessions/end")
@allow("accounts.own")
def me_session_end() -> Any:
    """End one session, or all others."""
    which = request.form.get("session", "")
    here = hash_token(session_token() or "")
    with writing() as work:
        if which:
            services.end_session(work, which)
        else:
            services.sign_out_everywhere(work, keep=here)
    flash_message(msg("Signed out there.") if which else msg("You are signed out everywhere else."))
    return redirect(url_for("people.me_sessions"))


@bp.get("/language/<code>")
@allow(PUBLIC)
def language(code: str) -> Any:
    """Read the site in a language, in this browser."""
    return _in_language(code)


@bp.post("/language")
@allow(PUBLIC)
def language_submit() -> Any:
    """Read the site in a language; whoever is signed in gets her mails in it too."""
    code = request.form.get("language", "")
    if code in LANGUAGES and not current_actor().is_anonymous:
        with writing() as work:
            set_locale(work, code)
    return _in_language(code)


def _in_language(code: str) -> Any:
    if code not in LANGUAGES:
        raise NotFound
    response = redirect(back_to("/"))
    response.set_cookie(
        LANGUAGE_COOKIE,
        code,
        max_age=365 * 86400,
        samesite="Lax",
        httponly=True,
        secure=current_site().config.base_url.startswith("https://"),
    )
    return response
