"""The blueprint that every page of places hangs on, and its filter for what people wrote."""

from __future__ import annotations

from flask import Blueprint
from markupsafe import Markup

from tierslieu.kernel.texts import Texts
from tierslieu.venues.prose import html_of
from tierslieu.web.pages import current_network
from tierslieu.web.requests import current_locale

bp = Blueprint("venues", __name__, template_folder="templates")


@bp.app_template_filter("prose")
def prose(texts: Texts | None) -> Markup:
    """A text with its little markup, in the reader's language or marked as another."""
    language, text = Texts(texts or {}).best(current_locale(), current_network().locale)
    made = Markup(html_of(text))  # noqa: S704 - sanitised: a few tags, safe links
    if language in ("", current_locale()):
        return made
    return Markup('<div lang="{}">{}</div>').format(language, made)
