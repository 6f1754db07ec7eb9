"""A guest books by keyboard, confirms by the link in the mail, changes, cancels, and registers."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.app import create_site
from tierslieu.config import load
from tierslieu.kernel.mail import Mail

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ADDRESS = "gina@example.org"


def mailed(town: Any, pattern: str) -> str:
    """What the newest mail to the guest leads to."""
    site = create_site(load({}, town.folder, secret_key="for tests only"))
    with site.reading() as work:
        question = sa.select(Mail.body).where(Mail.to_address == ADDRESS).order_by(Mail.id.desc())
        bodies = work.session.scalars(question).all()
    site.db.dispose()
    return next(found[0] for body in bodies if (found := re.search(pattern, body)))


def typed(page: Any, name: str, text: str) -> None:
    page.focus(f"[name={name}]")
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def test_a_guest_books_changes_cancels_and_becomes_an_account(enter: Any, served: Any) -> None:
    town, day = served.town, served.town.date(41)
    page = enter("", f"/book/{town.rooms['levante']}?date={day}&start=15:00&end=16:00")
    for name, text in (("title", "Quilts"), ("guest_name", "Gina Rossi"), ("email", ADDRESS)):
        typed(page, name, text)
    page.keyboard.press("Enter")
    page.wait_for_url("**/guests/sent")

    link = mailed(town, r"/g/[\w-]+")
    page.goto(link)
    page.get_by_role("button", name="Confirm the booking").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Confirmed. Keep the mail").wait_for()

    page.get_by_role("link", name="Move or change").press("Enter")
    page.wait_for_url("**/move")
    page.fill("[name=start]", "17:00")
    page.fill("[name=end]", "18:00")
    page.get_by_role("button", name="Save the change").press("Enter")
    page.get_by_text("17:00–18:00").first.wait_for()
    page.get_by_role("link", name="Cancel the booking").press("Enter")
    page.wait_for_url("**/cancel")
    page.get_by_role("button", name="Cancel the booking").press("Enter")
    page.get_by_text("Cancelled: the time is free again.").wait_for()

    page.goto("/register")
    secret = "a quiet afternoon"
    written = {"name": "Gina Rossi", "email": ADDRESS, "password": secret, "again": secret}
    for name, text in written.items():
        page.fill(f"[name={name}]", text)
    page.press("[name=again]", "Enter")
    page.wait_for_url("**/register/sent")
    page.goto(mailed(town, r"/confirm/[\w-]+"))
    page.get_by_role("button", name="Confirm the address").click()
    page.wait_for_url("**/sign-in*")
    page.fill("input[name=email]", ADDRESS)
    page.fill("input[name=password]", "a quiet afternoon")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto("/me")
    page.get_by_role("button", name="Make them mine").click()
    page.get_by_text("They are yours now").wait_for()
