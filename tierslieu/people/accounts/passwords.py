"""Hashing passwords with argon2id, and taking as long for accounts that do not exist."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: OWASP's smallest: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

#: Checked against when nobody is there, so that absence takes as long as presence. It has the
#: parameters of every other, and is the hash of nothing: making a real one would slow each start.
_NOBODY = f"$argon2id$v=19$m={19 * 1024},t=2,p=1${'A' * 22}${'A' * 43}"


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its parameters and salt in it."""
    return _hasher.hash(_encodable(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one; always false, and as slow, when nothing is stored."""
    try:
        right = _hasher.verify(stored or _NOBODY, _encodable(password))
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _encodable(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")[:1024]
