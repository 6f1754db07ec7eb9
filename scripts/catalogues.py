"""Bring every catalogue up to date with the sentences in the source: ``make catalogues``.

For the core and each bundled plugin: extract, update ``<lang>/LC_MESSAGES/<domain>.po``, and say
what is not translated. ``--check`` writes nothing and fails when something is missing. A language
named as an argument is the only one looked at.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("it", "fr")
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "ngettext": (1, 2),
    "msg": None,
    "nmsg": (1, 2),
    "many": (1, 2),
    "lazy": None,
    "say_it": None,
}
#: How the sentences of a plugin are marked, as its authors are told: the core's ``say`` speaks.
OF_PLUGINS: dict[str, tuple[int, ...] | None] = {"say": None, "many": (1, 2)}
# No date of today in the files: only sentences change them.
DAY = datetime(2026, 11, 22, tzinfo=UTC)
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"**/templates/**.html": {"encoding": "utf-8", "silent": "false", "trimmed": "true"}}


def domains() -> dict[str, Path]:
    """Each domain's name and the folder whose sentences are its own."""
    found = {"tierslieu": ROOT / "tierslieu"}
    for folder in sorted((ROOT / "plugins").iterdir()):
        if (folder / "plugin.py").exists():
            found[folder.name] = folder
    return found


def extracted(domain: str, folder: Path) -> Catalog:
    """All sentences of a domain, with where they stand."""
    catalogue = Catalog(project=domain, fuzzy=False, creation_date=DAY)
    for path, line, message, comments, context in extract_from_dir(
        str(folder), METHODS, OPTIONS, _keywords(domain), directory_filter=_wanted
    ):
        location = (f"{folder.relative_to(ROOT)}/{path}", line)
        catalogue.add(message, None, [location], auto_comments=comments, context=context)
    return catalogue


def _keywords(domain: str) -> dict[str, tuple[int, ...] | None]:
    return KEYWORDS if domain == "tierslieu" else KEYWORDS | OF_PLUGINS


def _wanted(path: str) -> bool:
    return Path(path).name not in {"tests", "__pycache__", "translations", "data", "static"}


def updated(domain: str, folder: Path, language: str) -> tuple[Path, Catalog, str]:
    """A language's catalogue with today's sentences, its path and what is in the file now."""
    path = folder / "translations" / language / "LC_MESSAGES" / f"{domain}.po"
    before = path.read_text("utf-8") if path.exists() else ""
    catalogue = (
        read_po(io.BytesIO(before.encode()), locale=language, domain=domain)
        if before
        else Catalog(locale=language, project=domain, fuzzy=False)
    )
    catalogue.update(extracted(domain, folder), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return path, catalogue, before


def missing(catalogue: Catalog) -> list[str]:
    """Sentences without a translation."""
    found = []
    for message in catalogue:
        if not message.id:
            continue
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if not all(texts) or message.fuzzy:
            found.append(str(message.id if isinstance(message.id, str) else message.id[0]))
    return found


def main() -> int:
    """Update (or check) all; 1 when something is not translated."""
    lacking = 0
    for domain, folder in domains().items():
        for language in [each for each in LANGUAGES if each in sys.argv] or LANGUAGES:
            path, catalogue, _before = updated(domain, folder, language)
            without = missing(catalogue)
            lacking += len(without)
            print(f"{domain} {language}: {len(catalogue)} sentences, {len(without)} missing")
            if "--check" in sys.argv:
                print("".join(f"  {text}\n" for text in without[:20]), end="")
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            out = io.BytesIO()
            write_po(out, catalogue, width=100, no_location=True, sort_output=True,
                     ignore_obsolete=True, omit_header=False)  # fmt: skip
            path.write_bytes(out.getvalue())
    return 1 if lacking and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
