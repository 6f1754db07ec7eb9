"""The work of the design's table, timed: ``make bench`` (``BENCH_ARGS=--quick``: 10k only).

For SQLite and PostgreSQL (an empty database of its own, dropped again) and each number of
bookings: gunicorn with two workers is asked over HTTP, signed in; processor milliseconds a request
are those of its processes and of PostgreSQL's. Writes benchmarks/RESULTS.md, and the table of the
README.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from benchmarks.network import build
from benchmarks.operations import GOALS, measured
from benchmarks.server import Figures, served
from tierslieu.app import create_site
from tierslieu.config import load
from tierslieu.migrate import upgrade

POSTGRES = os.environ.get(
    "TIERSLIEU_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres"
)
ROOT = Path(__file__).resolve().parents[1]
SIZES = (10_000, 100_000, 1_000_000)


@contextmanager
def database(kind: str) -> Iterator[tuple[Path, str]]:
    """The folder and the address of an empty installation, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "SQLite":
            yield Path(folder), f"sqlite:///{folder}/bench.db"
            return
        server = sa.create_engine(
            sa.make_url(POSTGRES).set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",
        )
        name = f"bench_{uuid.uuid4().hex[:8]}"
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        try:
            yield Path(folder), server.url.set(database=name).render_as_string(hide_password=False)
        finally:
            with server.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
            server.dispose()


def run(kind: str, rows: int) -> tuple[dict[str, Figures], dict[str, str]]:
    """All figures of one database with so many bookings."""
    figures: dict[str, Figures] = {}
    said: dict[str, str] = {}
    with database(kind) as (folder, url):
        site = create_site(load({}, folder, database_url=url, secret_key="for the bench only"))
        upgrade(site.db, site.plugins.migration_streams(site))
        began = time.perf_counter()
        town = build(site, rows)
        print(f"{kind}, {rows:,}: written in {time.perf_counter() - began:.0f} s", flush=True)
        site.db.dispose()
        with served(folder, url) as server:
            for name, found in measured(server, town):
                figures[name] = found
                print(f"  {name:45} {found.p50:8.1f} / {found.cpu:.1f}", flush=True)
            said["memory of a web worker, MB"] = f"{server.memory():.0f}"
    return figures, said


def starting() -> dict[str, str]:
    """What does not depend on the rows: start-up, and loading the demo."""
    began = time.process_time(), time.perf_counter()
    subprocess.run([sys.executable, "-c", "import tierslieu.app"], check=True)
    imported = time.perf_counter() - began[1]
    program = (
        "import sys, time; from pathlib import Path; from tierslieu.config import load as read;"
        "from tierslieu.demo.loader import load; from tierslieu.installation import *;"
        "site = open_site(read({}, Path(sys.argv[1]), secret_key='x', demo=True)); upgrade(site);"
        "began = time.perf_counter(); load(site); print(time.perf_counter() - began)"
    )
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", program, folder], check=True, capture_output=True, text=True
        )
    loaded = float(done.stdout.split()[-1])
    return {
        "importing the application, s": f"{imported:.1f}",
        "loading the demo, s": f"{loaded:.0f}",
    }


def table(columns: dict[str, dict[str, Figures]]) -> list[str]:
    """The figures as Markdown: p50 / processor ms."""
    lines = [
        "| operation | peer: p50 / CPU | goal, CPU | " + " | ".join(columns) + " |",
        "|---|---|---|" + "---|" * len(columns),
    ]
    for name, (goal, peer) in GOALS.items():
        cells = []
        for column in columns.values():
            found = column.get(name)
            missed = found is not None and goal is not None and found.cpu > goal
            cell = "–" if found is None else f"{found.p50:.1f} / {found.cpu:.1f}"
            cells.append(f"**{cell}**" if missed else cell)
        lines.append(
            f"| {name} | {peer} | {f'≤ {goal:g}' if goal else '–'} | {' | '.join(cells)} |"
        )
    return lines


def main() -> None:
    """Measure, print, and write RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10,000 bookings only")
    parser.add_argument("--sizes", default="", help="numbers of bookings, separated by commas")
    parser.add_argument("--only", default="", help="SQLite or PostgreSQL")
    parser.add_argument("--write", action="store_true", help="write what a part says, too")
    asked = parser.parse_args()
    sizes = (10_000,) if asked.quick else SIZES
    if asked.sizes:
        sizes = tuple(int(size) for size in asked.sizes.split(","))
    columns: dict[str, dict[str, Figures]] = {}
    others: dict[str, dict[str, str]] = {}
    for kind in ("SQLite", "PostgreSQL"):
        if asked.only in ("", kind):
            for rows in sizes:
                size = f"{rows // 1_000_000}M" if rows >= 1_000_000 else f"{rows // 1000}k"
                columns[f"{kind} {size}"], others[f"{kind} {size}"] = run(kind, rows)
    shown = table(columns)
    for name in next(iter(others.values())):
        shown.append(f"| {name} | – | – | " + " | ".join(o[name] for o in others.values()) + " |")
    when = (
        f"{datetime.now(UTC):%d %B %Y}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}."
    )
    print("\n".join([when, *shown]))
    if asked.write or not (asked.sizes or asked.only or asked.quick):
        _write(when, shown, starting())


def _write(when: str, shown: list[str], once: dict[str, str]) -> None:
    """RESULTS.md, and the README's table between its marks."""
    file = Path(__file__).with_name("RESULTS.md")
    kept = file.read_text("utf-8").partition("## What it says")[2] if file.exists() else ""
    lines = ["# Measured", "", when + " " + _MEANING, "", *shown, ""]
    lines += [f"* {name}: {value}" for name, value in once.items()]
    file.write_text("\n".join(lines) + "\n\n## What it says" + (kept or "\n"), "utf-8")
    readme = ROOT / "README.md"
    text = readme.read_text("utf-8")
    block = "<!-- measured -->\n" + when + "\n\n" + "\n".join(shown) + "\n<!-- end measured -->"
    readme.write_text(
        re.sub(r"<!-- measured -->.*?<!-- end measured -->", lambda _m: block, text, flags=re.S),
        "utf-8",
    )


_MEANING = (
    "Median milliseconds a request as the client waits / processor milliseconds a request of "
    "gunicorn's two workers and of PostgreSQL, over HTTP, signed in. Bold: above the goal."
)


if __name__ == "__main__":
    main()
