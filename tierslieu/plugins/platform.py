"""The plugins of one installation: found, checked, in order, registered, switched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import wraps
from importlib import import_module, util
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pluggy
import structlog

from tierslieu import hookspecs
from tierslieu.config import Config
from tierslieu.kernel.actor import SYSTEM, Actor
from tierslieu.kernel.errors import Invalid, NotFound
from tierslieu.kernel.languages import add_domain
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.outbox import JobKind
from tierslieu.kernel.places import EVERYWHERE, Places
from tierslieu.manifest import parts
from tierslieu.permission import Permission
from tierslieu.plugins import checks, finding, specs, switches
from tierslieu.plugins.finding import Installed
from tierslieu.plugins.permissions import endowed
from tierslieu.plugins.settings.rules import Place, in_force
from tierslieu.plugins.strikes import CORE, WatchedHooks, write_faults
from tierslieu.plugins.switching import KINDS, record, switch_off, switch_on
from tierslieu.plugins.venues.rules import lacking, needed, plan
from tierslieu.plugins.watchdog import Watchdog, take_in

if TYPE_CHECKING:
    from tierslieu.kernel.site import Site

log = structlog.get_logger("tierslieu.plugins")

#: The core's own features, which speak through the same hooks and come first.
FEATURES = (
    "kernel",
    "people",
    "resources",
    "venues",
    "memberships",
    "bookings",
    "bookings.dated",
    "admin",
    "plugins",
)


class Plugins:
    """Everything the house knows of its plugins; one for each application.

    ``hooks`` calls the core's features and the plugins that are on. ``all`` holds every plugin
    that was found, the broken ones too.
    """

    def __init__(self, config: Config) -> None:
        self.manager = pluggy.PluginManager("tierslieu")
        self.manager.add_hookspecs(hookspecs)
        for name, module in _features():
            self.manager.register(module, name=f"{CORE}.{name}")
        found = finding.find(config.plugins_folders)
        found = [item for item in found if item.name not in config.plugins_blocked]
        for item in found:
            self._import(item)
        self.all = checks.ordered(found)
        self._named = {item.name: item for item in self.all}
        for item in self.all:
            self._register(item)
        self.switches = switches.Switches(self.all)
        self.hooks = WatchedHooks(self.manager, self.is_on, self.switches.get, self.absent_judges)
        self._site: Site | None = None

    def load(self, site: Site) -> None:
        """Bind to a site: its rows say what is on; jobs of plugins become known."""
        self._site = site
        self.switches.bind(site.db)
        self.hooks.write = lambda: self._write_faults(site)
        site.add_jobs(KINDS)
        for item in self.all:
            if item.plugin is not None:
                site.journal.update(item.plugin.journal)
            if item.fault is None:
                try:
                    site.add_jobs(self._jobs(item))
                except Exception as error:
                    self.mark_broken(item.name, error)

    def register_web(self, app: Any, site: Site) -> None:
        """Add the pages of the plugins, behind a gate that is asked at each request."""
        from tierslieu.plugins.web import register

        register(app, site, self)

    def guard(self, site: Site) -> None:
        """In a process that serves: suspend who hung in the one before, and watch from now on."""
        take_in(site)
        Watchdog(self.hooks.calls, site.config.instance, site.config.hook_seconds).start()

    # -- what is ---------------------------------------------------------------------------------

    @property
    def broken(self) -> dict[str, Message]:
        """The plugins that cannot be used, with the reason."""
        faults = {item.name: self.fault(item) for item in self.all}
        return {name: fault for name, fault in faults.items() if fault is not None}

    def fault(self, item: Installed) -> Message | None:
        """Why a plugin cannot be used: its code, or its tables."""
        return item.fault or self.switches.get(item.name).fault

    def absent_judges(self, hook: str) -> list[str]:
        """Plugins that are on and refused something by this hook until they broke."""
        return [
            item.name
            for item in self.all
            if (switch := self.switches.get(item.name)).state == "on"
            and hook in switch.judges
            and self.fault(item) is not None
        ]

    def find(self, name: str) -> Installed:
        """The plugin of that name; raises NotFound."""
        if name in self._named:
            return self._named[name]
        raise NotFound(msg("There is no plugin “%(name)s” here.", name=name))

    def is_on(self, name: str, venue_id: int | None = None) -> bool:
        """Whether a plugin's hooks, pages and jobs are in use now. The core's are always."""
        if name.startswith(CORE):
            return True
        item = self._named.get(name)
        if item is None or item.fault is not None:
            return False
        switch = self.switches.get(name)
        if not switch.is_on or (venue_id is not None and not switch.places.has(venue_id)):
            return False
        return all(self.is_on(need, venue_id) for need in item.requires)

    def places(self, name: str) -> Places:
        """The venues at which a plugin is on while it is on at all, as it needs others there."""
        if name.startswith(CORE):
            return EVERYWHERE
        found = self.switches.get(name).places
        for need in self.find(name).requires:
            found = found.within(self.places(need))
        return found

    @property
    def permissions(self) -> list[Permission]:
        """What the plugins that are on let people do."""
        return [each for item in self._giving() for each in item.permissions]

    def endowed(self, actor: Actor) -> Actor:
        """The actor with the permissions that the plugins that are on give to her roles."""
        given = [(item.permissions, self.places(item.name)) for item in self._giving()]
        return endowed(actor, given)

    def offered(self, actor: Actor) -> list[tuple[Permission, Message]]:
        """What plugins let somebody do, with its sentence, for a token of hers."""
        held = {name for grant in actor.grants for name in grant.permissions}
        found = [(item, each) for item in self._giving() for each in item.permissions]
        return [(each, item.said(each.sentence)) for item, each in found if each.name in held]

    def _giving(self) -> Iterator[Installed]:
        return (item for item in self.all if item.permissions and self.is_on(item.name))

    def held_by(self, owner: str, venue_id: int) -> Message | None:
        """How a claim of a plugin that is off at its venue, or gone, is called; else None."""
        if owner.startswith(CORE) or self.is_on(owner, venue_id):
            return None
        item = self._named.get(owner)
        return msg("held by “%(name)s” (off)", name=item.title if item else owner)

    def setting(
        self, name: str, key: str, *, venue_id: int | None = None, room_id: int | None = None
    ) -> Any:
        """A plugin's setting in force at a place; LookupError where it declares none such."""
        declared = next((each for each in self.find(name).settings if each.name == key), None)
        if declared is None:
            raise LookupError(f"{name} declares no setting {key}")
        place = Place(venue_id, room_id)
        return in_force(declared, self.switches.get(name).values, place).value

    def named(self, package: str) -> str:
        """The name of the plugin whose import package this is; LookupError for any other's."""
        for item in self.all:
            if item.package == package:
                return item.name
        raise LookupError(f"{package} is no plugin")

    @property
    def requires(self) -> dict[str, tuple[str, ...]]:
        """What each plugin needs, in the order in which they are called."""
        return {item.name: item.requires for item in self.all}

    def known_hooks(self, item: Installed | None = None) -> list[specs.Spec]:
        """The core's hooks and those of all plugins; of ``item``: those that it may implement."""
        found = specs.core_specs()
        for each in self.all:
            if item is None or each.name in {item.name, *item.requires}:
                found += specs.specs_in(each.plugin and each.plugin.hookspecs)
        return found

    def is_suspended(self, name: str) -> bool:
        """Whether its contributions and reactions are left out after repeated faults."""
        return not name.startswith(CORE) and self.switches.get(name).is_suspended

    def migration_streams(self, site: Site) -> list[Installed]:
        """The plugins whose tables are to be kept up to date, in the order of ``requires``."""
        names = switches.wanted(site.db, self.all)
        return [item for item in self.all if item.name in names and item.fault is None]

    def commands(self) -> Iterator[Any]:
        """The commands of the plugins, for ``tierslieu``; one that fails to give them is broken."""
        for item in self.all:
            if item.fault is None and item.plugin is not None:
                try:
                    found = parts(item.plugin.commands)
                except Exception as error:
                    self.mark_broken(item.name, error)
                    continue
                for command in found:
                    # What ``@click.pass_obj`` hands to the command.
                    command.context_settings = {**command.context_settings, "obj": self._site}
                    yield command

    # -- switching -------------------------------------------------------------------------------

    def upgrade(self, site: Site) -> list[str]:
        """Migrate the core, then the plugins; a plugin that fails is broken, the others go on."""
        from tierslieu.migrate import upgrade

        done = upgrade(site.db, self.migration_streams(site), broken=self.mark_broken)
        self.switches.stale()
        record(site, [item for item in self.all if item.fault is None])
        return done

    def enable(self, site: Site, name: str) -> None:
        """Bring a plugin's tables up to date and switch it on, now; raises Invalid if it cannot."""
        item = self.find(name)
        if item.fault is not None:
            raise Invalid("plugin_broken", item.fault)
        off = [need for need in item.requires if not self.is_on(need)]
        if off:
            raise lacking(off[0])
        switch_on(site, item)
        self.switches.stale()

    def users(self, name: str) -> list[str]:
        """The plugins that are on and would go off with this one, by name."""
        now = {item.name: self.is_on(item.name) for item in self.all}
        return list(plan(now, {self.find(name).name: False}, self.requires).falls)

    def disable(
        self, site: Site, name: str, actor: Actor = SYSTEM, *, others: bool = False
    ) -> None:
        """Switch a plugin off, and ``others`` that need it; what they keep stays.

        Raises Invalid (``plugin_required``) when others need it and were not named.
        """
        users = self.users(name)
        if users and not others:
            raise needed(users)
        switch_off(site, [name, *users], actor)
        self.switches.stale()

    def mark_broken(self, name: str, error: BaseException) -> None:
        """Leave a plugin out for as long as this process lives, and say why."""
        item = self.find(name)
        item.fault = broken(error)
        if self.manager.has_plugin(name):
            self.manager.unregister(name=name)
        log.warning("plugin broken", plugin=name, error=str(item.fault))

    # -- on the way in ---------------------------------------------------------------------------

    def _import(self, item: Installed) -> None:
        try:
            item.load()
            if item.plugin is not None:
                item.fault = checks.manifest_fault(item, item.plugin)
        except (Exception, SystemExit) as error:
            item.fault = broken(error)
        wrong = checks.mapping_fault() if item.plugin is not None else None
        if wrong is not None:
            item.fault = broken(wrong)
        if item.fault is not None:
            log.warning("plugin broken", plugin=item.name, error=str(item.fault))
            checks.drop_tables(item.package)
            item.forget()

    def _register(self, item: Installed) -> None:
        if item.fault is not None or item.module is None:
            return
        try:
            if item.plugin is not None and item.plugin.hookspecs is not None:
                self.manager.add_hookspecs(item.plugin.hookspecs)
            for hook in specs.unknown_hooks(item.module, self.known_hooks(item)):
                raise LookupError(f"there is no hook “{hook}” for it")
            self.manager.register(item.module, name=item.name)
        except (pluggy.PluginValidationError, ValueError, LookupError) as error:
            self.mark_broken(item.name, error)
            return
        for sentence in specs.going_away(item, self.known_hooks(item)):
            log.warning("plugin uses what goes away", plugin=item.name, what=str(sentence))
        if item.folder is not None:
            add_domain(item.package, item.folder / "translations")

    def _jobs(self, item: Installed) -> list[JobKind]:
        """A plugin's kinds of jobs, each of which does nothing while the plugin is off."""
        assert item.plugin is not None  # noqa: S101 - a sound one has its manifest
        return [_gated(kind, item.name, self) for kind in parts(item.plugin.jobs)]

    def _write_faults(self, site: Site) -> None:
        try:
            write_faults(site, self.hooks)
        except Exception:
            log.warning("faults of plugins could not be written", exc_info=True)
        self.switches.stale()


def broken(error: BaseException) -> Message:
    """A fault as a sentence."""
    what = " ".join(str(error).split())
    return msg("%(kind)s: %(what)s", kind=type(error).__name__, what=what[:300])


def _features() -> Iterator[tuple[str, ModuleType]]:
    for name in FEATURES:
        place = f"tierslieu.{name}.plugin"
        if util.find_spec(f"tierslieu.{name}") and util.find_spec(place):
            yield name, import_module(place)


def _gated(kind: JobKind, name: str, plugins: Plugins) -> JobKind:
    @wraps(kind.run)
    def run(work: Any, *answer: Any, **payload: Any) -> None:
        if plugins.is_on(name):
            kind.run(work, *answer, **payload)

    def outside(site: Any, **payload: Any) -> Any:
        return kind.outside(site, **payload) if kind.outside and plugins.is_on(name) else None

    return replace(kind, run=run, outside=outside if kind.outside else None, plugin=name)
