"""A place that lends, its people and its ladders."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import tierslieu.toolkit as tl
from tierslieu.testing import a_card, a_venue, an_account
from tierslieu_lending import queries, services, stock
from tierslieu_lending.models import Loan, Thing
from tierslieu_lending.stock import ThingSaid

ROME = ZoneInfo("Europe/Rome")


class Place:
    """Gattaglio, with a desk, two members and a thing with so many items."""

    def __init__(self, site: tl.Site, items: int = 1, **facts: Any) -> None:
        self.site = site
        with site.writing() as work:
            self.venue = a_venue(work)
            self.ada = an_account(work, "ada@example.org", name="Ada Lovelace")
            self.bice = an_account(work, "bice@example.org", name="Bice Verdi")
            self.desk = an_account(work, "desk@example.org", role="venue_manager", venue=self.venue)
            a_card(work, self.venue, self.ada.person_id)
            self.thing_id = a_thing(work, self.venue.id, items, **facts).public_id

    def work(self, account: Any) -> Any:
        """Writing work of an account."""
        with self.site.reading() as work:
            actor = tl.acting(work.session, account.person_id, work.now)
        assert actor is not None
        return self.site.writing(self.site.plugins.endowed(actor))

    def reserve(self, account: Any, start: int = 1, end: int = 3) -> str:
        """The account has the thing kept, from a day to a day."""
        with self.work(account) as work:
            return services.reserve(work, self.thing(work), days(work, start, end)).public_id

    def thing(self, work: tl.Work) -> Thing:
        return queries.thing_by_id(work.session, self.thing_id)

    def loan(self, public_id: str) -> Loan:
        with self.site.reading() as work:
            return queries.loan_by_id(work, public_id).loan

    def out(self, public_id: str, **said: Any) -> None:
        """The desk hands it over."""
        with self.work(self.desk) as work:
            view = queries.loan_by_id(work, public_id)
            services.hand_out(work, view, services.HandedOver(**said))

    def back(self, public_id: str, **said: Any) -> None:
        """The desk takes it back."""
        with self.work(self.desk) as work:
            view = queries.loan_by_id(work, public_id)
            services.take_back(work, view, services.TakenBack(**said))


def a_thing(work: tl.Work, venue_id: int, items: int = 1, **facts: Any) -> Thing:
    """A ladder."""
    said = {"name": tl.Texts(en="Ladder", it="Scala"), "description": tl.Texts()} | facts
    thing = stock.put_thing(work, venue_id, ThingSaid(**said))
    if items:
        stock.add_items(work, thing, items)
    return thing


def days(work: tl.Work, start: int, end: int) -> tl.Span:
    """From ten o'clock of a day to ten of another, counted from today by the clock of Rome."""
    today = tl.local_date(work.now, ROME)
    return tl.Span(at(today, start), at(today, end))


def at(today: Any, day: int) -> datetime:
    return tl.at_wall(today + timedelta(days=day), 600, ROME)
