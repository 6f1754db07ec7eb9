"""One venue with one room, a member with a token, and a day far enough ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tierslieu.kernel.site import Site
from tierslieu.testing import a_room, a_token, a_venue, an_account


@dataclass
class Api:
    """The API as one member's programme sees it; ``room`` is the public id of its room."""

    client: Any
    room: str
    token: str
    other_token: str
    manager_token: str

    def call(self, method: str, path: str, token: str | None = None, **kwargs: Any) -> Any:
        headers = {"Authorization": f"Bearer {token or self.token}"} | kwargs.pop("headers", {})
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **kwargs)

    def book(self, start: str = "18:00", end: str = "20:00", **more: Any) -> Any:
        """Book the room on a Tuesday in May 2031; ``token`` and ``headers`` as for call."""
        known = {k: more.pop(k) for k in ("token", "headers") if k in more}
        body = {
            "room_id": self.room,
            "starts_at": f"2031-05-06T{start}",
            "ends_at": f"2031-05-06T{end}",
            "title": "Repair café",
        }
        return self.call("POST", "/bookings", json=body | more, **known)


@pytest.fixture
def api(site: Site, client: Any) -> Api:
    with site.writing() as work:
        venue = a_venue(work)
        room = a_room(work, venue, capacity=40, features=["kitchen"], step_free=True)
        member = an_account(work, "member@demo.example", name="Teresa")
        other = an_account(work, "other@demo.example", name="Adaeze")
        manager = an_account(work, "manager@demo.example", role="venue_manager", venue=venue)
        tokens = [a_token(work, account) for account in (member, other, manager)]
        public_id = room.public_id
    return Api(client, public_id, *tokens)
