"""How people meet remotely: a plain link, Jitsi with a signed room, BigBlueButton, a telephone.

Nothing here is asked inside a transaction: a room elsewhere is opened when somebody goes in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.error import URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import urlopen
from xml.etree import ElementTree

import tierslieu.toolkit as tl
from tierslieu_events import hookspecs
from tierslieu_events.hookspecs import Meeting, Provider
from tierslieu_events.queries import DateView
from tierslieu_events.words import say

#: How long a server elsewhere may take, in seconds, and how much it may say.
PATIENCE = 5
MOST_BYTES = 100_000
NAMES = ("jitsi_url", "jitsi_app", "jitsi_secret", "bbb_url", "bbb_secret")


class NotReached(Exception):
    """The server of a provider does not answer, or says no."""


def plain(meeting: Meeting) -> str:
    """The link that the manager wrote."""
    return meeting.said


def jitsi(meeting: Meeting) -> str:
    """A room of the house's own Jitsi, with a token that lets this person in and nobody else."""
    base = meeting.settings["jitsi_url"].rstrip("/")
    claims: dict[str, Any] = {
        "aud": meeting.settings["jitsi_app"], "iss": meeting.settings["jitsi_app"],
        "sub": urlsplit(base).hostname or "", "room": meeting.room, "exp": meeting.ends,
        "context": {"user": {"name": meeting.name, "affiliation": _role(meeting)}},
    }  # fmt: skip
    token = signed_claims(claims, meeting.settings["jitsi_secret"])
    return f"{base}/{quote(meeting.room)}?{urlencode({'jwt': token})}"


def _role(meeting: Meeting) -> str:
    return "owner" if meeting.leads else "member"


def signed_claims(claims: dict[str, Any], secret: str) -> str:
    """A JSON Web Token, HS256 (RFC 7519)."""
    head = _b64(json.dumps({"alg": "HS256", "typ": "JWT"}, separators=(",", ":")).encode())
    body = _b64(json.dumps(claims, separators=(",", ":"), sort_keys=True).encode())
    seal = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{_b64(seal)}"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def big_blue_button(meeting: Meeting) -> str:
    """A meeting of the house's own BigBlueButton: made if it is not there, then joined.

    Raises NotReached.
    """
    secrets = {role: _password(meeting, role) for role in ("attendee", "moderator")}
    asked = {
        "meetingID": meeting.room, "name": meeting.title, "attendeePW": secrets["attendee"],
        "moderatorPW": secrets["moderator"],
    }  # fmt: skip
    _answer(bbb_address(meeting.settings, "create", asked))
    role = "moderator" if meeting.leads else "attendee"
    joins = {"meetingID": meeting.room, "fullName": meeting.name, "password": secrets[role]}
    return bbb_address(meeting.settings, "join", joins)


def bbb_address(settings: dict[str, str], call: str, asked: dict[str, str]) -> str:
    """An address of its API with the checksum that it wants (SHA-256)."""
    query = urlencode(asked)
    seal = hashlib.sha256(f"{call}{query}{settings['bbb_secret']}".encode()).hexdigest()
    base = settings["bbb_url"].rstrip("/")
    return f"{base}/api/{call}?{query}&checksum={seal}"


def _password(meeting: Meeting, role: str) -> str:
    """The same each time, and known to nobody who has not the secret."""
    said = f"{meeting.room}.{role}".encode()
    return hmac.new(meeting.settings["bbb_secret"].encode(), said, hashlib.sha256).hexdigest()[:32]


def _answer(address: str) -> None:
    if not address.startswith(("https://", "http://")):
        raise NotReached  # whoever manages a venue writes it: no file of the server is opened
    try:
        with urlopen(address, timeout=PATIENCE) as answer:  # noqa: S310
            text = answer.read(MOST_BYTES).decode("utf-8", "replace")
    except (URLError, OSError, ValueError) as error:
        raise NotReached from error
    if "<!" in text:
        raise NotReached  # no answer of its has a declaration; what has one is not read
    try:
        code = ElementTree.fromstring(text).findtext("returncode")  # noqa: S314
    except ElementTree.ParseError as error:
        raise NotReached from error
    if code != "SUCCESS":
        raise NotReached


def _has(*names: str) -> Any:
    return lambda settings: all(settings.get(name) for name in names)


BUNDLED = (
    Provider("link", say("A link"), say("The link, beginning with https://"), plain, order=10),
    Provider("jitsi", say("Jitsi, our own"), "", jitsi,
             _has("jitsi_url", "jitsi_app", "jitsi_secret"), order=20),
    Provider("bbb", say("BigBlueButton, our own"), "", big_blue_button,
             _has("bbb_url", "bbb_secret"), order=30),
    Provider("phone", say("By telephone"), say("The number, and what one presses there"),
             order=40),
)  # fmt: skip


def settings_of(work: tl.Work, venue_id: int) -> dict[str, str]:
    """What is set at a venue about servers, secrets too: for providers alone."""
    return {name: tl.setting(work, name, venue_id=venue_id) or "" for name in NAMES}


def providers(work: tl.Work, venue_id: int) -> dict[str, Provider]:
    """The ways to meet that are set up at a venue, by key."""
    known = settings_of(work, venue_id)
    found = work.hooks.gather(hookspecs.events_providers, work=work)
    return {each.key: each for each in found if each.ready is None or each.ready(known)}


def choose(work: tl.Work, view: DateView, key: str, said: str, recording: str) -> None:
    """How the remote side of a date meets, and where its recording is; raises Invalid."""
    work.require("events.edit", venue=view.venue.id)
    words, kept = tl.clean(said, field="said")[:500], tl.clean(recording, field="recording")[:500]
    provider = providers(work, view.venue.id).get(key)
    if key and provider is None:
        raise tl.Invalid("invalid", say("This is not one of the possible values."), "provider")
    if provider is not None and provider.asks and not words:
        raise tl.Invalid("missing", say("Please fill this in."), "said")
    for field, text in (("said", words if key == "link" else ""), ("recording", kept)):
        if text and not text.startswith("https://"):
            raise tl.Invalid("bad_link", say("A link begins with https://."), field)
    view.date.provider, view.date.recording_url = key, kept
    view.date.meeting = {"said": words} if words else {}
    view.date.changed_at = work.now
    work.session.flush()
    work.audit("events.meeting", f"event_date:{view.date.public_id}", venue=view.venue.id,
               provider=key)  # fmt: skip


def meeting_of(work: tl.Work, view: DateView, name: str, *, leads: bool = False) -> Meeting:
    """What a provider needs to know of a date."""
    return Meeting(
        room=f"events-{view.date.public_id}", title=view.event.title.best(work.locale, "it")[1],
        name=name, leads=leads, ends=int(view.date.ends_at.timestamp()) + 3600,
        said=view.date.meeting.get("said", ""), settings=settings_of(work, view.venue.id),
    )  # fmt: skip


__all__ = ["NotReached", "choose", "meeting_of", "providers"]
