"""What the rooms beside the feeds add to the plugin: calendars that come in, and CalDAV."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

import tierslieu.toolkit as tl
from tierslieu_ical.caldav import models as caldav
from tierslieu_ical.caldav import queries as programmes
from tierslieu_ical.caldav import services as passwords
from tierslieu_ical.intake.external import models as external
from tierslieu_ical.intake.imports import models as imports
from tierslieu_ical.intake.imports import queries as brought
from tierslieu_ical.intake.imports import services as files
from tierslieu_ical.intake.panels import incoming as panels
from tierslieu_ical.intake.settings import SETTINGS

msg = tl.sentences("tierslieu_ical")

#: Modules whose ``bp`` is a part of the site, and those with ``KINDS`` of jobs.
_VIEWS = ("intake.external.views", "intake.imports.views", "caldav.views")
_JOBS = ("intake.external.jobs", "intake.imports.jobs")

PERSON_COLUMNS = {
    "ical_app_password.person_id": "delete",
    "ical_import.person_id": "delete",
    "ical_import.made_by_id": "forget",
}


def blueprints() -> Iterable[Any]:
    """The pages."""
    return [import_module(f"tierslieu_ical.{name}").bp for name in _VIEWS]


def jobs() -> Iterable[Any]:
    """The kinds of jobs."""
    return [kind for name in _JOBS for kind in import_module(f"tierslieu_ical.{name}").KINDS]


def person_data(work: tl.Work, person_id: int) -> Iterable[tl.PersonDataPart]:
    """What is kept about a person: her programmes, and old calendars brought for her or by her."""
    apps = [
        {"programme": row.name, "made": row.created_at.isoformat(),
         "last used": row.last_used_at and row.last_used_at.isoformat()}
        for row in programmes.passwords_of(work.session, person_id)
    ]  # fmt: skip
    old = [
        {"file": row.name, "brought": row.created_at.isoformat(),
         "events": [item["title"] for item in row.items] if row.person_id == person_id else None}
        for row in brought.imports_about(work.session, person_id)
    ]  # fmt: skip
    yield tl.PersonDataPart(msg("Passwords of programmes"), tuple(apps))
    yield tl.PersonDataPart(msg("Old calendars"), tuple(old))


def forget(work: tl.Work, person_id: int) -> None:
    """Forget a person who is being erased."""
    files.forget(work, person_id)
    passwords.forget(work, person_id)


def forget_old(work: tl.Work) -> None:
    """Forget what is kept no longer."""
    files.forget_old(work)
    passwords.forget_old(work)


__all__ = [
    "PERSON_COLUMNS",
    "SETTINGS",
    "blueprints",
    "caldav",
    "external",
    "forget",
    "forget_old",
    "imports",
    "jobs",
    "panels",
    "person_data",
]
