"""What the plugin writes down, in words."""

from __future__ import annotations

from typing import Final

import tierslieu.toolkit as tl

msg = tl.sentences("tierslieu_ical")

JOURNAL: Final[dict[str, tl.Message]] = {
    "feeds": msg("Calendars"),
    "feeds.answered": msg("answered an invitation from a calendar"),
    "feeds.invitations_off": msg("asked for mails without invitations"),
    "feeds.invitations_on": msg("asked for invitations in mails"),
    "feeds.new": msg("made a calendar address"),
    "feeds.password_new": msg("made a password for a calendar programme"),
    "feeds.password_stop": msg("stopped the password of a calendar programme"),
    "feeds.stop": msg("stopped a calendar address"),
    "ical": msg("Calendars from elsewhere"),
    "ical.external_add": msg("joined a calendar from elsewhere to a room"),
    "ical.external_read": msg("asked for a calendar from elsewhere to be read"),
    "ical.external_remove": msg("took a calendar from elsewhere away"),
    "ical.import_bring": msg("brought an old calendar in"),
    "ical.import_make": msg("made bookings of an old calendar"),
}
