"""Writing the files of a new plugin."""

from __future__ import annotations

import shutil
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tierslieu.plugins.writing.rules import Wanted, files

SKELETON = Path(__file__).parent / "skeleton"


def write(wanted: Wanted, folder: Path) -> list[Path]:
    """Write the plugin into a folder that is made for it; the paths written, in it, are returned.

    FileExistsError when the folder is there already. Half a plugin is never left behind.
    """
    texts = {path: _rendered(part, wanted) for path, part in files(wanted).items()}
    folder.mkdir(parents=True)
    try:
        for path, text in texts.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, "utf-8")
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return sorted(folder / path for path in texts)


def _rendered(part: str, wanted: Wanted) -> str:
    # What is written are sources, and pages that Jinja reads later: other marks, no escaping.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(SKELETON),
        undefined=StrictUndefined,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(f"{part}.jinja").render(**vars(wanted))
