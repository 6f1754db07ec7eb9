"""Every setting: name, type, default, one sentence. Nothing else reads the environment."""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

LANGUAGES = ("it", "fr", "en")


def _setting(default: Any, help_text: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": help_text, "secret": secret})


@dataclass(frozen=True)
class Config:
    """The settings of one installation; a variable of the environment wins over the file."""

    instance: Path = _setting(Path("instance"), "The folder of this installation's own files.")
    database_url: str = _setting(
        "", "Where the data is; empty: SQLite in the instance folder.", secret=True
    )
    redis_url: str = _setting(
        "", "Redis for rate limits and jobs; empty: memory and a file.", secret=True
    )
    jobs_url: str = _setting(
        "", "What carries jobs: empty (a file), redis://… or postgresql://…", secret=True
    )
    secret_key: str = _setting(
        "",
        "Signs cookies and links; empty: made once and kept in the instance folder.",
        secret=True,
    )
    base_url: str = _setting(
        "http://127.0.0.1:8000", "The address people type; used in mails and feeds."
    )
    mail_url: str = _setting(
        "",
        "smtp://user:password@host:port; empty: mails are kept and shown to the administrator.",
        secret=True,
    )
    mail_from: str = _setting("", "The sender of mails; empty: noreply@ the host of base_url.")
    uploads_folder: str = _setting(
        "", "Where pictures are kept; empty: uploads in the instance folder."
    )
    hosts: str = _setting(
        "", "Names this site answers to, separated by commas, besides base_url's."
    )
    trusted_proxies: int = _setting(
        0, "How many proxies in front of us are believed about addresses."
    )
    locale: str = _setting("it", "The language when nothing else says one: it, fr or en.")
    plugins_blocked: tuple[str, ...] = _setting((), "Plugins never to be loaded, by name.")
    plugins_folders: tuple[str, ...] = _setting((), "Folders with plugins dropped in as packages.")
    hook_seconds: int = _setting(
        10, "A process in which a plugin's hook takes longer is ended and begun again; 0: never."
    )
    tile_url: str = _setting(
        "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
        "Address of the map's tiles; empty: no tiles.",
    )
    demo: bool = _setting(False, "This is a demonstration with invented people.")
    testing: bool = _setting(False, "Tests run: rate limits are off unless asked for.")
    rate_limits: bool = _setting(True, "Limit how often one address or account may try.")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.instance.resolve() / 'tierslieu.db'}"

    @property
    def uploads(self) -> Path:
        return Path(self.uploads_folder) if self.uploads_folder else self.instance / "uploads"

    @property
    def key(self) -> str:
        """The secret key; made and kept in the instance folder when none is set."""
        if self.secret_key:
            return self.secret_key
        path = self.instance / "secret_key"
        if not path.exists():
            self.instance.mkdir(parents=True, exist_ok=True)
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                return path.read_text().strip()
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
        return path.read_text().strip()


def load(
    environ: Mapping[str, str] | None = None, instance: Path | None = None, **overrides: Any
) -> Config:
    """Settings from ``instance/config.toml``, then the environment, then ``overrides``.

    Raises ValueError naming the setting when a value is not of its type or a name is unknown.
    """
    environ = os.environ if environ is None else environ
    folder = Path(instance or environ.get("TIERSLIEU_INSTANCE") or "instance")
    values: dict[str, Any] = {}
    file = folder / "config.toml"
    known = {item.name: item for item in fields(Config)}
    if file.exists():
        for name, value in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if name not in known:
                raise ValueError(f"config.toml: there is no setting “{name}”")
            values[name] = tuple(value) if isinstance(value, list) else value
    for name in known:
        raw = environ.get(variable(name))
        if raw is not None:
            values[name] = _typed(name, raw, known[name].type)
    values |= overrides
    values["instance"] = folder
    return Config(**values)


def variable(name: str) -> str:
    """The variable of the environment that holds a setting."""
    return {"uploads_folder": "TIERSLIEU_UPLOADS"}.get(name, f"TIERSLIEU_{name.upper()}")


def _typed(name: str, raw: str, kind: Any) -> Any:
    if kind == "int":
        if not raw.lstrip("-").isdigit():
            raise ValueError(f"{variable(name)} must be a whole number, not “{raw}”")
        return int(raw)
    if kind == "bool":
        return raw.strip().lower() in {"1", "true", "yes", "on"}
    if str(kind).startswith("tuple"):
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    return Path(raw) if kind == "Path" else raw
