"""The verbs of this feature, in one place for the others; each room says what its own do."""

from __future__ import annotations

from tierslieu.people.accounts.services import create_account
from tierslieu.people.desk.services import edit_person, register_person, relate, use_here
from tierslieu.people.organisations.services import (
    add_person,
    create_organisation,
    propose,
    remove_person,
)
from tierslieu.people.privacy.services import erase, erase_again, export
from tierslieu.people.roles.services import Role, give, grant_role, suspend, withdraw_role
from tierslieu.people.tokens.services import create_token, note_used, revoke_token

__all__ = [
    "Role",
    "add_person",
    "create_account",
    "create_organisation",
    "create_token",
    "edit_person",
    "erase",
    "erase_again",
    "export",
    "give",
    "grant_role",
    "note_used",
    "propose",
    "register_person",
    "relate",
    "remove_person",
    "revoke_token",
    "suspend",
    "use_here",
    "withdraw_role",
]
