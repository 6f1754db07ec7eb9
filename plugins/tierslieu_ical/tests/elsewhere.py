"""A server elsewhere, in this process: what it answers is set by the test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tierslieu_ical.intake.fetching import Net

Say = Callable[[BaseHTTPRequestHandler], None]


class Elsewhere:
    """Its port, what it was asked (path and headers), and what it says by path."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.says: dict[str, Say] = {}

    def net(self, **more: Any) -> Net:
        """A way to ask it: every name leads here, and for once here may be asked."""
        said: dict[str, Any] = {
            "look_up": lambda _host, _port: ["127.0.0.1"],
            "permit": lambda address: address == "127.0.0.1",
            "ports": frozenset({self.port}),
        }
        return Net(**said | more)

    def address(self, path: str) -> str:
        return f"http://school.example:{self.port}{path}"


def answering(status: int, body: bytes = b"", **headers: str) -> Say:
    """An answer as it is."""

    def say(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return say


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """The server, as long as the test."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.asked.append((self.path, dict(self.headers)))
            here.says.get(self.path, answering(404))(self)

        def log_message(self, *_said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here = Elsewhere(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def calendar(*events: str) -> bytes:
    """A calendar of these VEVENTs, each given by its lines."""
    inner = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//elsewhere//EN\n{inner}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()
