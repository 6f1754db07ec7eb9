"""What every page of a manager needs: her venue, and whether it is hers."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tierslieu.kernel.texts import Texts
from tierslieu.venues.models import Venue
from tierslieu.venues.places.queries import kinds, venue_by_slug
from tierslieu.web.pages import current_network
from tierslieu.web.requests import current_locale, reading


def managed(slug: str, permission: str) -> Venue:
    """The venue of that address, for who holds the permission there. NotFound, Forbidden."""
    with reading() as work:
        venue = venue_by_slug(work.session, slug, hidden=True)
        work.require(permission, venue=venue.id)
        return venue


def in_words(texts: Texts | None) -> str:
    """A text in the reader's language, without marks."""
    return Texts(texts or {}).best(current_locale(), current_network().locale)[1]


def kind_choices(session: Session) -> dict[str, str]:
    """The kinds of venue, named in the reader's language."""
    return {key: in_words(label) or key for key, label in kinds(session).items()}
