"""The wheel carries everything: installed in a clean place, it runs the demo."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UV = Path(sysconfig.get_path("scripts")) / "uv"
PATIENCE = 120  # seconds until the demo answers: it loads a year of bookings first

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


def run(*command: str | Path, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean_environment(cwd),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=300,
    )
    if check and done.returncode:
        pytest.fail(f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}")
    return done


def clean_environment(folder: Path) -> dict[str, str]:
    """This one's, without what could lead back to the clone or to another installation."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TIERSLIEU_", "PYTHON", "PYTEST", "COV_", "VIRTUAL_ENV"))
    }
    return kept | {"TIERSLIEU_INSTANCE": str(folder / "instance")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `tierslieu` command of an environment with the wheel and what it declares, no more.

    The lock decides the versions; what set-up has left in uv's cache spares the network.
    """
    folder = tmp_path_factory.mktemp("clean")
    run(UV, "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    install = [UV, "pip", "install", "--quiet", "--python", python, wheel]
    install += ["--constraint", ROOT / "requirements.lock"]
    if run(*install, "--offline", cwd=folder, check=False).returncode:
        run(*install, cwd=folder)
    return folder / "venv" / "bin" / "tierslieu"


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextmanager
def running(command: Path, folder: Path) -> Iterator[str]:
    """The address of a demo that answers; it and its children are stopped at the end."""
    port = free_port()
    log = folder / "demo.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(command), "demo", "--port", str(port)],
            cwd=folder,
            env=clean_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            await_answer(f"{address}/healthz", process, log)
            yield address
        finally:
            stop(process)


def await_answer(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            if fetch(address)[0] == 200:
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.3)
    pytest.fail(f"the demo does not answer; it said:\n{log.read_text()}")


def stop(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(10)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def fetch(address: str) -> tuple[int, str]:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.status, answer.read().decode()


def test_the_wheel_carries_pages_catalogues_migrations_and_demo_data(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tierslieu").rglob("*")
        if path.is_file() and path.suffix not in {".pyc", ".mo"}
    }
    assert wanted - inside == set()
    assert "tierslieu/_migrations/env.py" in inside
    assert any(name.startswith("tierslieu/_migrations/versions/") for name in inside)
    assert "tierslieu_ical/plugin.py" in inside
    assert not [name for name in inside if "/tests/" in name]


def test_the_installed_command_explains_itself(installed: Path, tmp_path: Path) -> None:
    assert "--port" in run(installed, "demo", "--help", cwd=tmp_path).stdout


def test_the_installed_wheel_runs_the_demo(installed: Path, tmp_path: Path) -> None:
    with running(installed, tmp_path) as address:
        status, page = fetch(f"{address}/venues/gattaglio")
    assert status == 200
    assert "Gattaglio" in page
