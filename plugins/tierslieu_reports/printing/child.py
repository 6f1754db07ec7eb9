"""Markup in, PDF out: ``python -m tierslieu_reports.printing.child``; imports WeasyPrint."""

from __future__ import annotations

import contextlib
import resource
import sys
from typing import Any, NoReturn

#: Seconds of work, and bytes, that one PDF may take.
SECONDS = 60
BYTES = 2 * 1024**3


def nothing(url: str, *_args: Any, **_kwargs: Any) -> NoReturn:
    """What is asked of the world: nothing."""
    raise ValueError(f"a report fetches nothing: {url[:80]}")


def main() -> None:
    """Read markup, write the PDF of it."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    from weasyprint import HTML

    markup = sys.stdin.buffer.read().decode()
    made = HTML(string=markup, url_fetcher=nothing).write_pdf(pdf_variant="pdf/ua-1")
    sys.stdout.buffer.write(made or b"")


if __name__ == "__main__":
    main()
