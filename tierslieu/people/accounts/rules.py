"""What a name and a telephone number must be, and that a password is written twice alike."""

from __future__ import annotations

from collections.abc import Iterator

from tierslieu.kernel.errors import Invalid, Reason
from tierslieu.kernel.messages import msg
from tierslieu.kernel.texts import clean

LONGEST_NAME = 120
LONGEST_PHONE = 32


def clean_name(text: str, field: str = "name") -> str:
    """A person's or a body's name: cleaned, not empty, at most 120 characters."""
    name = clean(text, field=field)
    if not name:
        raise Invalid("name_missing", msg("Please write a name."), field)
    if len(name) > LONGEST_NAME:
        sentence = msg("A name has at most %(n)s characters.", n=LONGEST_NAME)
        raise Invalid("name_too_long", sentence, field)
    return name


def clean_phone(text: str | None, field: str = "phone") -> str | None:
    """Digits with an optional ``+``, as it is kept and compared; None when nothing is written."""
    written = clean(text or "", field=field)
    if not written:
        return None
    kept = "".join(char for char in written if char.isascii() and char.isdigit())
    if not 5 <= len(kept) <= LONGEST_PHONE or set(written) - set("0123456789+-./() "):
        raise Invalid("bad_phone", msg("This does not look like a telephone number."), field)
    if written.startswith("+") or kept.startswith("00"):
        return "+" + kept.removeprefix("00")
    return kept


def same_password_reasons(password: str, again: str, field: str = "again") -> Iterator[Reason]:
    """Why the password written a second time is not the same."""
    if password != again:
        yield Reason("passwords_differ", msg("The two passwords are not the same."), field)
