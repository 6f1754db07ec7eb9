"""What the API of reports takes and answers."""

from __future__ import annotations

from typing import Any

import tierslieu.toolkit as tl


class ReportAnswer(tl.Answer):
    """A report. `scope`: `network`, `venue`, `organisation` or `plugin`; `name`: of which.

    `state`: `making`, `made` or `failed`. `words`: what people wrote, by section; `sections`: its
    figures and tables as they were counted, minutes, cents and counts, labels by language.
    """

    id: str
    scope: str
    name: str
    first: str
    last: str
    state: str
    words: dict[str, str]
    sections: list[dict[str, Any]]


class ReportLine(tl.Answer):
    """A report without what is in it."""

    id: str
    scope: str
    name: str
    first: str
    last: str
    state: str


class ReportList(tl.Answer):
    """Reports, the newest first; a hundred at most."""

    items: list[ReportLine]
