"""Pages to open an account, confirm it, and get back in; the same answer for everybody."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for

from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import msg
from tierslieu.kernel.tokens import hash_token
from tierslieu.people.accounts import links, services
from tierslieu.people.accounts.forms import (
    AskResetForm,
    EmailForm,
    PasswordForm,
    RegisterForm,
    ResetForm,
    SureForm,
)
from tierslieu.people.blueprint import bp, my_page
from tierslieu.web.auth import session_token
from tierslieu.web.limits import limit
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import PUBLIC, SIGNED_IN, allow, reading, writing


@bp.get("/register")
@allow(PUBLIC)
def register() -> Any:
    """The form to open an account."""
    return page("people/register.html", form=RegisterForm())


@bp.post("/register")
@allow(PUBLIC)
@limit("20/hour")
@limit("5/hour", field="email")
def register_submit() -> Any:
    """Open an account: the mail says the rest, whoever has the address."""
    form = RegisterForm()
    if not form.validate():
        return page("people/register.html", form=form), 422
    try:
        asked = services.prepare(
            form.name.data, form.email.data, form.password.data, form.again.data
        )
        with writing() as work:
            services.register(work, asked)
    except Refusal as refusal:
        form.refuse(refusal)
        return page("people/register.html", form=form), refusal.status
    return redirect(url_for("people.register_sent"))


@bp.get("/register/sent")
@allow(PUBLIC)
def register_sent() -> Any:
    """Look into your mails."""
    return page("people/sent.html", purpose="confirm")


@bp.get("/confirm/<token>")
@allow(PUBLIC)
def confirm(token: str) -> Any:
    """The press that confirms: a mail scanner that follows links presses nothing."""
    try:
        with reading() as work:
            links.link(work, token, "confirm")
    except Refusal as refusal:
        return page("people/link_over.html", purpose="confirm"), refusal.status
    return page("people/confirm.html", form=SureForm(), purpose="confirm")


@bp.post("/confirm/<token>")
@allow(PUBLIC)
@limit("30/hour")
def confirm_submit(token: str) -> Any:
    """The address is hers."""
    try:
        with writing() as work:
            services.confirm(work, token)
    except Refusal as refusal:
        return page("people/link_over.html", purpose="confirm"), refusal.status
    flash_message(msg("Your address is confirmed. Sign in, and you can book."))
    return redirect(url_for("people.sign_in"))


@bp.get("/reset")
@allow(PUBLIC)
def reset() -> Any:
    """The form to ask for a new password."""
    return page("people/reset.html", form=AskResetForm())


@bp.post("/reset")
@allow(PUBLIC)
@limit("20/hour")
@limit("5/hour", field="email")
def reset_submit() -> Any:
    """Mail a link, when there is an account; the answer is the same."""
    form = AskResetForm()
    if not form.validate():
        return page("people/reset.html", form=form), 422
    with writing() as work:
        services.ask_reset(work, form.email.data)
    return redirect(url_for("people.reset_sent"))


@bp.get("/reset/sent")
@allow(PUBLIC)
def reset_sent() -> Any:
    """Look into your mails."""
    return page("people/sent.html", purpose="reset")


@bp.get("/reset/<token>")
@allow(PUBLIC)
def reset_set(token: str) -> Any:
    """The form to choose a new password by a mailed link."""
    try:
        with reading() as work:
            links.link(work, token, "reset")
    except Refusal as refusal:
        return page("people/link_over.html", purpose="reset"), refusal.status
    return page("people/reset_set.html", form=ResetForm())


@bp.post("/reset/<token>")
@allow(PUBLIC)
@limit("30/hour")
def reset_set_submit(token: str) -> Any:
    """The new password; every session ends."""
    form = ResetForm()
    if not form.validate():
        return page("people/reset_set.html", form=form), 422
    try:
        with writing() as work:
            services.reset(work, token, form.password.data, form.again.data)
    except Refusal as refusal:
        if refusal.code == "link_over":
            return page("people/link_over.html", purpose="reset"), refusal.status
        form.refuse(refusal)
        return page("people/reset_set.html", form=form), refusal.status
    flash_message(msg("Your password is changed. You are signed out everywhere."))
    return redirect(url_for("people.sign_in"))


@bp.get("/me/password")
@allow(SIGNED_IN)
def me_password() -> Any:
    """The form to change one's own password."""
    return my_page("people/me_password.html", form=PasswordForm())


@bp.post("/me/password")
@allow(SIGNED_IN)
@limit("20/hour")
def me_password_submit() -> Any:
    """Change one's own password; all other sessions end."""
    form = PasswordForm()
    if not form.validate():
        return my_page("people/me_password.html", form=form), 422
    keep = hash_token(session_token() or "")
    try:
        with writing() as work:
            services.change_password(
                work, form.current.data, form.password.data, form.again.data, keep=keep
            )
    except Refusal as refusal:
        form.refuse(refusal)
        return my_page("people/me_password.html", form=form), refusal.status
    flash_message(msg("Your password is changed. You are signed out everywhere else."))
    return redirect(url_for("people.me_profile"))


@bp.get("/me/email")
@allow(SIGNED_IN)
def me_email() -> Any:
    """The form to sign in with another address."""
    return my_page("people/me_email.html", form=EmailForm())


@bp.post("/me/email")
@allow(SIGNED_IN)
@limit("10/hour")
def me_email_submit() -> Any:
    """Mail a link to the new address, and word to the old one."""
    form = EmailForm()
    if not form.validate():
        return my_page("people/me_email.html", form=form), 422
    try:
        with writing() as work:
            services.change_email(work, form.password.data, form.email.data)
    except Refusal as refusal:
        form.refuse(refusal)
        return my_page("people/me_email.html", form=form), refusal.status
    flash_message(msg("Look into the mails of the new address: a link there confirms it."))
    return redirect(url_for("people.me_profile"))


@bp.get("/me/email/<token>")
@allow(PUBLIC)
def me_email_confirm(token: str) -> Any:
    """The press that confirms a new address, from wherever the mail is read."""
    try:
        with reading() as work:
            links.link(work, token, "email")
    except Refusal as refusal:
        return page("people/link_over.html", purpose="email"), refusal.status
    return page("people/confirm.html", form=SureForm(), purpose="email")


@bp.post("/me/email/<token>")
@allow(PUBLIC)
@limit("30/hour")
def me_email_confirm_submit(token: str) -> Any:
    """The new address replaces the old one."""
    try:
        with writing() as work:
            services.confirm_email(work, token)
    except Refusal as refusal:
        return page("people/link_over.html", purpose="email"), refusal.status
    flash_message(msg("From now on you sign in with the new address."))
    return redirect(url_for("people.me_profile"))
