"""docs: what the documents say about the code, generated from it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import click

#: Folders of a clone that hold no package, and so say nothing of themselves.
FOLDERS = {
    "benchmarks/": "What `make bench` measures; the tests never do.",
    "docs/": "Pages for managers, members, operators and authors of plugins.",
    "instance/": "One installation's own files: settings, SQLite, pictures. Never in git.",
    "migrations/": "One `env.py` for all streams; `versions/` is the core's own stream.",
    "plugins/": "The plugins that we ship; each is a package like any other's.",
    "scripts/": "What the Makefile calls.",
    "tests/": "Mirrors the features; `journeys/` are stories in a browser.",
}
#: Where a group of lines of the map begins, and what stands above it.
TOP = ("app", "cli", "config", "hookspecs", "contributions", "plugins", "toolkit", "testing")
SLICES = ("kernel", "web", "people", "resources", "venues", "memberships", "bookings")


def root() -> Path:
    """The clone we run from; click.ClickException where there is none."""
    found = Path(__file__).resolve().parents[2]
    if not (found / "README.md").exists() or not (found / "tests").exists():
        raise click.ClickException("the documents are written in a clone, and this is none")
    return found


# -- the parts -----------------------------------------------------------------------------------


def hooks() -> str:
    """The table of hooks, by family, with exact signatures."""
    from tierslieu.plugins.specs import core_specs, signature, summary, verb

    lines = ["| hook | verb | signature | what it is |", "|---|---|---|---|"]
    for spec in core_specs():
        asked = signature(spec).replace("|", "\\|")
        lines.append(f"| `{spec.__name__}` | {verb(spec)} | `{asked}` | {summary(spec)} |")
    return "\n".join(lines)


def contract() -> str:
    """Every hook with all that its spec says, by family."""
    from tierslieu.plugins.specs import core_specs, verb

    families = {"contribute": "Contribute", "judge": "Judge", "react": "React"}
    lines: list[str] = []
    for family, title in families.items():
        lines += [f"## {title}", ""]
        for spec in core_specs():
            if verb(spec) == family:
                lines += _one_hook(spec)
    return "\n".join(lines).rstrip()


def _one_hook(spec: Any) -> Iterator[str]:
    from tierslieu.kernel.hooks import deprecations
    from tierslieu.plugins.specs import said, signature, summary

    parts = said(spec)
    yield from (f"### {spec.__name__}", "", f"{summary(spec)}", "")
    yield from (f"`{spec.__name__}{signature(spec)}`", "")
    for each in deprecations(spec):
        what = f"`{each.argument}`" if each.argument else "it"
        gone = f"{what} goes away in {each.gone_in}. {each.instead}"
        yield f"* **Deprecated since {each.since}**: {gone}"
    for mark in ("When", "Give", "Promise"):
        yield f"* **{mark}**: {parts[mark].replace('``', '`')}"
    yield f"* **Since** {parts['Since'].rstrip('.')}. **Used by**: {parts['Used by']}"
    yield from ("", "<!-- not run: tests/test_hooks.py runs it in a site -->", "```python")
    yield from (*parts["Example"].splitlines(), "```", "")


def settings() -> str:
    """The table of settings: name, variable of the environment, default, sentence."""
    from tierslieu.config import Config, variable

    lines = ["| setting | variable | default | what it is |", "|---|---|---|---|"]
    for item in fields(Config):
        default = "" if item.default is MISSING else _default(item.default)
        sentence = item.metadata["help"]
        lines.append(f"| `{item.name}` | `{variable(item.name)}` | {default} | {sentence} |")
    return "\n".join(lines)


def _default(value: Any) -> str:
    if value is True or value is False:
        return f"`{str(value).lower()}`"
    return "" if value in ("", ()) else f"`{value}`"


def commands() -> str:
    """The table of commands."""
    from tierslieu.cli import COMMANDS

    lines = ["| command | does |", "|---|---|"]
    lines += [f"| `tierslieu {name}` | {text} |" for name, (_, text) in COMMANDS.items()]
    return "\n".join(lines)


def toolkit() -> str:
    """Every name of the toolkit, by the part of the house it comes from."""
    import tierslieu.toolkit as tl

    groups: dict[str, list[str]] = {}
    for name in tl.__all__:
        home = str(getattr(getattr(tl, name), "__module__", "")) or "tierslieu.toolkit"
        groups.setdefault(_subject(home, name), []).append(f"`{name}`")
    return "\n".join(f"* **{name}**: {', '.join(groups[name])}" for name in sorted(groups))


def rows() -> str:
    """The columns of the core's rows that plugins may point to and read."""
    import sqlalchemy as sa

    import tierslieu.toolkit as tl
    from tierslieu.kernel.db import Model

    lines = []
    for name in tl.__all__:
        found = getattr(tl, name)
        if isinstance(found, type) and issubclass(found, Model) and found is not Model:
            known = [each.key for each in sa.inspect(found).column_attrs]
            columns = ", ".join(f"`{each}`" for each in known if each != "password_hash")
            lines.append(f"* `tl.{name}` (table `{found.__tablename__}`): {columns}")
    return "\n".join(lines)


