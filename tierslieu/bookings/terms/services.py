"""Verbs of terms: write, publish, withdraw, accept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa

from tierslieu.bookings.policies.scopes import Scope
from tierslieu.bookings.rules.demands import TermsFacts
from tierslieu.bookings.terms.models import KINDS, Terms, TermsAcceptance
from tierslieu.bookings.terms.queries import versions_of
from tierslieu.kernel.db import insert
from tierslieu.kernel.errors import Conflict, Invalid, NotFound, Reason, refuse
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import Texts, clean
from tierslieu.kernel.work import Work

LONGEST = 20_000


def write(
    work: Work, scope: Scope, kind: str, title: Texts, text: Texts, version: int | None = None
) -> Terms:
    """Write the draft of a kind in a scope; what is published stays as it is.

    Raises Invalid for what is missing or too long, Conflict ``changed_meanwhile`` when ``version``
    (0 = there was no draft) is not the one that stands, Forbidden.
    """
    work.require("policies.edit", venue=scope.venue_id)
    if kind not in KINDS:
        raise Invalid("invalid", msg("This is not one of the possible values."), "kind")
    title, text = _checked(title, text)
    versions = versions_of(work.session, scope, kind)
    draft = next((each for each in versions if each.published_at is None), None)
    stands = draft.version if draft is not None else 0
    if version is not None and version != stands:
        sentence = msg("Somebody changed this while you were looking at it.")
        raise Conflict(Reason("changed_meanwhile", sentence, "version", kind="state"))
    if draft is None:
        number = max((each.number for each in versions), default=0) + 1
        draft = Terms(venue_id=scope.venue_id, room_id=scope.room_id, kind=kind, number=number,
                      title=title, text=text)  # fmt: skip
        work.session.add(draft)
    else:
        draft.title, draft.text = title, text
        draft.version += 1
    work.session.flush()
    work.audit("terms.write", f"terms:{draft.public_id}", venue=scope.venue_id, kind=kind,
               number=draft.number)  # fmt: skip
    return draft


def _checked(title: Texts, text: Texts) -> tuple[Texts, Texts]:
    reasons = []
    for name, texts in (("title", title), ("text", text)):
        if not texts:
            reasons.append(Reason("missing", msg("Please fill this in."), name))
        if any(len(each) > LONGEST for each in texts.values()):
            sentence = msg("At most %(n)s characters.", n=LONGEST)
            reasons.append(Reason("too_long_text", sentence, name))
    refuse(reasons)
    return (
        Texts({lang: clean(each)[:200] for lang, each in title.items()}),
        Texts({lang: clean(each, lines=True) for lang, each in text.items()}),
    )


def publish(work: Work, public_id: str, valid_from: date) -> Terms:
    """From a day on this version is asked for; it can never be changed again.

    Bookings already made stay as they are.
    """
    terms = _own(work, public_id)
    if terms.published_at is not None:
        text = msg("This version is published already: write a new one.")
        raise Conflict(Reason("wrong_state", text, kind="state"))
    if valid_from < work.now.date():
        raise Invalid("past", msg("Choose today or a day to come."), "valid_from")
    terms.published_at, terms.published_by_id = work.now, work.actor.person_id
    terms.valid_from = valid_from
    terms.version += 1
    work.session.flush()
    work.audit("terms.publish", f"terms:{public_id}", venue=terms.venue_id, kind=terms.kind,
               number=terms.number, valid_from=valid_from.isoformat())  # fmt: skip
    return terms


def withdraw(work: Work, public_id: str) -> None:
    """It is asked for no longer; who accepted it stays noted."""
    terms = _own(work, public_id)
    if terms.published_at is None:
        work.session.delete(terms)
    elif terms.withdrawn_at is None:
        terms.withdrawn_at = work.now
        terms.version += 1
    work.session.flush()
    work.audit("terms.withdraw", f"terms:{public_id}", venue=terms.venue_id, kind=terms.kind,
               number=terms.number)  # fmt: skip


def _own(work: Work, public_id: str) -> Terms:
    question = sa.select(Terms).where(Terms.public_id == public_id)
    if work.session.get_bind().dialect.name != "sqlite":
        question = question.with_for_update()
    terms = work.session.scalar(question)
    if terms is None or not work.actor.may("policies.edit", venue=terms.venue_id):
        raise NotFound
    return terms


def accept(
    work: Work,
    person_id: int | None,
    unaccepted: Iterable[TermsFacts],
    wanted: Iterable[str],
    booking_id: int | None = None,
) -> None:
    """Note that she accepted these versions, with a booking; the actor may tick for her."""
    ticked = set(wanted)
    rows = [
        {
            "terms_id": each.id,
            "person_id": person_id,
            "accepted_at": work.now,
            "booking_id": booking_id,
            "recorded_by_id": work.actor.person_id,
        }
        for each in unaccepted
        if each.public_id in ticked
    ]
    if rows and person_id is not None:
        work.session.execute(
            insert(work.session, TermsAcceptance).values(rows).on_conflict_do_nothing()
        )
