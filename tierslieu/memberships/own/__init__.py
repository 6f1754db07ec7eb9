"""What people do about their own membership: ask for it, renew it, leave, show the card."""

from __future__ import annotations
