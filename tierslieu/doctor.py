"""What is wrong or missing in an installation, one line each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import sqlalchemy as sa

from tierslieu import examining, hookspecs, migrate
from tierslieu.installation import plugins_to_migrate
from tierslieu.kernel import clock, guards, jobs
from tierslieu.kernel.mail import Mail
from tierslieu.kernel.site import Site

Level = Literal["error", "warning", "note"]

#: A secret key shorter than this can be guessed.
SHORTEST_KEY = 32
#: Seconds by which our clock and the database's may differ.
CLOCKS_APART = 5
#: Free space under which writing will soon fail, in bytes.
LEAST_SPACE = 200_000_000


@dataclass(frozen=True)
class Finding:
    """One line of the doctor. Errors make the command fail."""

    level: Level
    text: str

    @property
    def is_error(self) -> bool:
        return self.level == "error"

    @property
    def colour(self) -> str:
        return {"error": "red", "warning": "yellow", "note": "green"}[self.level]


def error(text: str) -> Finding:
    """Something that must be mended."""
    return Finding("error", text)


def warning(text: str) -> Finding:
    """Something that one should know."""
    return Finding("warning", text)


def examine(site: Site, *, deploy: bool = False) -> Iterator[Finding]:
    """Everything that was found; a single note when nothing was.

    A check that cannot be made is an error itself, and the others go on.
    """
    migrate.import_models()
    healthy = True
    checks = [*SETTINGS, *(DEPLOYMENT if deploy else ())]
    if (away := _unreachable(site)) is not None:
        yield away
        healthy = False
    else:
        unready = list(tables(site))
        yield from unready
        healthy = not unready
        # What the tables hold can be asked only when they are what we know.
        checks += DATA if not any(finding.is_error for finding in unready) else ()
    for check in checks:
        for finding in _made(check, site):
            healthy = False
            yield finding
    if healthy:
        yield Finding("note", "Everything is well.")


def _made(check: Callable[[Site], Iterator[Finding]], site: Site) -> Iterator[Finding]:
    try:
        yield from list(check(site))
    except Exception as problem:
        first = str(problem).splitlines()[0] if str(problem) else ""
        yield error(f"{check.__name__} cannot be examined: {type(problem).__name__}: {first}")


def not_ready(site: Site) -> list[str]:
    """Why this installation should be given no requests, for ``/readyz``; nothing: [].

    Jobs that wait too long are among the reasons, since people then wait for mails.
    """
    away = _unreachable(site)
    if away is not None:
        return [away.text]
    migrate.import_models()
    found = [finding.text for finding in tables(site) if finding.is_error]
    return found or [finding.text for finding in waiting_jobs(site) if finding.is_error]


def _unreachable(site: Site) -> Finding | None:
    try:
        with site.db.reader.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    except sa.exc.SQLAlchemyError as problem:
        return error(f"the database cannot be reached: {str(problem).splitlines()[0]}")
    return None


def tables(site: Site) -> Iterator[Finding]:
    """Steps that wait, a newer database, guards that are gone."""
    if migrate.is_newer(site.db):
        yield error("the database was migrated by a newer program than this one")
        return
    waiting = migrate.pending(site.db)
    if waiting:
        yield error(f"steps wait to be applied: {', '.join(waiting)}. Run tierslieu upgrade.")
        return
    with site.db.reader.connect() as connection:
        gone = guards.missing(connection)
    if gone:
        yield error(f"the database lost its guards: {', '.join(gone)}. Run tierslieu upgrade.")
    for step in migrate.pending(site.db, plugins_to_migrate(site)):
        yield warning(f"a plugin's step waits to be applied: {step}. Run tierslieu upgrade.")


def waiting_jobs(site: Site) -> Iterator[Finding]:
    """Jobs nobody begins, and jobs that failed for good."""
    with site.reading() as work:
        late = jobs.stuck(work.session, work.now)
        failed = jobs.counts(work.session).get("failed", 0)
    if late:
        yield error(f"{late} jobs wait for more than half an hour: is a worker running?")
    if failed:
        yield warning(f"{failed} jobs failed for good; the administrator's page says why")


def mails(site: Site) -> Iterator[Finding]:
    """Mails that could not be sent, and whether there is a server for them."""
    with site.reading() as work:
        lost = work.session.scalar(sa.select(sa.func.count()).where(Mail.state == "failed"))
    if lost:
        yield warning(f"{lost} mails could not be sent; the administrator's page says why")


def uploads(site: Site) -> Iterator[Finding]:
    """Pictures whose files are gone."""
    with site.reading() as work:
        wanted = examining.photo_ids(work.session)
    files = site.uploads.rglob("*") if site.uploads.exists() else ()
    present = {path.name.partition("-")[0] for path in files}
    missing = [one for one in wanted if one not in present]
    if missing:
        yield error(f"{len(missing)} pictures have no file in {site.uploads.name}: {missing[0]}…")


def bookings(site: Site) -> Iterator[Finding]:
    """What is taken against who takes it."""
    with site.reading() as work:
        for text in examining.disagreements(work.session, work.now):
            yield error(text)


def plugins(site: Site) -> Iterator[Finding]:
    """Plugins that cannot be used, or were suspended after repeated faults."""
    if site.plugins is None:
        return
    for name, why in site.plugins.broken.items():
        yield error(f"the plugin “{name}” cannot be used: {why}")
    for item in site.plugins.all:
        if site.plugins.is_suspended(item.name):
            yield warning(f"the plugin “{item.name}” was suspended after repeated faults")
    with site.reading() as work:
        for check in site.hooks.gather(hookspecs.health_checks, work=work):
            if check.level != "ok":
                yield Finding(check.level, f"{check.name}: {check.message}")


def clocks(site: Site) -> Iterator[Finding]:
    """Our clock against the database's."""
    with site.db.reader.connect() as connection:
        theirs = connection.execute(sa.select(sa.func.current_timestamp())).scalar_one()
    apart = abs((examining.as_moment(theirs) - clock.now()).total_seconds())
    if apart > CLOCKS_APART:
        yield error(f"this machine's clock and the database's are {apart:.0f} seconds apart")


