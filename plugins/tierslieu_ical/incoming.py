"""What the rooms beside the feeds add to the manifest: calendars that come in, and CalDAV."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from tierslieu_ical.intake.external import models as external
from tierslieu_ical.intake.imports import models as imports
from tierslieu_ical.intake.imports.services import forget, forget_old
from tierslieu_ical.intake.panels import incoming as panels
from tierslieu_ical.intake.settings import SETTINGS

#: Modules whose ``bp`` is a part of the site, and those with ``KINDS`` of jobs.
_VIEWS = ("intake.external.views", "intake.imports.views")
_JOBS = ("intake.external.jobs", "intake.imports.jobs")

PERSON_COLUMNS = {
    "ical_import.person_id": "delete",
    "ical_import.made_by_id": "forget",
}


def blueprints() -> Iterable[Any]:
    """The pages."""
    return [import_module(f"tierslieu_ical.{name}").bp for name in _VIEWS]


def jobs() -> Iterable[Any]:
    """The kinds of jobs."""
    return [kind for name in _JOBS for kind in import_module(f"tierslieu_ical.{name}").KINDS]


__all__ = [
    "PERSON_COLUMNS",
    "SETTINGS",
    "blueprints",
    "external",
    "forget",
    "forget_old",
    "imports",
    "jobs",
    "panels",
]
