"""instance/config.example.toml shows every setting with its default."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

from tierslieu.config import Config

EXAMPLE = Path(__file__).resolve().parents[1] / "instance" / "config.example.toml"
NOT_IN_A_FILE = {"instance", "demo", "testing"}  # said by the command that starts us


def shown() -> dict[str, object]:
    lines = re.findall(r"^# ?([a-z_]+ = .*)$", EXAMPLE.read_text("utf-8"), re.MULTILINE)
    return tomllib.loads("\n".join(lines))


def test_the_example_shows_every_setting_with_its_default() -> None:
    defaults = Config()
    wanted = {
        item.name: list(value) if isinstance(value, tuple) else value
        for item in fields(Config)
        if item.name not in NOT_IN_A_FILE
        for value in [getattr(defaults, item.name)]
    }
    assert shown() == wanted


def test_a_setting_has_a_sentence_that_explains_it() -> None:
    assert [item.name for item in fields(Config) if not item.metadata.get("help")] == []
