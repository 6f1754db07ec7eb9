"""What a process that hung and its supervisor have agreed on; light, for both to import."""

from __future__ import annotations

from pathlib import Path

#: The exit status of a process that asks to be started again.
EXIT = 70


def folder(instance: Path) -> Path:
    """Where a process writes down what hung, for the next one to read."""
    return instance / "hung"


def frozen_file(instance: Path, pid: int) -> Path:
    """What a process writes that does not even let its watchdog look; empty while all is well."""
    return folder(instance) / f"{pid}.frozen"


def froze(instance: Path, pid: int) -> bool:
    """Whether a process ended because it did not even let its watchdog look."""
    path = frozen_file(instance, pid)
    return path.exists() and path.stat().st_size > 0
