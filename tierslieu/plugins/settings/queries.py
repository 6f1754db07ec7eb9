"""What is set of a plugin at a place, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tierslieu.kernel.errors import NotFound
from tierslieu.plugins.settings.rules import Found, Place, in_force, settings_at
from tierslieu.setting import Setting

if TYPE_CHECKING:
    from tierslieu.plugins.platform import Plugins


@dataclass(frozen=True)
class Shown:
    """One setting at a place. ``said``: the value said here (None: none; a secret's is hidden).

    ``around``: what holds where nothing is said here, and whose word that is.
    """

    setting: Setting
    said: Any
    is_said: bool
    around: Found

    @property
    def found(self) -> Found:
        """What is in force here; the value of a secret is hidden."""
        return Found(self.said, "here") if self.is_said else self.around


def shown(plugins: Plugins, name: str, place: Place) -> list[Shown]:
    """The settings of a plugin that may be said at a place; for ``plugins.venue`` there."""
    settings = plugins.find(name).settings
    return [_shown(plugins, name, each, place) for each in settings_at(settings, place.scope)]


def _shown(plugins: Plugins, name: str, setting: Setting, place: Place) -> Shown:
    said = plugins.switches.get(name).values
    here = said.get((place.scope, place.scope_id, setting.name))
    without = {where: value for where, value in said.items() if where[0] != place.scope}
    around = in_force(setting, without, place)
    if setting.secret:
        known = None if around.value is None else "•••"
        return Shown(setting, None, here is not None, Found(known, around.source))
    return Shown(setting, here, here is not None, around)


def setting_named(plugins: Plugins, name: str, key: str) -> Setting:
    """A plugin's setting; NotFound where it has none of that name."""
    for each in plugins.find(name).settings:
        if each.name == key:
            return each
    from tierslieu.kernel.messages import msg

    raise NotFound(msg("“%(plugin)s” has no setting “%(name)s”.", plugin=name, name=key))
