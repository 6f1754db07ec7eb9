"""Pages of app passwords; the CalDAV server itself, which knows no cookie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Response, redirect, request, url_for

import tierslieu.toolkit as tl
from tierslieu_ical.addresses import public_base
from tierslieu_ical.caldav import queries, services
from tierslieu_ical.caldav.answering import GREETING, READS, WRITES, Answering, Question, Reply
from tierslieu_ical.caldav.forms import PasswordForm

bp = Blueprint("ical_caldav", __name__)
msg = tl.sentences("tierslieu_ical")

METHODS = (*READS, *WRITES)
PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
HERE = {"localhost", "127.0.0.1", "[::1]"}


@bp.get("/feeds/apps")
@tl.allow("feeds.own")
def passwords() -> str:
    """The passwords a person has made for her programmes."""
    return _page(PasswordForm(formdata=None))


@bp.post("/feeds/apps")
@tl.allow("feeds.own")
@tl.limit("60/hour")
def password_new() -> Any:
    """Make one and show it, this once."""
    form = PasswordForm()
    if not form.validate():
        return _page(form), 422
    try:
        with tl.writing() as work:
            row, secret = services.new_password(work, form.name.data or "")
    except tl.Refusal as refusal:
        form.refuse(refusal)
        return _page(form), refusal.status
    return _page(PasswordForm(formdata=None), row.name, secret), 200, {"Cache-Control": "no-store"}


@bp.post("/feeds/apps/<public_id>/stop")
@tl.allow("feeds.own")
def password_stop(public_id: str) -> Any:
    """Stop one."""
    with tl.writing() as work:
        services.stop_password(work, public_id)
    tl.flash_message(msg("This password no longer opens anything."))
    return redirect(url_for("ical_caldav.passwords"), 303)


def _page(form: PasswordForm, name: str = "", secret: str = "") -> str:
    with tl.reading() as work:
        person_id = work.actor.person_id or 0
        account = queries.account_email(work.session, person_id)
        mine = queries.passwords_of(work.session, person_id)
    server = f"{public_base(tl.current_site())}/caldav/"
    return tl.page("ical/apps.html", form=form, passwords=mine, email=account, server=server,
                   name=name, secret=secret)  # fmt: skip


@bp.route("/.well-known/caldav", methods=["GET", "PROPFIND", "OPTIONS"],
          provide_automatic_options=False)  # fmt: skip
@tl.allow(tl.PUBLIC)
def well_known() -> Response:
    """Where the server is (RFC 6764)."""
    return redirect("/caldav/", 301)  # type: ignore[return-value]


F = TypeVar("F", bound=Callable[..., Any])


def _route(path: str) -> Callable[[F], F]:
    return bp.route(path, methods=METHODS, provide_automatic_options=False)


@_route("/caldav/")
@_route("/caldav/<key>/")
@_route("/caldav/<key>/bookings/")
@_route("/caldav/<key>/bookings/<name>")
@tl.allow(tl.PUBLIC)
@tl.without_cookie
@tl.limit("600/minute", methods=METHODS)
def dav(key: str = "", name: str = "") -> Response:
    """Answer a calendar programme."""
    if request.method == "OPTIONS":
        return _sent(Reply(200))
    if not (request.is_secure or request.host.rsplit(":", 1)[0] in HERE):
        # Before a password is asked for: it would be sent for all to read.
        return _sent(Reply(403, "https, please\n", {"Content-Type": "text/plain"}))
    question = Question(
        _where(key, name),
        request.method,
        request.headers.get("Depth", "0"),
        request.get_data(),
        name,
        request.headers.get("If-None-Match", ""),
    )
    return _answered(question, key)


def _where(key: str, name: str) -> str:
    if name:
        return "object"
    if request.path == f"/caldav/{key}/bookings/":
        return "collection"
    return "home" if key else "root"


def _answered(question: Question, key: str) -> Response:
    given, site = request.authorization, tl.current_site()
    with site.reading() as work:
        user, secret = (given.username, given.password) if given else (None, None)
        whose = queries.whose(work.session, user or "", services.plain(secret or ""))
        if whose is None:
            asks = {"WWW-Authenticate": 'Basic realm="Tierslieu", charset="UTF-8"'}
            return _sent(Reply(401, headers=asks))
        if key not in {"", whose.key}:
            return _sent(Reply(404))
        answer = _sent(Answering(work, whose).answer(question))
        if services.is_to_be_noted(whose, work):
            answer.call_on_close(lambda: services.note_use(site, whose.password_id))
    return answer


def _sent(reply: Reply) -> Response:
    answer = Response(reply.text, reply.status)
    answer.headers.update(GREETING | PRIVATE | reply.headers)
    if reply.status in {200, 304} and not reply.text:
        answer.headers.pop("Content-Type", None)
    return answer