def secret_key(site: Site) -> Iterator[Finding]:
    """Whether the key that signs cookies can be guessed."""
    key = site.config.key
    if len(key) < SHORTEST_KEY or len(set(key)) < 8:
        yield error(f"the secret key is weak: use at least {SHORTEST_KEY} random characters")


def base_url(site: Site) -> Iterator[Finding]:
    """Whether the address in mails and feeds is one."""
    parts = urlsplit(site.config.base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        yield error(f"base_url is no address of a site: {site.config.base_url!r}")
    elif parts.path not in {"", "/"}:
        yield error("base_url must have no path: the site lives at the root of its host")
    if site.config.locale not in {"it", "fr", "en"}:
        yield error(f"locale must be it, fr or en, not {site.config.locale!r}")


def space(site: Site) -> Iterator[Finding]:
    """Whether something can still be written."""
    free = shutil.disk_usage(site.config.instance).free
    if free < LEAST_SPACE:
        yield error(f"only {free // 1_000_000} MB are free on the disk of the instance folder")


def deployment(site: Site) -> Iterator[Finding]:
    """What is well on one's own machine and wrong on the internet."""
    config = site.config
    parts = urlsplit(config.base_url)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if local:
        yield error("base_url is this machine's own: nobody else can follow a link in a mail")
    elif parts.scheme != "https":
        yield error("base_url is not https: passwords and cookies could be read on the way")
    if config.trusted_proxies < 1 and not local:
        yield warning("trusted_proxies is 0: behind a proxy every visitor has the proxy's address")
    if config.demo or config.testing:
        yield error("this is a demonstration: its passwords are public")
    if not config.rate_limits:
        yield error("rate_limits is off: passwords can be tried without end")
    if not config.mail_url:
        yield error("mail_url is not set: nobody can confirm an address or reset a password")
    if "*" in config.hosts:
        yield error("hosts answers to any name")


def scale(site: Site) -> Iterator[Finding]:
    """What one process does well and several do not."""
    if not site.config.redis_url:
        yield warning("redis_url is not set: with several processes each counts its own limits")
    with site.reading() as work:
        if examining.has_demo_accounts(work.session):
            yield error("accounts of the demonstration are here, with public passwords")


SETTINGS = (secret_key, base_url, space)
DATA = (waiting_jobs, mails, uploads, bookings, plugins, clocks)
DEPLOYMENT = (deployment, scale)
