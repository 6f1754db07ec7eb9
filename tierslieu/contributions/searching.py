"""What features find by words."""

from __future__ import annotations

from dataclasses import dataclass

from tierslieu.contributions.checks import must_be
from tierslieu.kernel.messages import Message


@dataclass(frozen=True)
class SearchResult:
    """Something that is called so: its name, its address on this site, what it is, where it is."""

    label: Message | str
    url: str
    kind: Message
    where: Message | str = ""
    icon: str = "info"
    order: int = 100

    def __post_init__(self) -> None:
        must_be(self.label, (Message, str), "a label")
        must_be(self.url, str, "an address")
        if not self.url.startswith("/") or self.url.startswith("//"):
            raise TypeError(f"an address of this site cannot be {self.url!r}")
        must_be(self.kind, Message, "a kind")
        must_be(self.where, (Message, str), "a place")
        must_be(self.icon, str, "an icon")
        must_be(self.order, int, "an order")
