"""Who may import whom: the contracts of the architecture, checked with import-linter.

The lists of slices, plugins and doors are read from the tree, so that a new feature or plugin
is under contract from its first file.
"""

from __future__ import annotations

import configparser
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORE = ROOT / "tierslieu"
DOORS = {"toolkit", "testing"}
WEB_LIBRARIES = [
    "flask",
    "werkzeug",
    "flask_login",
    "flask_babel",
    "flask_wtf",
    "wtforms",
    "apiflask",
]
FEATURES = ["people", "resources", "venues", "memberships", "bookings"]
SLICE_LAYERS = [
    "(plugin)",
    "(views) : (rest) : (jobs) : (commands)",
    "(forms) : (schemas)",
    "(services)",
    "(queries)",
    "(models)",
    "(rules)",
]
HOUSE_LAYERS = [
    "(cli)",
    "(app)",
    "(plugins)",
    "(toolkit)",
    *(f"({feature})" for feature in reversed(FEATURES)),
    "(web)",
    "(kernel)",
]


def plugin_packages() -> list[str]:
    """The bundled plugins named by the entry points that are in the tree."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = project["entry-points"]["tierslieu.plugins"].values()
    packages = sorted({target.split(".")[0] for target in named})
    return [name for name in packages if (ROOT / "plugins" / name / "__init__.py").exists()]


def modules_named(*names: str) -> list[str]:
    """Every module of the core and the plugins whose file has one of these names."""
    found = []
    for top in [CORE, *(ROOT / "plugins" / name for name in plugin_packages())]:
        for path in sorted(top.rglob("*.py")):
            if not path.with_name("__init__.py").exists():
                continue  # not a package, so the linter cannot see it; test_shape.py says so
            inner = path.relative_to(top.parent).with_suffix("").parts
            if path.stem in names and "tests" not in inner and "migrations" not in inner:
                found.append(".".join(inner))
    return found


def slices() -> list[str]:
    """Every package shaped like a feature: one that has rules, models or services."""
    inside = modules_named("rules", "models", "services", "plugin")
    return sorted({module.rpartition(".")[0] for module in inside})


def behind_the_door() -> list[str]:
    """Every module of the core that plugins reach only by way of the toolkit."""
    names = {
        path.stem
        for path in CORE.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    return sorted(f"tierslieu.{name}" for name in names - DOORS - {"__init__", "__main__"})


def contracts() -> list[dict[str, str | list[str]]]:
    """Each contract as import-linter reads it."""
    plugins = plugin_packages()
    # Behind the one door is everything: what a plugin takes from it, reviewers see.
    by_the_door: dict[str, str | list[str]] = {
        "ignore_imports": [f"{plugin}.** -> tierslieu.toolkit" for plugin in plugins],
        "unmatched_ignore_imports_alerting": "none",
    }
    found: list[dict[str, str | list[str]]] = [
        {
            "name": "The house: kernel, web, features, toolkit, top; upward only by hooks",
            "type": "layers",
            "containers": ["tierslieu"],
            "layers": HOUSE_LAYERS,
        },
        {
            "name": "Inside a slice: rules, models, queries, services, forms, views, plugin",
            "type": "layers",
            "containers": slices(),
            "layers": SLICE_LAYERS,
        },
        {
            "name": "Rules are pure: neither Flask nor SQLAlchemy",
            "type": "forbidden",
            "source_modules": modules_named("rules"),
            "forbidden_modules": [*WEB_LIBRARIES, "sqlalchemy"],
            **by_the_door,
        },
        {
            "name": "Models, queries, services and the kernel know no Flask",
            "type": "forbidden",
            "source_modules": [*modules_named("models", "queries", "services"), "tierslieu.kernel"],
            "forbidden_modules": WEB_LIBRARIES,
            **by_the_door,
        },
        {
            "name": "Plugins enter by tierslieu.toolkit (their tests by tierslieu.testing)",
            "type": "protected",
            "protected_modules": behind_the_door(),
            "allowed_importers": ["tierslieu"],
            "as_packages": "True",
        },
        {
            "name": "The core imports no plugin",
            "type": "forbidden",
            "source_modules": ["tierslieu"],
            "forbidden_modules": plugins,
        },
        {
            "name": "Plugins know each other only by <plugin>.api",
            "type": "independence",
            "modules": plugins,
            "ignore_imports": [f"{a}.** -> {b}.api" for a in plugins for b in plugins if a != b],
            "unmatched_ignore_imports_alerting": "none",
        },
    ]
    return [each for each in found if all(each[key] for key in each.keys() - {"ignore_imports"})]


def settings() -> configparser.ConfigParser:
    """The whole configuration of import-linter."""
    written = configparser.ConfigParser(interpolation=None)
    written["importlinter"] = {
        "root_packages": "\n".join(["", "tierslieu", *plugin_packages()]),
        "include_external_packages": "True",
        "exclude_type_checking_imports": "True",
    }
    for number, contract in enumerate(contracts(), 1):
        written[f"importlinter:contract:{number}"] = {
            key: value if isinstance(value, str) else "\n".join(["", *value])
            for key, value in contract.items()
            if value
        }
    return written


def main() -> int:
    """Check every contract; the exit status is import-linter's."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "importlinter.ini"
        with config.open("w", encoding="utf-8") as file:
            settings().write(file)
        command = Path(sysconfig.get_path("scripts")) / "lint-imports"
        arguments = [str(command), "--config", str(config), "--no-cache"]
        return subprocess.run(arguments, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