def _subject(home: str, name: str) -> str:
    if name.isupper():
        return "constants"
    part = home.removeprefix("tierslieu.").split(".")[0]
    if name in {"Model", "Json", "TextsType", "UtcDateTime"}:
        return "tables"
    if name == "Moment":  # text with a description, so it knows no home
        return "bookings"
    if part in {"contributions", "manifest", "permission", "pluggy", "reporting", "setting"}:
        return "hooks"
    return "kernel" if part == "toolkit" else part


def code_map() -> str:
    """The folders and files of a clone, each with the first sentence of its docstring."""
    here, lines = root(), ["| where | what |", "|---|---|"]
    known = (*TOP, *SLICES)
    packages = sorted(path.parent.name for path in (here / "tierslieu").glob("*/__init__.py"))
    for name in (*known, *(each for each in packages if each not in known)):
        folder = here / "tierslieu" / name
        path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
        shown = f"tierslieu/{name}{'/' if folder.is_dir() else '.py'}"
        lines.append(f"| `{shown}` | {first_sentence(path)} |")
    for path in sorted((here / "plugins").glob("*/__init__.py")):
        lines.append(f"| `plugins/{path.parent.name}/` | {first_sentence(path)} |")
    lines += [f"| `{name}` | {text} |" for name, text in FOLDERS.items()]
    return "\n".join(lines)


def first_sentence(path: Path) -> str:
    """The first sentence of a file's docstring, on one line."""
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    paragraph = re.sub(r"\s+", " ", text.split("\n\n")[0]).strip()
    found = re.match(r".+?[.](?=\s|$)", paragraph)
    return (found[0] if found else paragraph).rstrip(".").replace("``", "`") + "."


PARTS: dict[str, Callable[[], str]] = {
    "hooks": hooks,
    "contract": contract,
    "settings": settings,
    "commands": commands,
    "toolkit": toolkit,
    "rows": rows,
    "map": code_map,
}
MARK = re.compile(r"(<!-- generated: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def written(text: str, package: str = "") -> str:
    """A page with its generated parts written again; ``package``: the plugin whose page it is."""
    parts = PARTS | {"declared": lambda: declared_settings(package)}
    return MARK.sub(lambda found: f"{found[1]}{parts[found[2]]()}\n{found[3]}", text)


def declared_settings(package: str) -> str:
    """The table of what people may set of a plugin, from its manifest."""
    from tierslieu.config import load
    from tierslieu.plugins import Plugins
    from tierslieu.plugins.settings.rules import written as as_text

    plugins = Plugins(load({}))
    item = plugins.find(plugins.named(package))
    lines = ["| setting | kind | default | narrowest place | what it is |", "|---|---|---|---|---|"]
    for each in item.settings:
        kind = ", ".join(f"`{key}`" for key, _ in each.choices) or each.kind
        kind = f"{kind}, secret" if each.secret else kind
        default = as_text(each, each.default)
        shown = f"`{default}`" if default else ""
        text = " ".join(f"{each.label}. {each.help}".split()).replace("|", "\\|")
        lines.append(f"| `{each.name}` | {kind} | {shown} | {each.scope} | {text} |")
    return "\n".join(lines)


@click.command()
@click.argument("part", type=click.Choice(list(PARTS)), required=False)
def docs(part: str | None) -> None:
    """Print PART of the documents; without it, write all parts into the pages of this clone."""
    if part is not None:
        click.echo(PARTS[part]())
        return
    here = root()
    for page in [here / "README.md", here / "SECURITY.md", *sorted((here / "docs").glob("*.md"))]:
        before = page.read_text("utf-8")
        after = written(before)
        _put(page, before, after, here)
    for page in sorted((here / "plugins").glob("*/README.md")):
        before = page.read_text("utf-8")
        _put(page, before, written(before, page.parent.name), here)


def _put(page: Path, before: str, after: str, here: Path) -> None:
    if after != before:
        page.write_text(after, "utf-8")
        click.echo(f"written: {page.relative_to(here)}")
