"""Asking another server for a calendar, without becoming its tool against our own network.

The name is looked up once, every address it has must be one that everybody can reach, and the
connection goes to the address that was looked at, at each redirection anew. What comes back is
bounded in size, packed and unpacked, and in time, from the first look-up to the last byte.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from time import monotonic
from urllib.parse import SplitResult, quote, urljoin, urlsplit

MOST_REDIRECTS = 5
#: Seconds for everything, and for one step of the talk.
SECONDS, STEP = 30.0, 10.0
_AGENT = "Tierslieu (calendar subscription)"
#: Blocks whose addresses carry another one inside them or lead through a gateway to one, and
#: those that older versions of Python take for public.
_ODD = [
    ipaddress.ip_network(block)
    for block in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32",
                  "2002::/16", "fec0::/10", "192.0.0.0/24", "192.88.99.0/24")
]  # fmt: skip


class NotFetched(Exception):
    """Why there is no calendar: ``code`` is one of those that `words.PROBLEMS` explains."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Answer:
    """What the server said; ``data`` None: it is as it was (304)."""

    data: bytes | None
    etag: str = ""
    modified: str = ""


def is_public(address: str) -> bool:
    """Whether an address is one that everybody can reach: no network of ours, no machine's own."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if any(ip in block for block in _ODD):
        return False
    odd = ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback
    return ip.is_global and not (odd or ip.is_link_local or ip.is_private)


def look_up(host: str, port: int) -> list[str]:
    """All addresses of a name. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True)
class Net:
    """How names are looked up and which machines may be asked; tests bring their own."""

    look_up: Callable[[str, int], Sequence[str]] = look_up
    permit: Callable[[str], bool] = is_public
    ports: frozenset[int] = frozenset({80, 443})
    seconds: float = SECONDS
    most: int = 4 * 1024 * 1024
    context: ssl.SSLContext | None = None


