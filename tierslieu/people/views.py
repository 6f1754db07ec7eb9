"""All pages of the people: each room's views hang on one blueprint."""

from __future__ import annotations

import tierslieu.people.accounts.views as accounts
import tierslieu.people.desk.views as desk
import tierslieu.people.journal.views as journal
import tierslieu.people.organisations.views as organisations
import tierslieu.people.privacy.views as privacy
import tierslieu.people.profile.views as profile
import tierslieu.people.roles.views as roles
import tierslieu.people.sessions.views as sessions
import tierslieu.people.tokens.views as tokens
from tierslieu.people.blueprint import bp

__all__ = [
    "accounts",
    "bp",
    "desk",
    "journal",
    "organisations",
    "privacy",
    "profile",
    "roles",
    "sessions",
    "tokens",
]
