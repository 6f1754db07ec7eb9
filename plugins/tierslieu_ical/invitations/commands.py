"""``tierslieu mail-in``: a mail server hands over one answer to an invitation."""

from __future__ import annotations

import sys

import click

import tierslieu.toolkit as tl
from tierslieu_ical.invitations.services import MOST_BYTES, NotTaken, take_reply

#: What mail servers understand (sysexits.h): the mail is no good; try again later.
NO_GOOD, LATER = 65, 75


@click.command("mail-in")
@click.option("--recipient", default="", help="The address it was delivered to, if known.")
@click.option("--reject", is_flag=True, help="End with 65 for what is no reply to us.")
@click.pass_obj
def mail_in(site: tl.Site, recipient: str, reject: bool) -> None:
    """Take in one mail from standard input: an answer to an invitation from a calendar.

    One line says what became of it. Status 0: done, or left alone; 75: try again later. Without
    --reject what is no reply to us is dropped in silence, so that nobody is written to because of
    a forged sender.
    """
    raw = sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        with site.writing(tl.SYSTEM) as work:
            said = take_reply(work, raw, recipient[:1000])
    except NotTaken as why:
        click.echo(f"left alone: {why}")
        sys.exit(NO_GOOD if reject else 0)
    except Exception as error:  # the mail server keeps it and tries again
        click.echo(f"not now: {type(error).__name__}", err=True)
        sys.exit(LATER)
    click.echo(f"taken: {said}")
