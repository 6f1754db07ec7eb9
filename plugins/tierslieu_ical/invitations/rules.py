"""Invitations as text, and replies read from text: pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from tierslieu_ical.rules import CALENDAR_TAIL, joined, plain
from tierslieu_ical.zones import vtimezone

#: Bookings whose mail carries a calendar, by state; of the others nothing is known for certain.
METHODS: dict[str, Literal["REQUEST", "CANCEL"]] = {
    "confirmed": "REQUEST",
    "checked_in": "REQUEST",
    "cancelled": "CANCEL",
}
ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
#: Lines and events of a reply that are looked at; it has one event and some twenty lines.
MOST_LINES, MOST_EVENTS = 2_000, 50


@dataclass(frozen=True)
class Party:
    """Who takes part: the house by the address that answers come to, and who was invited."""

    organiser: str
    organiser_name: str
    attendee: str
    attendee_name: str
    asks: bool
    """Whether an answer is read; else it is said to be accepted, since she booked it herself."""


def invitation(own_text: str, zone: str, method: str, party: Party) -> str:
    """The calendar part of a mail: the booking's own text, with who takes part."""
    head = joined(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Tierslieu//Calendars//EN",
            "CALSCALE:GREGORIAN",
            f"METHOD:{method}",
        ]
    )
    state = "NEEDS-ACTION;RSVP=TRUE" if party.asks else "ACCEPTED;RSVP=FALSE"
    house, guest = _quoted(party.organiser_name), _quoted(party.attendee_name)
    role = f"CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={state}"
    people = joined(
        [
            f"ORGANIZER;CN={house}:mailto:{plain(party.organiser)}",
            f"ATTENDEE;{role};CN={guest}:mailto:{plain(party.attendee)}",
        ]
    )
    body = _UID.sub(lambda found: found[0] + people, own_text)
    return head + vtimezone(zone) + body + CALENDAR_TAIL


_UID = re.compile(r"^UID:[^\r\n]*\r\n(?: [^\r\n]*\r\n)*", re.MULTILINE)


def _quoted(text: str) -> str:
    """A parameter's value: quotes cannot stand in it, nor can anything end its line."""
    return '"' + plain(text.replace('"', "'").replace("\n", " ")) + '"'


# -- the seal --------------------------------------------------------------------------------------


def seal(key: str, uid: str, person_id: int) -> str:
    """128 bits of one invitation that only the site can make, in small letters and digits.

    Mail servers may change the case of an address, so nothing in it depends on that.
    """
    signed = f"ical.reply\n{uid}\n{person_id}".encode("utf-8", "surrogatepass")
    made = hmac.new(key.encode(), signed, hashlib.sha256).digest()[:16]
    return base64.b32encode(made).decode("ascii").rstrip("=").lower()


def sealed_address(address: str, token: str) -> str:
    """``calendar@example.org`` with a seal: ``calendar+…@example.org``."""
    name, _, host = address.rpartition("@")
    return f"{name}+{token}@{host}"


def seals_in(addresses: str) -> set[str]:
    """Everything in a text of addresses that could be a seal."""
    return {found.lower() for found in _SEAL.findall(addresses[:20_000])}


_SEAL = re.compile(r"\+([a-zA-Z2-7]{26})@")


def is_sealed(token: str, key: str, uid: str, person_id: int) -> bool:
    """Whether the site made this seal for this invitation."""
    return hmac.compare_digest(token.encode(), seal(key, uid, person_id).encode())


# -- replies ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reply:
    """What one event of a reply says; ``at`` is the date of a series that it is about."""

    uid: str
    attendee: str
    answer: str
    organiser: str
    at: datetime | None
    sequence: int
    written_at: datetime | None


def replies(text: str) -> list[Reply]:
    """The answers in a calendar of METHOD:REPLY; none in anything else, however it is broken."""
    lines = list(_lines(text))
    if ("METHOD", "REPLY") not in [(name, value.strip().upper()) for name, _, value in lines]:
        return []
    found: list[Properties] = []
    event: Properties | None = None
    for name, params, value in lines:
        if (name, value.strip().upper()) == ("BEGIN", "VEVENT"):
            event = {}
        elif (name, value.strip().upper()) == ("END", "VEVENT") and event is not None:
            found.append(event)
            event = None
        elif event is not None:
            event.setdefault(name, (params, value.strip()))
    return [reply for event in found[:MOST_EVENTS] if (reply := _reply(event)) is not None]


Params = dict[str, str]
Properties = dict[str, tuple[Params, str]]


def _lines(text: str) -> Iterator[tuple[str, Params, str]]:
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    for line in unfolded.splitlines()[:MOST_LINES]:
        found = _LINE.match(line[:4_000])
        if found is not None:
            yield found["name"].upper(), _params(found["params"]), found["value"]


_LINE = re.compile(r'(?P<name>[A-Za-z0-9-]+)(?P<params>(?:;[^":;]*(?:"[^"]*")?)*):(?P<value>.*)')


def _params(text: str) -> Params:
    pairs = (part.partition("=") for part in text.split(";") if "=" in part)
    return {name.strip().upper(): value.strip().strip('"') for name, _, value in pairs}


def _reply(event: Properties) -> Reply | None:
    params, attendee = event.get("ATTENDEE", ({}, ""))
    answer = ANSWERS.get(params.get("PARTSTAT", "").upper())
    uid = event.get("UID", ({}, ""))[1]
    if answer is None or not uid or len(uid) > 64:
        return None
    at = event.get("RECURRENCE-ID")
    moment = None if at is None else _moment(*at)
    if at is not None and moment is None:
        return None
    sequence = event.get("SEQUENCE", ({}, "0"))[1]
    return Reply(
        uid,
        _address(attendee),
        answer,
        _address(event.get("ORGANIZER", ({}, ""))[1]),
        moment,
        int(sequence) if re.fullmatch(r"[0-9]{1,9}", sequence) else 0,
        _moment(*event.get("DTSTAMP", ({}, ""))),
    )


def _address(value: str) -> str:
    return value[7:].strip() if value[:7].lower() == "mailto:" else value.strip()


def _moment(params: Params, value: str) -> datetime | None:
    try:
        zone = ZoneInfo(params["TZID"]) if "TZID" in params else UTC
        naive = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
        return naive.replace(tzinfo=UTC if value.endswith("Z") else zone).astimezone(UTC)
    except (ValueError, OverflowError, OSError, LookupError):
        return None
