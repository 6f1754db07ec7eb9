"""What the plugin writes down, in words."""

from __future__ import annotations

from typing import Final

import tierslieu.toolkit as tl

msg = tl.sentences("tierslieu_reports")

JOURNAL: Final[dict[str, tl.Message]] = {
    "reports": msg("Reports"),
    "reports.asked": msg("asked for an activity report"),
    "reports.published": msg("published an activity report"),
    "reports.removed": msg("removed an activity report"),
    "reports.scheduled": msg("had activity reports made by themselves"),
    "reports.stopped": msg("stopped activity reports made by themselves"),
    "reports.withdrawn": msg("took a published activity report back"),
    "reports.written": msg("wrote beside the figures of a report"),
}
