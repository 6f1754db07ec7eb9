"""The commands, as somebody types them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tierslieu.cli import COMMANDS, cli, main

Type = Callable[..., Result]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation as ``init`` makes it."""
    folder = tmp_path_factory.mktemp("commands") / "instance"
    done = CliRunner().invoke(cli, ["--instance", str(folder), "init"])
    assert done.exit_code == 0, done.output
    assert "applied core 0001" in done.output
    return folder


@pytest.fixture
def instance(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "instance"))


@pytest.fixture
def typed(instance: Path) -> Type:
    def run(*words: str, ok: bool = True, stdin: str = "") -> Result:
        done = CliRunner().invoke(cli, ["--instance", str(instance), *words], input=stdin)
        assert (done.exit_code == 0) == ok, (done.output, done.exception)
        return done

    return run


def test_init_makes_settings_key_and_tables(instance: Path, typed: Type) -> None:
    assert (instance / "config.toml").exists()
    assert (instance / "secret_key").stat().st_mode & 0o077 == 0
    assert typed("upgrade").output == "Everything is up to date.\n"


def test_doctor_has_nothing_to_say_of_it(typed: Type) -> None:
    assert "Everything is well." in typed("doctor").output


def test_doctor_fails_on_an_error(typed: Type) -> None:
    assert "error" in typed("doctor", "--deploy", ok=False).output


def test_the_first_administrator_and_her_token(typed: Type) -> None:
    words = ("user", "create", "ada@example.org", "--role", "network_admin")
    assert "ada@example.org" in typed(*words, "--password", "correct horse").output
    token = typed("token", "create", "ada@example.org").output.strip()
    assert token.startswith("tlp_")
    assert "already" in str(typed(*words, "--password", "x", ok=False).exception)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("user", "create", "a@example.org", "--role", "manager"), "--venue belongs"),
        (
            ("user", "create", "a@example.org", "--role", "desk", "--venue", "nowhere"),
            "there is no venue",
        ),
        (("token", "create", "nobody@example.org"), "there is no account"),
        (("restore", "nothing.zip"), "there is no such file"),
        (("revision", "Nothing"), "already as the models say"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(typed: Type, words: tuple[str, ...], why: str) -> None:
    assert why in typed(*words, ok=False).output


def test_a_plugin_is_listed_switched_off_and_on(typed: Type) -> None:
    def state() -> str:
        [line] = [each for each in typed("plugin", "list").output.splitlines() if "ical " in each]
        return line.split()[1]

    assert state() == "on"
    typed("plugin", "disable", "ical")
    assert state() == "off"
    typed("plugin", "enable", "ical")
    assert state() == "on"


def test_a_backup_is_restored_with_the_accounts_in_it(typed: Type, tmp_path: Path) -> None:
    file = str(tmp_path / "all.zip")
    typed("user", "create", "ada@example.org", "--password", "correct horse")
    typed("backup", file)
    typed("user", "create", "bea@example.org", "--password", "correct horse")
    assert "whole" in typed("restore", file, "--check").output
    typed("restore", file, stdin="n\n", ok=False)
    typed("token", "create", "bea@example.org")
    typed("restore", file, "--yes")
    typed("token", "create", "ada@example.org")
    typed("token", "create", "bea@example.org", ok=False)


def test_a_wrong_setting_is_said_in_a_line(instance: Path, typed: Type) -> None:
    (instance / "config.toml").write_text('colour = "red"\n')
    assert "there is no setting “colour”" in typed("doctor", ok=False).output


def test_a_refusal_is_a_line_and_no_traceback(
    instance: Path, typed: Type, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--instance", str(instance), "user", "create", "ada@example.org", "--password", "x"]
    typed(*words[2:])
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("tierslieu: ")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_its_help(name: str) -> None:
    done = CliRunner().invoke(cli, [name, "--help"])
    assert done.exit_code == 0
    assert "Usage:" in done.output


def test_help_does_not_import_the_house() -> None:
    program = (
        "import sys; from tierslieu.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('sqlalchemy', 'flask', 'huey') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("[]\n")
