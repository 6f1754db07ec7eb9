"""``tierslieu ical import FILE --room …``: an old calendar becomes bookings."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

import click

import tierslieu.toolkit as tl
from tierslieu_ical.intake.imports import queries, services
from tierslieu_ical.intake.imports.models import Import
from tierslieu_ical.intake.words import fate_words


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--room", required=True, help="Its id, or venue/room by the names in addresses.")
@click.option("--email", default="", help="For whom; without it, for the venue itself.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day of what has no end.")
@click.option("--override", default="", help="Pass the rules of the house, for this reason.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of each event.")
@click.pass_obj
def bring(
    site: tl.Site,
    file: BinaryIO,
    room: str,
    email: str,
    until: datetime | None,
    override: str,
    dry_run: bool,
) -> None:
    """Book the events of an old calendar; the same event never twice."""
    try:
        with site.writing(locale="en") as work:
            found = queries.room_named(work.session, room)
            if found is None:
                raise click.ClickException(f"there is no room {room}")
            new = services.Brought(
                name=file.name.rpartition("/")[2],
                data=file.read(),
                until=until.date() if until else None,
                person_id=queries.person_by_email(work.session, email),
                override=override,
            )
            row = services.bring(work, found, new)
            if dry_run:
                _say_fates(work, row)
                work.session.delete(row)
                return
            _make(work, row)
    except tl.Refusal as refusal:
        reasons = [tl.say(reason.message, "en") for reason in refusal.reasons]
        raise click.ClickException(" ".join(reasons)) from refusal


def _say_fates(work: tl.Work, row: Import) -> None:
    for fate in queries.fates(work, row):
        words = tl.say(fate_words(fate.code, fate.dates, fate.item.dates), "en")
        why = " ".join(tl.say(reason, "en") for reason in fate.reasons[:3])
        click.echo(f"{fate.item.starts_at[:16]:16}  {fate.item.title}: {words}. {why}".rstrip())


def _make(work: tl.Work, row: Import) -> None:
    chosen = [item.key for item in queries.items(row) if not item.odd]
    services.make_some(work, row, chosen, limit=len(chosen))
    services.tell(work, row)
    for item in queries.items(row):
        said = item.odd.replace("_", " ") or item.said.get("en") or item.made
        click.echo(f"{item.starts_at[:16]:16}  {item.title}: {said}")
