"""Saying what a plugin's settings are, at a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tierslieu.kernel.db import insert
from tierslieu.kernel.errors import Invalid, Reason, Refused
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.plugins.models import PluginSetting
from tierslieu.plugins.settings.queries import setting_named
from tierslieu.plugins.settings.rules import Place, read, settings_at
from tierslieu.plugins.switches import count

if TYPE_CHECKING:
    from tierslieu.plugins.platform import Plugins


def say(
    work: Work, plugins: Plugins, name: str, place: Place, texts: Mapping[str, str | None]
) -> list[str]:
    """Say settings of a plugin at a place, as they were written; None: say nothing here any more.

    Names of those that changed are returned. Raises Forbidden, NotFound; Refused with every
    reason, each on its setting.
    """
    _require(work, place)
    values, reasons = _read_all(plugins, name, place, texts)
    if reasons:
        raise Refused(*reasons)
    plugins.switches.stale()
    before = plugins.switches.get(name).values
    changed = [
        key
        for key, value in values.items()
        if before.get((place.scope, place.scope_id, key)) != value
    ]
    for key in changed:
        _write(work, name, place, key, values[key])
    if changed:
        count(work.session)
        # Names only: a value may be a secret.
        work.audit(
            "plugins.settings",
            f"plugin:{name}",
            venue=place.venue_id,
            scope=place.scope,
            scope_id=place.scope_id,
            names=changed,
        )
        work.after_commit(plugins.switches.stale)
    return changed


def _require(work: Work, place: Place) -> None:
    if place.venue_id is None:
        work.require("plugins.server")
    else:
        work.require("plugins.venue", venue=place.venue_id)


def _read_all(
    plugins: Plugins, name: str, place: Place, texts: Mapping[str, str | None]
) -> tuple[dict[str, Any], list[Reason]]:
    values: dict[str, Any] = {}
    reasons: list[Reason] = []
    for key, text in texts.items():
        setting = setting_named(plugins, name, key)
        if setting not in settings_at(plugins.find(name).settings, place.scope):
            sentence = msg("This cannot differ here: it is set for a wider place.")
            reasons.append(Reason("not_here", sentence, key))
            continue
        try:
            values[key] = None if text is None else read(setting, text)
        except Invalid as refusal:
            reasons.extend(refusal.reasons)
    return values, reasons


def _write(work: Work, name: str, place: Place, key: str, value: Any) -> None:
    where = {"plugin": name, "scope": place.scope, "scope_id": place.scope_id, "name": key}
    if value is None:
        work.session.execute(sa.delete(PluginSetting).filter_by(**where))
        return
    said = {"value": value, "changed_at": work.now}
    work.session.execute(
        insert(work.session, PluginSetting)
        .values(**where, **said)
        .on_conflict_do_update(index_elements=list(where), set_=said)
    )
