"""The pages of plugins: registered once, and absent (404) whenever their plugin is off.

A page whose address names a venue, a room or a booking is absent as well where its plugin is off
at that venue; a page about a plugin's own things asks ``tl.is_on`` itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from apiflask import APIBlueprint, APIFlask
from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect, Rule

from tierslieu.kernel.messages import Message, msg
from tierslieu.manifest import parts
from tierslieu.plugins.finding import Installed
from tierslieu.plugins.venues.addresses import venue_named
from tierslieu.web.openapi import completed, is_described
from tierslieu.web.pages import HouseEnvironment

if TYPE_CHECKING:
    from tierslieu.kernel.site import Site
    from tierslieu.plugins.platform import Plugins

_CONVERTER = re.compile(r"<[^>]*>")


class BrokenContract(Exception):
    """A plugin's pages would take what is not theirs."""


def register(app: Flask, site: Site, plugins: Plugins) -> None:
    """Register the blueprints of all sound plugins and the gate before them."""
    from tierslieu.plugins import views
    from tierslieu.plugins.settings import views as settings
    from tierslieu.plugins.venues import views as venues

    for ours in (views, venues, settings):
        app.register_blueprint(ours.bp)
    owners: dict[str, str] = {}
    for item in plugins.all:
        if item.fault is not None or item.plugin is None:
            continue
        try:
            blueprints = parts(item.plugin.blueprints)
            check(app, item, blueprints)
            for blueprint in blueprints:
                owners[blueprint.name] = item.name
                app.register_blueprint(blueprint)
                item.blueprints.append(blueprint.name)
        except (Exception, SystemExit) as error:
            plugins.mark_broken(item.name, error)
            continue
        HouseEnvironment.domains[item.name] = item.package
    # Before anything that would tell that the page exists, such as the way to sign in.
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: _gate(owners, plugins))
    # The document of the API tells nothing of what is off.
    app.extensions["tierslieu.is_shown"] = lambda endpoint: _is_shown(endpoint, owners, plugins)
    app.extensions["tierslieu.blame"] = lambda error: _blame(owners, plugins, error)
    app.teardown_appcontext(lambda _error: _write_faults(plugins))


def _write_faults(plugins: Plugins) -> None:
    if plugins.hooks.unwritten:
        plugins.hooks.write()


def _owner(endpoint: str | None, owners: dict[str, str]) -> str | None:
    """Whose page it is; a blueprint inside another is its plugin's, too."""
    return owners.get((endpoint or "").split(".")[0]) if "." in (endpoint or "") else None


def _is_shown(endpoint: str, owners: dict[str, str], plugins: Plugins) -> bool:
    name = _owner(endpoint, owners)
    return name is None or plugins.is_on(name)


def _blame(owners: dict[str, str], plugins: Plugins, error: Exception) -> Message | None:
    """Remember that a plugin's page failed; what its reader is told, None when it is not one."""
    name = _owner(request.endpoint, owners)
    if name is None:
        return None
    plugins.hooks.blame(name, f"page {request.endpoint}", error)
    return msg(
        "This page belongs to “%(plugin)s”, a plugin, and the plugin failed. It was noted down; "
        "the rest of the site goes on.",
        plugin=plugins.find(name).title,
    )


def _gate(owners: dict[str, str], plugins: Plugins) -> None:
    rule, arguments = _asked_for()
    name = _owner(str(rule.endpoint), owners) if rule else None
    if name is None or rule is None:
        return
    if not plugins.is_on(name):
        raise NotFound
    places = plugins.places(name)
    if not places.is_everywhere:
        venue_id = venue_named(rule.rule, arguments)
        if venue_id is not None and not places.has(venue_id):
            raise NotFound


def _asked_for() -> tuple[Rule | None, dict[str, Any]]:
    """Which page was asked for, also when it was asked for in a wrong way, and with what."""
    wrong = request.routing_exception
    if wrong is None:
        return request.url_rule, request.view_args or {}
    if not isinstance(wrong, MethodNotAllowed | RequestRedirect):
        return None, {}
    adapter = current_app.create_url_adapter(request)
    methods = getattr(wrong, "valid_methods", None) or [request.method]
    path = request.path if isinstance(wrong, MethodNotAllowed) else request.path + "/"
    try:
        rule, arguments = adapter.match(path, method=methods[0], return_rule=True)  # type: ignore[union-attr]
    except (HTTPException, RequestRedirect):
        return None, {}
    return rule, dict(arguments)


def check(app: Flask, item: Installed, blueprints: list[Any]) -> None:
    """Raise BrokenContract for a taken name or address, or a route without a permission."""
    trial = APIFlask("trial", docs_path=None, spec_path=None, static_folder=None)  # type: ignore[arg-type]
    taken = {_CONVERTER.sub("<>", rule.rule) for rule in app.url_map.iter_rules()}
    for blueprint in blueprints:
        _check_name(app, item, blueprint.name)
        before = _everywhere(trial)
        trial.register_blueprint(blueprint)
        if _everywhere(trial) != before:
            raise BrokenContract(f"its blueprint “{blueprint.name}” acts on every page of the site")
    for rule in trial.url_map.iter_rules():
        if _CONVERTER.sub("<>", rule.rule) in taken:
            raise BrokenContract(f"the address {rule.rule} is taken")
        if not rule.endpoint.endswith(".static") and not _declares(trial, rule.endpoint):
            raise BrokenContract(f"the route {rule.endpoint} declares no permission")
    _check_api(trial, blueprints)


def _check_api(trial: APIFlask, blueprints: list[Any]) -> None:
    """What would spoil the document of the API for everybody breaks the plugin instead."""
    ours = {each.name for each in blueprints if isinstance(each, APIBlueprint)}
    for rule in trial.url_map.iter_rules():
        view = trial.view_functions[rule.endpoint]
        if rule.endpoint.split(".")[0] in ours and not is_described(view):
            raise BrokenContract(f"the route {rule.endpoint} has no “tl.operation”")
    if ours:
        trial.spec_processor(lambda document: completed(trial, cast("dict[str, Any]", document)))
        with trial.app_context():
            _ = trial.spec


def _check_name(app: Flask, item: Installed, name: str) -> None:
    if name != item.name and not name.startswith(f"{item.name}_"):
        raise BrokenContract(f"its blueprint “{name}” does not begin with its name")
    if name in app.blueprints:
        raise BrokenContract(f"there is a blueprint “{name}” already")


def _everywhere(app: Flask) -> list[int]:
    """How many functions are called for every request, whoever's page it is."""
    lists = (
        app.before_request_funcs,
        app.after_request_funcs,
        app.teardown_request_funcs,
        app.url_value_preprocessors,
        app.url_default_functions,
        app.template_context_processors,
    )
    handlers = app.error_handler_spec.get(None, {}).values()
    return [len(each.get(None, ())) for each in lists] + [sum(map(len, handlers))]


def _declares(app: Flask, endpoint: str) -> bool:
    view: Any = app.view_functions[endpoint]
    while view is not None:
        if getattr(view, "__tierslieu_permission__", None) is not None:
            return True
        view = getattr(view, "__wrapped__", None)
    return False
