"""An event of one evening, in a room and remote, with who is registered for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image

from tierslieu.kernel.span import Span
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.work import Work
from tierslieu_events.models import EventPicture
from tierslieu_events.queries import dates_of
from tierslieu_events.registering.services import Asked, register
from tierslieu_events.services import Facts, NewDate, add_dates, keep_picture, make_event, publish


def _picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (160, 120), (80, 120, 90)).save(out, "PNG")
    return out.getvalue()


def an_event(
    work: Work, venue: Any, room: str, start: datetime, title: Texts, person_id: int, name: str = ""
) -> dict[str, str]:
    """A published one with one place in the room, taken by that person; somebody else waits.

    Gives the public ids of it by the names that addresses have for them.
    """
    question = {"key": "q1", "text": title.best("en", "it")[1], "required": False}
    event = make_event(work, venue, Facts(title, title, access_note=title, questions=(question,)))
    span = Span(start, start + timedelta(hours=2))
    add_dates(work, event, [NewDate(span, "hybrid", room, 1, 30)])
    publish(work, event)
    keep_picture(work, event, _picture(), title)
    picture = work.session.get_one(EventPicture, event.id)
    [view] = dates_of(work, event)
    row = register(work, view, Asked("room", person_id=person_id))
    register(work, view, Asked("room", wait=True, name=name or "Rina"), by_desk=True)
    return {
        "event_id": event.public_id,
        "date_id": view.date.public_id,
        "registration_id": row.public_id,
        "picture_id": picture.public_id,
    }
