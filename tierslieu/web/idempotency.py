"""Idempotency-Key: the same POST sent twice is done once.

The key's row is the first thing written in the verb's own transaction, so a second request with
the same key waits for the first and then gets its stored answer. Only answers 2xx are stored.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import request

from tierslieu.kernel.db import insert
from tierslieu.kernel.errors import Conflict, Invalid, Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.web.models import IdempotencyKey

KEPT = timedelta(hours=24)

#: Printable ASCII; spaces around it are the header's, not the key's.
PATTERN = r"^[!-~]([ -~]*[!-~])?$"


def wanted_key() -> str | None:
    """The request's key, or None; an impossible one raises Invalid."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    key = key.strip(" \t")
    if len(key) > 255 or not re.search(PATTERN, key):
        raise Invalid(
            "bad_idempotency_key",
            msg("An Idempotency-Key is 1 to 255 printable ASCII characters."),
            "Idempotency-Key",
        )
    return key


def replayed(work: Work, key: str) -> tuple[Any, int] | None:
    """Take the key; the stored answer (body, status) when it was used for the same before.

    Raises Invalid ``key_reused`` when it was used for something else, Conflict
    ``already_shown`` when its answer held a secret.
    """
    caller = f"a{work.actor.account_id or 0}"
    asked = _asked()
    work.session.execute(
        sa.delete(IdempotencyKey).where(
            IdempotencyKey.caller == caller,
            IdempotencyKey.key == key,
            IdempotencyKey.created_at < work.now - KEPT,
        )
    )
    made = work.session.execute(
        insert(work.session, IdempotencyKey)
        .values(
            caller=caller,
            key=key,
            asked=asked,
            secret=False,
            about_person_id=work.actor.person_id,
            created_at=work.now,
        )
        .on_conflict_do_nothing(index_elements=["caller", "key"])
        .returning(IdempotencyKey.id)
    ).first()
    if made is not None:
        return None
    row = work.session.execute(
        sa.select(
            IdempotencyKey.asked,
            IdempotencyKey.status,
            IdempotencyKey.answer,
            IdempotencyKey.secret,
        ).where(IdempotencyKey.caller == caller, IdempotencyKey.key == key)
    ).one()
    if row.asked != asked:
        raise Invalid(
            "key_reused",
            msg("This Idempotency-Key was used for another request."),
            "Idempotency-Key",
        )
    if row.secret:
        text = msg("This was done already, and what it showed is shown only once.")
        raise Conflict(Reason("already_shown", text, "Idempotency-Key", kind="state"))
    return (row.answer or {})["body"], row.status


def keep(work: Work, key: str, body: Any, status: int, *, secret: bool) -> None:
    """Store the answer given under a key; a secret one without its body."""
    answer = None if secret else {"body": json.loads(json.dumps(body))}
    work.session.execute(
        sa.update(IdempotencyKey)
        .where(IdempotencyKey.caller == f"a{work.actor.account_id or 0}", IdempotencyKey.key == key)
        .values(status=status, answer=answer, secret=secret)
    )


def _asked() -> str:
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    digest.update(request.get_data(cache=True))
    return digest.hexdigest()
