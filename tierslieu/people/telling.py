"""Telling a person something: by mail in her language, else at a venue's desk."""

from __future__ import annotations

from collections.abc import Sequence

from tierslieu.kernel.mail import post
from tierslieu.kernel.messages import Message
from tierslieu.kernel.work import Work
from tierslieu.people.queries import addressee


def tell(
    work: Work,
    person_id: int,
    subject: Message | str,
    lines: Sequence[Message | str],
    *,
    link: str | None = None,
    venue_id: int | None = None,
    zone: str | None = None,
    about: str = "",
) -> bool:
    """Write to a person in her language, in the transaction of ``work``; it is sent afterwards.

    ``lines`` are paragraphs; ``link``, a path of this site or a whole address, stands below them.
    ``zone`` is where times are read, ``about`` what it is about (``<plugin>.<what>``), for the
    list of mails. Somebody without an e-mail address is told at the desk of ``venue_id``: it
    stands there under "to be told" until it is ticked. False: no mail was written.
    """
    reader = addressee(work.session, person_id)
    if reader is None:
        return False
    return post(work, reader, subject, lines, link=link, venue_id=venue_id, zone=zone, about=about)
