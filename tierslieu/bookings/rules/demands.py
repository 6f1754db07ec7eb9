"""What somebody must have agreed to, or must have, before booking: terms and preconditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from tierslieu.kernel.errors import Choice, Reason
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.texts import Texts

if TYPE_CHECKING:
    from tierslieu.bookings.rules.doors import Ask


@dataclass(frozen=True)
class TermsFacts:
    """One published version of terms. ``scope``: whose they are, as a key of its own."""

    id: int
    public_id: str
    scope: tuple[int, int]
    kind: str
    number: int
    title: Texts
    valid_from: date
    withdrawn: bool = False


@dataclass(frozen=True)
class Need:
    """A precondition as the rules know it; ``rooms`` empty: all of its scope."""

    id: int
    public_id: str
    kind: str
    label: Texts
    how: Texts
    venue_id: int | None = None
    rooms: frozenset[int] = frozenset()
    may_declare: bool = False

    def concerns(self, venue_id: int, room_id: int) -> bool:
        """Whether it is asked for in a room."""
        here = self.venue_id is None or self.venue_id == venue_id
        return here and (not self.rooms or room_id in self.rooms)


@dataclass(frozen=True)
class Unmet:
    """What the applicant has not accepted yet, and what she lacks, on the booking's day.

    ``elsewhere``: rooms that do not ask for what she lacks.
    """

    unaccepted: tuple[TermsFacts, ...] = ()
    lacking: tuple[Need, ...] = ()
    elsewhere: tuple[Choice, ...] = ()


ALL_MET: Final = Unmet()


def in_force(versions: Iterable[TermsFacts], day: date) -> tuple[TermsFacts, ...]:
    """Of each scope and kind the newest version whose day has come, unless it was withdrawn."""
    newest: dict[tuple[tuple[int, int], str], TermsFacts] = {}
    for each in sorted(versions, key=lambda version: version.number):
        if each.valid_from <= day:
            newest[each.scope, each.kind] = each
    return tuple(each for each in newest.values() if not each.withdrawn)


def unmet_reasons(unmet: Unmet, ask: Ask) -> Iterator[Reason]:
    """What is against booking; a move asks for no terms and for no sponsor again."""
    moving = ask.moving_from is not None
    for terms in unmet.unaccepted:
        if not (moving or terms.public_id in ask.accepts):
            yield _unaccepted(terms)
    for need in unmet.lacking:
        if need.kind != "sponsor":
            yield _lacking(need, unmet.elsewhere)
        elif not (ask.sponsored or moving):
            text = msg("Name a member who vouches for you.")
            yield Reason("sponsor_needed", text, "sponsor", unmet.elsewhere)


def _unaccepted(terms: TermsFacts) -> Reason:
    text = msg(
        "Read and accept “%(title)s”, version %(number)s.", title=terms.title, number=terms.number
    )
    choice = Choice(terms_words(terms), {"accept_terms": terms.public_id})
    return Reason("terms_not_accepted", text, "accept_terms", (choice,))


def terms_words(terms: TermsFacts) -> Message:
    """What a version is called."""
    return msg("“%(title)s”, version %(number)s", title=terms.title, number=terms.number)


_CODES: Final[Mapping[str, str]] = {
    "training": "training_missing",
    "document": "document_missing",
    "adult": "not_adult",
    "no_debt": "owes",
}


def _lacking(need: Need, elsewhere: tuple[Choice, ...]) -> Reason:
    return Reason(_CODES[need.kind], _why(need), None, elsewhere)


def _why(need: Need) -> Message:
    if need.kind == "no_debt" and not need.how:
        return msg("Something is still to be paid: settle it at the desk, then book.")
    if need.how:
        return msg("Needed here: %(label)s. %(how)s", label=need.label, how=need.how)
    return msg("Needed here: %(label)s. Ask at the desk of the venue.", label=need.label)
