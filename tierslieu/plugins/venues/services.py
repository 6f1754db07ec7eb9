"""Switching plugins on and off at venues."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING

import sqlalchemy as sa

from tierslieu.kernel.db import insert
from tierslieu.kernel.errors import Reason, Refused
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.plugins.models import PluginVenue
from tierslieu.plugins.switches import count, write_at_venues
from tierslieu.plugins.venues.queries import state_at
from tierslieu.plugins.venues.rules import Plan, lacking, needed, plan

if TYPE_CHECKING:
    from tierslieu.plugins.platform import Plugins

#: Whose word it is: a manager's "off" can be taken back by her, the network's cannot.
OFF, BARRED = "off", "barred"


def switch(
    work: Work,
    plugins: Plugins,
    venue_id: int,
    wanted: Mapping[str, bool],
    *,
    others: bool = False,
) -> Plan:
    """Switch plugins at a venue; ``others``: also off what needs those that go off.

    Raises Forbidden; Invalid ``plugin_requires``, ``plugin_required`` (others would go off and
    were not named); Refused ``plugin_barred``, ``plugin_off`` (the network does not allow it).
    """
    work.require("plugins.venue", venue=venue_id)
    plugins.switches.stale()
    now = state_at(plugins, venue_id)
    network = work.actor.may("plugins.server")
    for name, on in wanted.items():
        plugins.find(name)
        if name not in now:
            text = msg("The network has not switched “%(name)s” on.", name=name)
            raise Refused(Reason("plugin_off", text))
        if on and not network and plugins.switches.get(name).said.get(venue_id) == BARRED:
            text = msg("The network has switched “%(name)s” off here.", name=name)
            raise Refused(Reason("plugin_barred", text))
    found = plan(now, wanted, {name: plugins.find(name).requires for name in now})
    if found.missing:
        raise lacking(found.missing[0][1])
    if found.falls and not others:
        raise needed(found.falls)
    for name in found.on:
        _write(work, name, venue_id, "on")
        work.audit("plugins.venue.enable", f"plugin:{name}", venue=venue_id)
        _catch_up(work, plugins, name, venue_id)
    for name in (*found.off, *found.falls):
        _write(work, name, venue_id, BARRED if network and name in found.off else OFF)
        work.audit("plugins.venue.disable", f"plugin:{name}", venue=venue_id)
    work.after_commit(plugins.switches.stale)
    return found


def users_at(plugins: Plugins, name: str, venue_id: int) -> list[str]:
    """The plugins that are on at a venue and would go off there with this one."""
    now = state_at(plugins, venue_id)
    requires = {each: plugins.find(each).requires for each in now}
    return list(plan(now, {name: False}, requires).falls)


def at_other_venues(work: Work, plugins: Plugins, name: str, on: bool) -> None:
    """Say what holds at the venues where nobody has said anything of a plugin."""
    work.require("plugins.server")
    plugins.find(name)
    if plugins.switches.get(name).at_venues == ("on" if on else "off"):
        return
    write_at_venues(work.session, name, "on" if on else "off", work.now, plugins.is_on(name))
    work.audit("plugins.venues", f"plugin:{name}", at_venues="on" if on else "off")
    for job in plugins.find(name).on_enable if on else ():
        work.later(job)
    work.after_commit(plugins.switches.stale)


def _write(work: Work, name: str, venue_id: int, state: str) -> None:
    said = {"state": state, "changed_at": work.now}
    work.session.execute(
        insert(work.session, PluginVenue)
        .values(plugin=name, venue_id=venue_id, **said)
        .on_conflict_do_update(index_elements=["plugin", "venue_id"], set_=said)
    )
    count(work.session)


def _catch_up(work: Work, plugins: Plugins, name: str, venue_id: int) -> None:
    """Queue its first jobs: it was told nothing of this venue while it was off here."""
    for job in plugins.find(name).on_enable:
        kind = work.site.jobs.get(job)
        if kind is not None and "venue" in inspect.signature(kind.run).parameters:
            work.later(job, key=f"{job}:{venue_id}", venue=venue_id)
        else:
            work.later(job, key=job)


def forget(work: Work, name: str) -> None:
    """Forget what was said of a plugin at any venue."""
    work.session.execute(sa.delete(PluginVenue).where(PluginVenue.plugin == name))
    count(work.session)
