"""Which names are taken where a new plugin would be found."""

from __future__ import annotations

import pkgutil
from importlib import util

import tierslieu
from tierslieu.config import Config
from tierslieu.migrate import import_models
from tierslieu.plugins import checks, finding


def taken_names(config: Config) -> set[str]:
    """Names of the core's features and tables, and of every plugin that is found."""
    import_models()
    found = finding.find(config.plugins_folders)
    plugins = {name for item in found for name in (item.name, item.package)}
    features = {module.name for module in pkgutil.iter_modules(tierslieu.__path__)}
    return plugins | checks.taken_names() | features


def is_importable(name: str) -> bool:
    """Whether Python has a package of this name, which would be imported in the plugin's place."""
    return util.find_spec(name) is not None
