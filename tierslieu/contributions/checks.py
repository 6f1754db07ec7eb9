"""What is wrong with a value is said where it is made."""

from __future__ import annotations


def must_be(value: object, kind: type | tuple[type, ...], what: str) -> None:
    """Raise TypeError unless it is of this kind."""
    if not isinstance(value, kind):
        raise TypeError(f"{what} cannot be {value!r}")


def must_be_one(value: object, of: tuple[str, ...], what: str) -> None:
    """Raise TypeError unless it is one of these words."""
    if value not in of:
        raise TypeError(f"{what} cannot be {value!r}")
