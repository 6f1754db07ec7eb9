"""Runs what the documents say: each command and each piece of Python in a process of its own.

Importing the house takes seconds, so one process imports it and forks for each. It reads a line of
JSON for each from standard input and answers with its exit status; ``test_docs.py`` talks to it.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from importlib import import_module
from typing import Any

HEAVY = ("tierslieu.app", "tierslieu.toolkit", "tierslieu.testing", "tierslieu.migrate", "alembic")


def main() -> None:
    for name in HEAVY:
        import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(run(json.loads(line)))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


def run(asked: dict[str, Any]) -> int:
    """Do one thing in its folder, with its variables; all that it says goes into a file."""
    out = os.open(asked["out"], os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    for number in (1, 2):
        os.dup2(out, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(asked["folder"])
    os.environ.update(asked["variables"])
    sys.path.insert(0, asked["folder"])
    try:
        _do(asked)
        return 0
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _do(asked: dict[str, Any]) -> None:
    if asked["kind"] == "python":
        exec(compile(asked["text"], "the document", "exec"), {"__name__": "__main__"})
        return
    from tierslieu.cli import main as tierslieu

    tierslieu(asked["arguments"])


if __name__ == "__main__":
    main()