@dataclass(frozen=True)
class Target:
    """An address taken apart."""

    https: bool
    host: str
    port: int
    path: str

    @property
    def named(self) -> str:
        """The host as the header names it."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.https else 80) else f"{name}:{self.port}"


def target_of(address: str, ports: frozenset[int]) -> Target:
    """Take an address apart; webcal means https. Raises NotFetched."""
    try:
        parts = urlsplit(address.strip())
        host, port = _host(parts), parts.port
    except ValueError as error:
        raise NotFetched("address") from error
    scheme = parts.scheme.lower()
    if scheme not in {"http", "https", "webcal", "webcals"} or not host:
        raise NotFetched("address")
    if parts.username is not None or parts.password is not None:
        raise NotFetched("password")
    https = scheme != "http"
    port = (443 if https else 80) if port is None else port
    if port not in ports:
        raise NotFetched("port")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return Target(https, host, port, f"{path}?{query}" if query else path)


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not host or any(char.isspace() or ord(char) < 33 for char in host):
        raise ValueError(host)
    return host if host.isascii() else host.encode("idna").decode("ascii")


def fetch(address: str, net: Net, *, etag: str = "", modified: str = "") -> Answer:
    """The calendar at an address, or that it has not changed. Raises NotFetched."""
    deadline = monotonic() + net.seconds
    asked, was_https = address, False
    for _ in range(MOST_REDIRECTS + 1):
        target = target_of(asked, net.ports)
        if was_https and not target.https:
            raise NotFetched("redirect")
        try:
            found = _ask(target, net, deadline, etag, modified)
        except NotFetched:
            raise
        except ssl.SSLError as error:
            raise NotFetched("certificate") from error
        except (OSError, http.client.HTTPException, ValueError, zlib.error) as error:
            late = monotonic() >= deadline or isinstance(error, TimeoutError)
            raise NotFetched("slow" if late else "no_answer") from error
        if isinstance(found, Answer):
            return found
        was_https, asked = target.https, urljoin(_plain(asked), found)
    raise NotFetched("redirect")


def _plain(address: str) -> str:
    """urljoin knows https, and webcal not."""
    scheme, _, rest = address.strip().partition(":")
    return f"https:{rest}" if scheme.lower() in {"webcal", "webcals"} else address.strip()


def _ask(target: Target, net: Net, deadline: float, etag: str, modified: str) -> Answer | str:
    """One request: the answer, or where else to ask."""
    line = [_connected(target, net, deadline)]
    # Whatever dribbles in, byte by byte, ends here.
    watch = threading.Timer(max(deadline - monotonic(), 0.01), _cut, [line])
    watch.daemon = True
    watch.start()
    try:
        if target.https:
            context = net.context or ssl.create_default_context()
            secured = context.wrap_socket(
                line[0], server_hostname=target.host, do_handshake_on_connect=False
            )
            line[0] = secured
            secured.do_handshake()
        talk = http.client.HTTPConnection(target.host, target.port)
        talk.sock = line[0]
        talk.request("GET", target.path, headers=_headers(target, etag, modified))
        with closing(talk.getresponse()) as answer:
            return _heard(answer, net, deadline)
    finally:
        watch.cancel()
        line[0].close()


def _connected(target: Target, net: Net, deadline: float) -> socket.socket:
    """A connection to one of the addresses that were looked at, and to no other."""
    try:
        addresses = list(net.look_up(target.host, target.port))
    except (OSError, UnicodeError) as error:
        raise NotFetched("unknown_host") from error
    if not addresses:
        raise NotFetched("unknown_host")
    if not all(map(net.permit, addresses)):
        raise NotFetched("forbidden_host")
    for number, address in enumerate(addresses[:3], 1):
        left = min(STEP, deadline - monotonic())
        if left <= 0:
            raise NotFetched("slow")
        try:
            return socket.create_connection((address, target.port), timeout=left)
        except OSError:
            if number == len(addresses[:3]):
                raise
    raise AssertionError("unreachable")


def _cut(line: list[socket.socket]) -> None:
    with suppress(OSError):
        # The plain one: whoever is reading from a secured one must find its end, not a ruin.
        socket.socket.shutdown(line[0], socket.SHUT_RDWR)


def _headers(target: Target, etag: str, modified: str) -> dict[str, str]:
    said = {
        "Host": target.named,
        "User-Agent": _AGENT,
        "Accept": "text/calendar, */*;q=0.1",
        "Accept-Encoding": "gzip, identity",
        "Connection": "close",
    }
    if etag:
        said["If-None-Match"] = etag
    if modified:
        said["If-Modified-Since"] = modified
    return said


def _heard(answer: http.client.HTTPResponse, net: Net, deadline: float) -> Answer | str:
    if answer.status == 304:
        return Answer(None)
    if answer.status in {301, 302, 303, 307, 308}:
        there = answer.getheader("Location", "")
        if not there or len(there) > 4000:
            raise NotFetched("redirect")
        return there
    if answer.status in {401, 403}:
        raise NotFetched("not_public")
    if answer.status in {404, 410}:
        raise NotFetched("gone")
    if answer.status != 200:
        raise NotFetched("no_answer")
    data = _body(answer, net, deadline)
    etag, modified = answer.getheader("ETag", ""), answer.getheader("Last-Modified", "")
    return Answer(data, _short(etag), _short(modified))


def _short(header: str) -> str:
    return header if len(header) <= 200 and header.isascii() and header.isprintable() else ""


def _body(answer: http.client.HTTPResponse, net: Net, deadline: float) -> bytes:
    """All of it, unpacked as it comes: neither side of the packing may pass the bound."""
    encoding = answer.getheader("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "", "gzip", "x-gzip"}:
        raise NotFetched("no_answer")
    unpack = zlib.decompressobj(31) if "gzip" in encoding else None
    parts, size, came = [], 0, 0
    while chunk := answer.read1(65536):
        came += len(chunk)
        plain = unpack.decompress(chunk, net.most - size + 1) if unpack else chunk
        size += len(plain)
        if size > net.most or came > net.most:
            raise NotFetched("too_large")
        if monotonic() >= deadline:
            raise NotFetched("slow")
        parts.append(plain)
    if monotonic() >= deadline:
        raise NotFetched("slow")
    if answer.length or (unpack is not None and not unpack.eof):
        # Half a calendar would free what the other half takes.
        raise NotFetched("no_answer")
    return b"".join(parts)
