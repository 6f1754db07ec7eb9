"""The little markup that people may write about their place, as safe HTML.

Paragraphs, lists, *emphasis*, **strength** and links; everything else is text. What was made of it
is sanitised once more when it is shown, so nothing stored has to be trusted.
"""

from __future__ import annotations

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

_TAGS = {"p", "ul", "ol", "li", "strong", "em", "a", "br"}
#: An address that stands for itself, not one inside a link that was written out.
_BARE = re.compile(r"(?<![(<\[])\b(https?://[^\s<>()]*[^\s<>().,;:!?])")
_SCHEMES = {"http", "https", "mailto", "tel"}


def _reader() -> MarkdownIt:
    reader = MarkdownIt("zero", {"html": False, "linkify": False})
    reader.enable(["emphasis", "link", "list", "newline", "escape", "balance_pairs"], True)
    return reader


_READER = _reader()


def _named(found: re.Match[str]) -> str:
    """A bare address as a link that shows only whose it is."""
    host = found[1].split("/")[2].removeprefix("www.")
    return f"[{host}]({found[1]})"


@lru_cache(maxsize=1024)
def html_of(text: str) -> str:
    """Markup as safe HTML of a few tags; the result needs no further escaping."""
    return nh3.clean(
        _READER.render(_BARE.sub(_named, text)),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes=_SCHEMES,
        link_rel="noopener nofollow",
    )
