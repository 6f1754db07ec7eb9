"""Having a PDF made by another process."""

from __future__ import annotations

import subprocess
import sys

import tierslieu.toolkit as tl

msg = tl.sentences("tierslieu_reports")

#: Seconds after which it is given up.
PATIENCE = 90
CHILD = "tierslieu_reports.printing.child"


def printed(markup: str) -> bytes:
    """The PDF of a page that is whole in itself; raises Conflict when none comes of it."""
    try:
        done = subprocess.run(  # noqa: S603 - our own module, nothing of a user in the words
            [sys.executable, "-m", CHILD],
            input=markup.encode(),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise tl.Conflict(_failed()) from late
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        raise tl.Conflict(_failed())
    return done.stdout


def _failed() -> tl.Reason:
    return tl.Reason("not_printed", msg("The PDF could not be made. The web page has it all."))
