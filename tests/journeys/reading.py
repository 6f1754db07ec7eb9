"""What a reader sees of a page: its words, links and forms, without a browser."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

#: Attributes that are read out or shown.
SPOKEN = (
    "title",
    "aria-label",
    "aria-description",
    "aria-valuetext",
    "placeholder",
    "alt",
    "data-done",
    "data-to-dark",
    "data-to-light",
    "data-say-moved",
    "data-say-undone",
    "data-say-refused",
    "data-say-trouble",
    "data-say-fresh",
    "data-say-held",
    "data-say-finger",
    "data-say-stays",
    "data-say-both",
)
SILENT = frozenset({"script", "style", "template"})
VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "path",
    "source", "track", "use", "wbr",
})  # fmt: skip
#: What one types into.
TYPED = frozenset({"", "text", "email", "password", "tel", "date", "time", "number", "url"})
OPEN, CLOSE = "⟦", "⟧"


@dataclass
class Form:
    """A form that is posted: where to, and what its fields hold; ``typed`` are those of words."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)


@dataclass
class Sheet(HTMLParser):
    """A page taken apart: ``outside`` are the words that stand outside the translators' marks."""

    address: str
    links: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    #: Addresses of the style sheets, scripts and icons it is drawn with.
    parts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._stack: list[tuple[str, bool]] = []
        self._depth = 0
        self._form: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._stack.append((tag, said.get("translate") == "no"))
        if "style" in said or any(name.startswith("on") for name in said) or tag == "style":
            self.odd.append(f"<{tag} {' '.join(said)}>")
        # What is only data, for search engines, runs nowhere.
        if tag == "script" and not said.get("src") and said.get("type") != "application/ld+json":
            self.odd.append("<script> in the page")
        if tag == "script" or (tag == "link" and said.get("rel") in {"stylesheet", "icon"}):
            self.parts.add(said.get("src") or said.get("href", ""))
        if tag == "use":
            self.parts.add(said.get("href", "").partition("#")[0])
        if tag == "a" and said.get("href"):
            self.links.append(urljoin(self.address, said["href"]))
        self._note_form(tag, said)
        if not self._silent():
            self._note_spoken(tag, said)

    def _note_form(self, tag: str, said: dict[str, str]) -> None:
        if tag == "form" and said.get("method", "").lower() == "post":
            self._form = Form(urlsplit(urljoin(self.address, said.get("action", ""))).path)
            self.forms.append(self._form)
        name, kind = said.get("name", ""), said.get("type", "")
        if self._form is None or not name or tag not in {"input", "textarea"}:
            return
        if tag == "textarea" or kind in TYPED:
            self._form.typed.append(name)
            self._form.values[name] = ""
        elif kind == "hidden" or (kind in {"radio", "checkbox"} and "checked" in said):
            self._form.values[name] = said.get("value", "")

    def _note_spoken(self, tag: str, said: dict[str, str]) -> None:
        texts = [said[name] for name in SPOKEN if said.get(name)]
        if tag == "input" and said.get("type") in {"submit", "button"}:
            texts.append(said.get("value", ""))
        if tag == "meta" and said.get("name") == "description":
            texts.append(said.get("content", ""))
        for text in texts:
            self.outside.extend(outside(text)[0])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        while self._stack:
            found, _ = self._stack.pop()
            if found == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._silent():
            found, self._depth = outside(data, self._depth)
            self.outside.extend(found)

    def _silent(self) -> bool:
        return any(tag in SILENT or untranslated for tag, untranslated in self._stack)

    def paths(self) -> list[str]:
        """Links that stay on this site, without their fragments."""
        here = urlsplit(self.address)
        found = []
        for link in self.links:
            parts = urlsplit(link)
            if (parts.scheme, parts.netloc) == (here.scheme, here.netloc):
                found.append(parts._replace(scheme="", netloc="", fragment="").geturl())
        return found


def outside(text: str, depth: int = 0) -> tuple[list[str], int]:
    """The pieces of a text outside the marks, and how deep within marks it ends."""
    pieces: list[str] = []
    here: list[str] = []
    for character in text:
        if character in OPEN + CLOSE:
            depth += 1 if character == OPEN else -1
            pieces.append("".join(here))
            here = []
        elif depth == 0:
            here.append(character)
    pieces.append("".join(here))
    return [piece for piece in (re.sub(r"\s+", " ", p).strip() for p in pieces) if piece], depth


def take_apart(address: str, html: str) -> Sheet:
    """Read a page."""
    sheet = Sheet(address)
    sheet.feed(html)
    sheet.close()
    return sheet


def shape(address: str) -> str:
    """Addresses of one shape show one kind of page: ids and numbers left out."""
    path, _, query = address.partition("?")
    path = re.sub(r"/[a-z2-7]{16}(?=[/.]|$)", "/ID", path)
    names = sorted(set(re.findall(r"(?:^|&)(\w+)=", query)))
    return re.sub(r"\d+", "N", path) + (f"?{','.join(names)}" if names else "")


class Walk:
    """All pages that links lead to, at most ``each`` of a shape; ``get`` opens one."""

    #: No pages, or the same pages again in another language.
    NOT_WALKED = ("/language/", "/static/", "/photos/", "/api/", "/style", "/feeds/tlf_")

    def __init__(self, get: object, each: int = 2) -> None:
        self.get, self.each = get, each
        self.seen: set[str] = set()
        self.shapes: dict[str, int] = {}
        self.broken: list[str] = []
        #: Bytes of each page, compressed.
        self.sizes: dict[str, int] = {}

    def from_(self, *starts: str) -> list[Sheet]:
        """The pages, as they were read."""
        todo, sheets = list(starts), []
        while todo:
            address = todo.pop(0)
            if not self._wanted(address):
                continue
            answer = self.get(address)  # type: ignore[operator]
            if answer.status_code in {301, 302, 303, 308}:
                todo.append(urljoin(address, answer.location))
                continue
            if answer.status_code != 200:
                self.broken.append(f"{address}: {answer.status_code}")
            if answer.mimetype == "text/html":
                sheet = take_apart(f"http://localhost{address}", answer.get_data(as_text=True))
                self.sizes[sheet.address] = len(gzip.compress(answer.data))
                sheets.append(sheet)
                todo.extend(sheet.paths())
        return sheets

    def _wanted(self, address: str) -> bool:
        if address in self.seen or address.startswith(self.NOT_WALKED) or ".ics" in address:
            return False
        self.seen.add(address)
        kind = shape(address)
        self.shapes[kind] = self.shapes.get(kind, 0) + 1
        return self.shapes[kind] <= self.each
