"""A site without pages and plugins: the machinery alone."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pluggy
import pytest

from tierslieu import hookspecs
from tierslieu.config import Config
from tierslieu.kernel import jobs, languages, mail
from tierslieu.kernel.db import Database
from tierslieu.kernel.hooks import Hooks
from tierslieu.kernel.site import Site


def hooks_without_plugins() -> Hooks:
    """Hooks that nobody implements."""
    manager = pluggy.PluginManager("tierslieu")
    manager.add_hookspecs(hookspecs)
    return Hooks(manager, lambda _name, _venue: True)


@pytest.fixture
def site(config: Config) -> Iterator[Site]:
    """An installation of the kernel, in the place of the whole one."""
    found = Site(config, Database(config.database), hooks_without_plugins())
    found.translate = languages.say
    found.add_jobs([*jobs.JOBS, *mail.JOBS])
    config.instance.mkdir(parents=True, exist_ok=True)
    yield found
    found.db.dispose()


@pytest.fixture(scope="session")
def house() -> Any:
    """The module ``house.py`` beside this one."""
    place = Path(__file__).with_name("house.py")
    spec = importlib.util.spec_from_file_location("operations_house", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
