"""What the roles that can be given are called."""

from __future__ import annotations

from tierslieu.kernel.messages import Message, msg

ROLE_NAMES: dict[str, Message] = {
    "network_admin": msg("Network administrator"),
    "venue_manager": msg("Manager"),
    "venue_desk": msg("Desk"),
    "organisation_admin": msg("Admin of an organisation"),
}

#: Whoever a permission can be given to, also those that nobody names.
HOLDERS: dict[str, Message] = ROLE_NAMES | {
    "anonymous": msg("Anybody"),
    "account": msg("Anybody with an account"),
    "member": msg("Members"),
}
