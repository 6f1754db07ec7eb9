"""A small town: two venues, and ways to make people, accounts and signed-in browsers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.kernel.actor import Actor
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.outbox import Job
from tierslieu.kernel.site import Site
from tierslieu.kernel.texts import Texts
from tierslieu.kernel.tokens import hash_token
from tierslieu.people.accounts.passwords import hash_password
from tierslieu.people.accounts.services import create_account
from tierslieu.people.places import place_by_slug
from tierslieu.people.queries import account_by_email, actor_for_session
from tierslieu.people.roles.services import Role
from tierslieu.people.sessions.services import recognise, sign_in
from tierslieu.venues.models import Network, Venue, VenueKind

PASSWORD = "four words in a row"


@lru_cache(maxsize=8)
def hashed(password: str) -> str:
    """The hash of a password: slow by design, so made once."""
    return hash_password(password)


@dataclass
class Town:
    """The site with its venues, and what tests do to it."""

    site: Site
    app: Any
    orologio: int
    gattaglio: int

    def account(self, email: str, *roles: Role, name: str = "", password: str = PASSWORD) -> int:
        """A confirmed account; its person's row id."""
        with self.site.writing() as work:
            made = create_account(work, email, name or email.split("@")[0], None, roles)
            made.password_hash = hashed(password)
            work.session.flush()
            work.session.execute(sa.delete(Job).where(Job.about_person_id == made.person_id))
            return made.person_id

    def actor(self, email: str) -> Actor:
        """The actor that a signed-in browser of this account is."""
        with self.site.reading() as work:
            known = recognise(work, email, PASSWORD)
        assert known is not None
        with self.site.writing() as work:
            token = sign_in(work, known, "test")
        assert token is not None
        with self.site.reading() as work:
            actor = actor_for_session(work.session, hash_token(token), work.now)
        assert actor is not None
        return actor

    def person_id(self, email: str) -> int:
        with self.site.reading() as work:
            account = account_by_email(work.session, email)
            assert account is not None
            return account.person_id

    def public_id(self, email: str) -> str:
        with self.site.reading() as work:
            account = account_by_email(work.session, email)
            assert account is not None
            return account.person.public_id

    def mails(self, address: str) -> list[Mail]:
        with self.site.reading() as work:
            found = work.session.query(Mail).filter(Mail.to_address == address).order_by(Mail.id)
            return list(found)

    def link(self, address: str) -> str:
        """The path of the link in the newest mail to an address."""
        body = self.mails(address)[-1].body
        return body.split("http://localhost")[-1].strip()

    def work_off(self) -> None:
        """Do every job that waits, as the worker does."""
        from tierslieu.kernel import jobs

        jobs.drain(self.site)


def as_form(page: Any, **values: Any) -> dict[str, Any]:
    """Values to post, with the token of a page."""
    text = page.get_data(as_text=True)
    token = text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    return {"csrf_token": token, **values}


class Browser:
    """A browser without JavaScript: every form is fetched before it is sent."""

    def __init__(self, app: Any) -> None:
        self.client = app.test_client()

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, **more)

    def send(self, path: str, *, form_at: str | None = None, **values: Any) -> Any:
        page = self.client.get(form_at or path)
        return self.client.post(path, data=as_form(page, **values))

    def sign_in(self, email: str, password: str = PASSWORD, **values: Any) -> Any:
        return self.send("/sign-in", email=email, password=password, **values)


@pytest.fixture
def town(site: Site, app: Any, built_once: Callable[..., Town]) -> Town:
    """Two venues of one network."""

    def build() -> Town:
        return a_town(site, app)

    return built_once(build)


def a_town(site: Site, app: Any) -> Town:
    with site.writing() as work:
        if work.session.get(Network, 1) is None:
            work.session.add(Network(id=1, name="Town", locale="en"))
        work.session.add(VenueKind(key="centre", label=Texts(en="Social centre")))
        work.session.flush()
        for slug in ("orologio", "gattaglio"):
            work.session.add(Venue(slug=slug, name=slug.title(), kind="centre"))
        work.session.flush()
        ids = [place_by_slug(work.session, slug).id for slug in ("orologio", "gattaglio")]
    return Town(site, app, *ids)


@pytest.fixture
def browser(town: Town) -> Callable[[], Browser]:
    """Makes browsers of the town's site."""
    return lambda: Browser(town.app)


@pytest.fixture
def browser_of() -> type[Browser]:
    """Makes a browser of any application."""
    return Browser
