"""Pages about one's own data: see it, take it away, have it erased."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, redirect

from tierslieu.kernel.errors import Refusal
from tierslieu.kernel.messages import msg
from tierslieu.people.accounts.forms import PressWithPasswordForm
from tierslieu.people.blueprint import bp, my_page
from tierslieu.people.journal.queries import Asked, journal
from tierslieu.people.places import places
from tierslieu.people.privacy import services
from tierslieu.people.queries import venues_of
from tierslieu.web.auth import forget
from tierslieu.web.limits import limit
from tierslieu.web.pages import flash_message
from tierslieu.web.requests import SIGNED_IN, allow, reading, writing


@bp.get("/me/privacy")
@allow(SIGNED_IN)
def me_privacy() -> Any:
    """What is kept, who sees it, what was done with it."""
    return _page(PressWithPasswordForm(formdata=None))


def _page(form: PressWithPasswordForm) -> str:
    with reading() as work:
        person_id = work.actor.person_id or 0
        seen_by = places(work.session, venues_of(work.session, person_id))
        lines, _ = journal(work.session, Asked(about_person=person_id), work.site.journal)
        erasable = work.actor.may("people.ask_erasure", own=True)
    return my_page(
        "people/me_privacy.html", form=form, seen_by=seen_by, lines=lines[:20], erasable=erasable
    )


@bp.get("/me/privacy/export")
@allow("people.export")
@limit("20/hour", methods=("GET",))
def me_export() -> Any:
    """Everything about oneself as one JSON file."""
    with reading() as work:
        data = services.export(work, work.actor.person_id or 0)
    text = json.dumps(data, ensure_ascii=False, indent=2)
    headers = {
        "Content-Disposition": 'attachment; filename="tierslieu-my-data.json"',
        "Cache-Control": "private, no-store",
    }
    return Response(text, mimetype="application/json", headers=headers)


@bp.post("/me/privacy/erase")
@allow("people.ask_erasure")
@limit("10/hour")
def me_erase() -> Any:
    """Erase one's account and data, at once."""
    form = PressWithPasswordForm()
    if not form.validate():
        return _page(form), 422
    try:
        with writing() as work:
            services.erase_myself(work, form.password.data)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form), refusal.status
    forget()
    flash_message(msg("Your account and your data are erased."))
    return redirect("/")
