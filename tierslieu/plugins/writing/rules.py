"""Which name and title a new plugin may have, and which files it is made of: pure functions."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from keyword import iskeyword

#: What every plugin is called: its tables, templates and settings begin with it.
NAME = re.compile(r"[a-z][a-z0-9]{1,19}")
_FIRST_WORDS = """
accessibility admin answers api availability book bookings caldav calendar cart check chores confirm
display docs door events feeds find g guests healthz language leaflet lending manage me meet metrics
network offers openapi photos plugins privacy readyz register reminders reports reset robots rooms
rules search season seasons series sign sponsor static still style terms today tokens venues waiting
whats
"""
#: First words of the core's addresses, where a page of the same name could not stand.
ADDRESSES = frozenset(_FIRST_WORDS.split())
LONGEST_TITLE = 40
#: They would have to be escaped in one of the languages that the files are written in.
UNFIT = frozenset('"\\%{}<>&')


@dataclass(frozen=True)
class Wanted:
    """What the author asked for. ``job`` looks after the table, so there is none without it."""

    name: str
    title: str
    table: bool = True
    page: bool = True
    job: bool = False
    api: bool = False


def title_of(name: str) -> str:
    """The title that a name suggests."""
    return name.capitalize()


def name_fault(name: str, taken: Set[str]) -> str:
    """Why a plugin cannot be called so; "": it can. ``taken``: names of features and plugins."""
    if not NAME.fullmatch(name):
        return (
            f"“{name}” is no name for a plugin: 2 to 20 lower-case letters and digits, "
            "a letter first"
        )
    if iskeyword(name):
        return f"“{name}” is a word of Python's own"
    if name in taken or name in ADDRESSES:
        return f"the name “{name}” is taken by a feature or by an installed plugin"
    return ""


def wanted_fault(wanted: Wanted) -> str:
    """Why a plugin cannot be written like this; "": it can."""
    title = wanted.title
    if not title.strip() or len(title) > LONGEST_TITLE or not title.isprintable():
        return f"a title is one line of 1 to {LONGEST_TITLE} letters"
    if unfit := sorted(UNFIT.intersection(title)):
        return f"a title is plain text, without {' '.join(unfit)}"
    if wanted.job and not wanted.table:
        return "the job looks after the table: leave out --no-table, or --job"
    if wanted.api and not wanted.table:
        return "the API tells of the table: leave out --no-table, or --api"
    return ""


def files(wanted: Wanted) -> dict[str, str]:
    """Each file of the plugin, by its path, to the part of the skeleton it is made from."""
    name = wanted.name
    kept = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        f"{name}/__init__.py": "init.py",
        f"{name}/plugin.py": "plugin.py",
        f"{name}/translations/it/LC_MESSAGES/{name}.po": "it.po",
        f"{name}/translations/fr/LC_MESSAGES/{name}.po": "fr.po",
        "tests/conftest.py": "conftest.py",
        f"tests/test_{name}.py": "behaviour.py",
    }
    if wanted.table:
        for part in ("rules.py", "models.py", "queries.py", "services.py"):
            kept[f"{name}/{part}"] = part
        kept[f"{name}/migrations/0001_entries.py"] = "migration.py"
    if wanted.page:
        kept[f"{name}/views.py"] = "views.py"
        kept[f"{name}/templates/{name}/index.html"] = "index.html"
    if wanted.page and wanted.table:
        kept[f"{name}/templates/{name}/write.html"] = "write.html"
    if wanted.api:
        kept[f"{name}/rest.py"] = "rest.py"
    if wanted.job:
        kept[f"{name}/jobs.py"] = "jobs.py"
    return kept
