"""Loads the whole demo network into an empty database: ``load(site)``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from tierslieu import hookspecs
from tierslieu.demo.agenda import generate
from tierslieu.demo.content import load as load_network
from tierslieu.demo.loading.answers import answer_and_wait
from tierslieu.demo.loading.closings import close_and_limit
from tierslieu.demo.loading.demands import ask_first
from tierslieu.demo.loading.diary import Diary
from tierslieu.demo.loading.doors import open_doors
from tierslieu.demo.loading.house import say_more
from tierslieu.demo.loading.people import write_cards, write_people, write_relations, write_roles
from tierslieu.demo.loading.photos import hang, studio
from tierslieu.demo.loading.places import write_network, write_places
from tierslieu.demo.loading.seasons import call_for_a_season
from tierslieu.demo.loading.tables import Known, Progress
from tierslieu.demo.records import DemoBooking, DemoNetwork
from tierslieu.kernel.errors import Conflict, Reason, Refusal
from tierslieu.kernel.languages import say
from tierslieu.kernel.messages import msg
from tierslieu.kernel.site import Site
from tierslieu.kernel.work import Work
from tierslieu.people.models import Person
from tierslieu.venues.models import Venue

SEED = 1


def load(
    site: Site,
    progress: Progress | None = None,
    now: datetime | None = None,
    *,
    seed: int = SEED,
    one_in: int = 1,
    plugins: Iterable[str] = (),
) -> None:
    """Write venues, people, cards and two years of bookings around ``now``, in one transaction.

    The database must be migrated and empty (Conflict ``not_empty``). ``progress(done, total,
    what)`` is told how far it is. ``one_in`` keeps every n-th booking only, for tests. The plugins
    that come with the program are switched on, and ``plugins`` with them; each adds what it has.
    """
    told = progress or _nothing
    network = load_network(seed)
    with studio(network) as pictures, site.writing() as work:
        _refuse_unless_empty(work)
        if now is not None:
            work.now = now
        known = Known()
        write_network(work)
        write_people(work, network, known)
        write_places(work, network, known, told)
        write_roles(work, network, known)
        cards = write_cards(work, seed, network, known)
        diary = Diary(work, network, known, cards)
        diary.write(_some(network, seed, work.now, one_in), told)
        write_relations(work, network, known, diary.people)
        close_and_limit(work)
        say_more(work, known)
        open_doors(work)
        call_for_a_season(work, known)
        ask_first(work, known)
        answer_and_wait(work)
        hang(work, network, known, pictures, told)
        work.audit("demo.loaded", "network", seed=seed)
    # Afterwards: each venue would otherwise ask them to look at all its bookings.
    for name in [*(item.name for item in site.plugins.all if item.is_bundled), *plugins]:
        _enable(site, name, told)
    with site.writing() as work:
        work.now = now or work.now
        add_what_plugins_have(work)


def add_what_plugins_have(work: Work) -> None:
    """Each feature that is on adds what shows it at work."""
    work.hooks.tell(hookspecs.demo_loaded, work=work)


def _nothing(_done: int, _total: int, _what: str) -> None:
    pass


def _refuse_unless_empty(work: Work) -> None:
    for model in (Person, Venue):
        if work.session.scalar(sa.select(model.id).limit(1)) is not None:
            text = msg("There is something in this database already: the demo needs an empty one.")
            raise Conflict(Reason("not_empty", text, kind="state"))


def _enable(site: Site, name: str, told: Progress) -> None:
    try:
        site.plugins.enable(site, name)
    except Refusal as refusal:
        # The demo is poorer, not broken.
        told(1, 1, say(refusal.reasons[0].message, site.config.locale))


def _some(network: DemoNetwork, seed: int, now: datetime, one_in: int) -> list[DemoBooking]:
    found = list(generate(seed, now, network))
    if one_in == 1:
        return found
    named = {person.slug for person in network.people if person.account}
    return [b for n, b in enumerate(found) if n % one_in == 0 or b.booked_for in named]
