"""What somebody who tries many passwords or addresses meets."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from tierslieu.app import create_app
from tierslieu.people.sessions.services import recognise

ANN = "ann@town.example"


@pytest.fixture
def limited(town, config):
    """The same site with its limits on."""
    app = create_app(replace(config, rate_limits=True))
    yield app
    app.extensions["tierslieu"].db.dispose()


def tries(app, browser_of, addresses, path="/sign-in"):
    browser = browser_of(app)
    return [
        browser.send(path, email=email, password="wrong password").status_code
        for email in addresses
    ]


def test_one_account_is_not_tried_for_ever(town, limited, browser_of):
    town.account(ANN)
    answers = tries(limited, browser_of, [ANN] * 22)
    assert answers[:20] == [422] * 20
    assert set(answers[20:]) == {429}


def test_one_address_does_not_try_many_accounts(town, limited, browser_of):
    answers = tries(limited, browser_of, [f"a{n}@town.example" for n in range(32)])
    assert answers[:30] == [422] * 30
    assert set(answers[30:]) == {429}


def test_one_mailbox_is_not_filled_with_links(town, limited, browser_of):
    town.account(ANN)
    answers = tries(limited, browser_of, [ANN] * 7, "/reset")
    assert answers == [302] * 5 + [429] * 2


def test_an_address_without_account_takes_as_long_as_one_with(town):
    town.account(ANN)

    def shortest(email):
        spans = []
        for _ in range(5):
            with town.site.reading() as work:
                began = time.perf_counter()
                assert recognise(work, email, "wrong password") is None
                spans.append(time.perf_counter() - began)
        return min(spans)

    known, unknown, broken = (shortest(e) for e in (ANN, "bob@town.example", "no address"))
    assert unknown > known / 3
    assert broken > known / 3
