"""Addresses on one's own pages: made, shown once, renewed, stopped."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu.testing import an_account, sign_in
from tierslieu_ical.models import Feed
from tierslieu_ical.tests.builders import a_place


def test_she_makes_renews_and_stops_an_address_on_her_pages(site: tl.Site, client: Any) -> None:
    with site.writing() as work:
        a_place(work)
        an_account(work, "ada@example.org")
    client.application.config["WTF_CSRF_ENABLED"] = False
    assert client.get("/feeds").status_code == 302
    assert client.post("/feeds").status_code == 401
    sign_in(client, "ada@example.org")
    assert "No address yet" in client.get("/feeds").get_data(as_text=True)
    assert "Get an address" in client.get("/me").get_data(as_text=True)

    made = client.post("/feeds")
    assert "no-store" in made.headers["Cache-Control"]
    token = shown_token(made)
    assert client.get(f"/feeds/{token}.ics").status_code == 200
    mine = client.get("/me").get_data(as_text=True)
    assert token not in mine
    assert f"{token[:7]}…{token[-3:]}" in mine

    with site.reading() as work:
        public_id = work.session.scalars(sa.select(Feed.public_id)).one()
    second = shown_token(client.post(f"/feeds/{public_id}/renew"))
    assert client.get(f"/feeds/{token}.ics").status_code == 404
    with site.reading() as work:
        asked = sa.select(Feed.public_id).where(Feed.revoked_at.is_(None))
        public_id = work.session.scalars(asked).one()
    assert client.post(f"/feeds/{public_id}/stop").status_code == 302
    assert client.get(f"/feeds/{second}.ics").status_code == 404
    assert client.post(f"/feeds/{public_id}/stop").status_code == 404


def shown_token(answer: Any) -> str:
    found = re.search(r"tlf_[\w-]{43}", answer.get_data(as_text=True))
    assert found is not None
    return found[0]
