"""What a test reads: pages, mails, calendars; and signing in to read them."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from tierslieu.kernel.site import Site


def csrf_token(client: Any, address: str) -> str:
    """The form token of a page, for posting what a browser would; "" where there is none."""
    found = re.search(
        r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).get_data(as_text=True)
    )
    return found[1] if found else ""


def sign_in(client: Any, email: str) -> None:
    """Sign a test client in to an account of ``an_account``: the session its password begins.

    The form and its slow hash are left out; a story about signing in fills the form.
    """
    from tierslieu.people.queries import account_by_email
    from tierslieu.people.sessions import services
    from tierslieu.web.auth import TOKEN

    opened: Site = client.application.extensions["tierslieu"]
    with opened.writing() as work:
        account = account_by_email(work.session, email)
        assert account is not None, f"no account {email}"
        known = services.Recognised(account.id, account.password_hash or "")
        token = services.sign_in(work, known, "Werkzeug/test")
    assert token is not None, f"{email} is not confirmed"
    with client.session_transaction() as session:
        session.clear()
        session[TOKEN] = token
        session.permanent = True


class MailBox:
    """The mails of a site, as they were written: ``mailbox.to("ada@example.org")``."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def all(self) -> list[Any]:
        """Every mail, the oldest first, with ``subject``, ``body``, ``to_address``, ``about``."""
        from tierslieu.kernel.mail import Mail

        with self._site.reading() as work:
            return list(work.session.scalars(sa.select(Mail).order_by(Mail.id)))

    def to(self, address: str) -> list[Any]:
        """Those to one address."""
        return [mail for mail in self.all() if mail.to_address == address]


def calendar_entries(client: Any, address: str) -> dict[str, Any]:
    """The events of a calendar by their titles, as ``icalendar`` reads them.

    Fails unless it is one that every calendar takes: each event says when it is and changed, no
    UID comes twice but for single dates of a series, each zone is described, no line is too long.
    """
    answer = client.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    assert answer.mimetype == "text/calendar", answer.mimetype
    return read_calendar(answer.get_data())


def read_calendar(raw: bytes) -> dict[str, Any]:
    """The same of the text of a calendar."""
    from icalendar import Calendar

    assert max(map(len, raw.split(b"\r\n"))) <= 75, "a line is longer than 75 octets"
    calendar: Any = Calendar.from_ical(raw)
    zones = {str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")}
    seen: set[tuple[str, str]] = set()
    for event in calendar.walk("VEVENT"):
        assert not {"UID", "DTSTAMP", "DTSTART"} - set(event), f"{event} lacks something"
        key = str(event["UID"]), str(event.get("RECURRENCE-ID", b"") and event["RECURRENCE-ID"].dt)
        assert key not in seen, f"{key} is there twice"
        seen.add(key)
        named = {event[part].params.get("TZID") for part in ("DTSTART", "DTEND") if part in event}
        assert named - {None} <= zones, f"{named} is not described"
    return {str(event.get("SUMMARY", "")): event for event in calendar.walk("VEVENT")}
