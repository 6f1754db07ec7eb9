"""The application, assembled in reading order."""

from __future__ import annotations

import gc
import time
from importlib import import_module, util
from typing import Any

import structlog
from apiflask import APIFlask
from flask import Flask, request
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response

from tierslieu import config as settings
from tierslieu.config import Config
from tierslieu.kernel import logs
from tierslieu.kernel.db import Database, is_retryable
from tierslieu.kernel.languages import say
from tierslieu.kernel.site import Site
from tierslieu.kernel.tokens import hash_token
from tierslieu.web import compression, errors, limits, pages, requests, security

log = structlog.get_logger("tierslieu.app")

#: The core's features, in the order in which they build on each other.
SLICES = ("people", "resources", "venues", "memberships", "bookings", "admin")

#: How often a request is done again when the database says that the same may succeed.
TRIES = 3


class House(APIFlask):
    """Flask that does a request again when the database asks for it (40001, 40P01)."""

    jinja_environment = pages.HouseEnvironment

    def dispatch_request(self) -> Any:
        for attempt in range(TRIES):
            try:
                return super().dispatch_request()
            except DBAPIError as error:
                if not is_retryable(error) or attempt == TRIES - 1:
                    raise
                log.info("request done again", path=request.path, attempt=attempt + 1)
                time.sleep(0.02 * 2**attempt)
        raise AssertionError("unreachable")


def create_site(config: Config | None = None) -> Site:
    """The site without its web: what jobs and commands need."""
    from tierslieu.plugins import Plugins

    config = config or settings.load()
    logs.configure()
    plugins = Plugins(config)
    site = Site(config, Database(config.database), plugins.hooks, plugins)
    site.translate = say
    for name in SLICES:
        site.add_jobs(getattr(_part(name, "jobs"), "KINDS", ()))
    for module in ("tierslieu.kernel.mail", "tierslieu.kernel.jobs"):
        site.add_jobs(import_module(module).JOBS)
    plugins.load(site)
    return site


def create_app(config: Config | None = None, site: Site | None = None) -> House:
    """The whole application on one site."""
    site = site or create_site(config)
    config = site.config

    app = House(
        "tierslieu",
        title="Tierslieu",
        version="1",
        enable_openapi=True,
        spec_path=None,
        docs_path=None,
        json_errors=False,
        static_folder=None,  # type: ignore[arg-type]
        template_folder=None,  # type: ignore[arg-type]
    )
    app.extensions["tierslieu"] = site
    app.extensions["tierslieu.loader"] = _Loader(site)
    app.extensions["tierslieu.network"] = _network
    app.extensions["tierslieu.readiness"] = _readiness
    app.extensions["tierslieu.state"] = _state
    app.config["TESTING"] = config.testing
    app.config["PROPAGATE_EXCEPTIONS"] = config.testing

    security.install(app, config)
    limits.install(app, config)
    errors.install(app)
    compression.install(app)
    pages.install(app)
    app.before_request(requests.check_permission)

    _blueprints(app, site)
    return app


def settle() -> None:
    """Spare the garbage collector what stands as long as the process: code, tables, routes.

    Called once when everything is loaded; otherwise some request in every few hundred would wait
    until half a million objects that never go were looked at again.
    """
    gc.collect()
    gc.freeze()


def _blueprints(app: House, site: Site) -> None:
    from tierslieu.web import api, views

    app.register_blueprint(views.bp)
    api.install(app, site)
    for name in SLICES:
        for part in ("views", "rest"):
            module = _part(name, part)
            for blueprint in getattr(module, "blueprints", None) or filter(
                None, [getattr(module, "bp", None)]
            ):
                app.register_blueprint(blueprint)
    site.plugins.register_web(app, site)


def _part(slice_name: str, part: str) -> Any:
    """A slice's file when it has something to say, else None."""
    name = f"tierslieu.{slice_name}.{part}"
    if util.find_spec(f"tierslieu.{slice_name}") is None or util.find_spec(name) is None:
        return None
    return import_module(name)


class _Loader:
    """Who asks: the people's queries, with cards that count and permissions that plugins give."""

    def __init__(self, site: Site) -> None:
        self._plugins = site.plugins

    def from_session(self, work: Any, token: str) -> Any:
        from tierslieu.memberships.queries import with_cards
        from tierslieu.people.queries import actor_for_session

        actor = actor_for_session(work.session, hash_token(token), work.now)
        if actor is None:
            return None
        # Her cards come with the version of the facts, by which the network is known.
        actor = with_cards(work.session, actor, work.now)
        requests.remember_network(_network(work))
        return self._plugins.endowed(actor)

    def from_bearer(self, work: Any, token: str) -> Any:
        from tierslieu.memberships.queries import with_cards
        from tierslieu.people.queries import actor_for_token
        from tierslieu.people.tokens.noting import note_use

        actor = actor_for_token(work.session, hash_token(token), work.now)
        if actor is not None:
            note_use(work.site, hash_token(token))
        return actor and self._plugins.endowed(with_cards(work.session, actor, work.now))

    def anonymous(self, locale: str) -> Any:
        from tierslieu.people.queries import anonymous

        return self._plugins.endowed(anonymous(locale))


def _network(work: Any) -> Any:
    from tierslieu.venues.queries import network

    return network(work.session)


def _state(work: Any) -> tuple[Any, ...]:
    """What a page for everybody is made of: facts, journal, plugins; it changes when they do."""
    import sqlalchemy as sa

    from tierslieu.kernel.audit import AuditEntry
    from tierslieu.plugins.models import PluginsVersion
    from tierslieu.venues.models import FactsVersion

    newest = (sa.func.max(AuditEntry.id), FactsVersion.version, PluginsVersion.version)
    question = sa.select(*[sa.select(each).scalar_subquery() for each in newest])
    return tuple(work.session.execute(question).one())


def _readiness(site: Site) -> list[str]:
    from tierslieu.doctor import not_ready

    return not_ready(site)


__all__ = ["Flask", "House", "Response", "create_app", "create_site", "settle"]
