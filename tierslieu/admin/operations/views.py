"""/admin/jobs and /admin/mails: what runs behind the pages, and what was written to people."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for

from tierslieu.admin.operations import queries
from tierslieu.kernel import jobs as kernel_jobs
from tierslieu.kernel.messages import Message, msg
from tierslieu.web.pages import flash_message, page
from tierslieu.web.requests import allow, current_site, reading, writing

bp = Blueprint("operations", __name__, template_folder="../templates")

JOB_STATES: dict[str, Message] = {
    "failed": msg("Failed"),
    "running": msg("Running"),
    "queued": msg("Waiting"),
    "done": msg("Done"),
}
MAIL_STATES: dict[str, Message] = {
    "queued": msg("Waiting"),
    "kept": msg("Kept, no server is set"),
    "sent": msg("Sent"),
    "failed": msg("Failed"),
}


def _asked(states: dict[str, Message]) -> str | None:
    asked = request.args.get("state", "")
    return asked if asked in states else None


@bp.get("/admin/jobs")
@allow("jobs.read")
def jobs() -> str:
    """Jobs by state, the newest first; failed ones can be tried again."""
    with reading() as work:
        work.require("jobs.read")
        state = _asked(JOB_STATES)
        return page(
            "admin/jobs.html",
            states=JOB_STATES,
            state=state,
            counts=kernel_jobs.counts(work.session),
            jobs=kernel_jobs.recent(work.session, state=state),
            stuck=kernel_jobs.stuck(work.session, work.now),
            may_retry=work.actor.may("jobs.retry"),
        )


@bp.post("/admin/jobs/<int:job_id>/retry")
@allow("jobs.retry")
def retry(job_id: int) -> Any:
    """Try a failed job again, from its first attempt."""
    with writing() as work:
        kernel_jobs.retry(work, job_id)
    flash_message(msg("It is tried again."))
    return redirect(url_for("operations.jobs"))


@bp.get("/admin/mails")
@allow("mails.read")
def mails() -> str:
    """What was written to people: kept, sent, waiting, failed."""
    with reading() as work:
        work.require("mails.read")
        state = _asked(MAIL_STATES)
        written = request.args.get("before", "")
        before = int(written) if written.isdigit() and len(written) < 16 else None
        found, following = queries.mails(work.session, state=state, before=before)
        return page(
            "admin/mails.html",
            states=MAIL_STATES,
            state=state,
            counts=queries.mail_counts(work.session),
            mails=found,
            next_page=url_for("operations.mails", state=state, before=following)
            if following
            else None,
            sends=bool(current_site().config.mail_url),
        )


@bp.get("/admin/mails/<public_id>")
@allow("mails.read")
def mail(public_id: str) -> str:
    """One mail as its reader gets it; looking is written down."""
    with writing() as work:
        work.require("mails.read")
        found = queries.mail(work.session, public_id)
        work.audit("mails.read", f"mail:{public_id}", person=found.person_id)
    return page("admin/mail.html", mail=found, states=MAIL_STATES)
