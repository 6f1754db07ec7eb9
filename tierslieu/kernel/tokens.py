"""Random names: secrets that open something, ids that are shown, references that are spoken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

_SPOKEN = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def new_token(prefix: str) -> str:
    """A secret of 256 random bits after a prefix that tells its kind (``tlp_``, ``tlf_``)."""
    return prefix + secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """SHA-256 in hex: what is stored; enough because the token itself is random."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_public_id() -> str:
    """Sixteen random base32 characters (80 bits), lower-case."""
    return base64.b32encode(secrets.token_bytes(10)).decode("ascii").lower()


def new_reference() -> str:
    """Eight characters without 0 O 1 I L, to be spoken at the desk; opens nothing by itself."""
    return "".join(secrets.choice(_SPOKEN) for _ in range(8))


def sign(key: str, purpose: str, subject: str, serial: int = 0) -> str:
    """A link's token: what it is about and 128 bits that only the site can make.

    The purpose is signed too, so a link opens one thing only; another ``serial`` makes another.
    """
    return f"{subject}.{_seal(key, purpose, subject, serial)}"


def is_signed(key: str, purpose: str, token: str, serial: int = 0) -> bool:
    """Whether the site made this token for this purpose, with this serial."""
    subject, _, seal = token.partition(".")
    expected = _seal(key, purpose, subject, serial)
    return hmac.compare_digest(seal.encode("utf-8", "surrogatepass"), expected.encode())


def _seal(key: str, purpose: str, subject: str, serial: int) -> str:
    signed = "\n".join((purpose, subject, str(serial))).encode("utf-8", "surrogatepass")
    seal = hmac.new(key.encode(), signed, hashlib.sha256).digest()[:16]
    return base64.urlsafe_b64encode(seal).decode("ascii").rstrip("=")
