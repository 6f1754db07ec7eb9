"""Asking another server: what is refused before a connection, at it, and while it answers."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tierslieu_ical.intake.fetching import Net, NotFetched, fetch, is_public, target_of
from tierslieu_ical.tests.elsewhere import Elsewhere, answering, elsewhere


@pytest.fixture
def there() -> Iterator[Elsewhere]:
    with elsewhere() as server:
        yield server


PRIVATE = """
    0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.1.2.3 169.254.169.254 172.16.0.1 192.168.1.1
    192.0.0.8 192.0.2.1 198.18.0.1 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1
    ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::7f00:1 64:ff9b::7f00:1 64:ff9b:1::1 2001::1 2002:7f00:1::1
    fc00::1 fd12::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 2001:db8::1
"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_only_what_everybody_can_reach_is_asked(address: str) -> None:
    assert not is_public(address)


def test_what_everybody_can_reach() -> None:
    assert all(map(is_public, ("8.8.8.8", "151.1.1.1", "2606:4700::1111")))


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("ftp://school.example/a.ics", "address"),
        ("file:///etc/passwd", "address"),
        ("https://", "address"),
        ("https://school.example:99999/", "address"),
        ("https://me:secret@school.example/a.ics", "password"),
        ("https://school.example:22/", "port"),
        ("https://school.example:6379/", "port"),
    ],
)
def test_addresses_that_are_not_meant(address: str, code: str) -> None:
    with pytest.raises(NotFetched) as refused:
        target_of(address, frozenset({80, 443}))
    assert refused.value.code == code


def test_webcal_means_https_and_no_line_gets_into_the_request() -> None:
    target = target_of("webcal://School.example/a b\r\nX: y.ics?k=1", frozenset({443}))
    assert (target.https, target.host, target.port) == (True, "school.example", 443)
    assert not set(target.path) & set(" \r\n")


def test_names_are_looked_up_once_and_each_of_their_addresses_counts() -> None:
    """A name that answers otherwise the second time gets no second question."""
    asked: list[str] = []

    def look_up(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34", "127.0.0.1"]

    with pytest.raises(NotFetched) as refused:
        fetch("https://two-faced.example/", Net(look_up=look_up))
    assert (refused.value.code, asked) == ("forbidden_host", ["two-faced.example"])


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "[::1]"])
def test_this_machine_by_any_name_is_not_asked(host: str) -> None:
    with pytest.raises(NotFetched) as refused:
        fetch(f"http://{host}/", Net())
    assert refused.value.code in {"forbidden_host", "unknown_host"}


def test_the_connection_goes_where_it_was_looked_and_says_the_name(there: Elsewhere) -> None:
    there.says["/a.ics"] = answering(200, b"text", ETag='"7"', Last_Modified="yesterday")
    answer = fetch(there.address("/a.ics"), there.net())
    assert (answer.data, answer.etag, answer.modified) == (b"text", '"7"', "yesterday")
    assert there.asked[0][1]["Host"] == f"school.example:{there.port}"

    there.says["/a.ics"] = answering(304)
    assert fetch(there.address("/a.ics"), there.net(), etag='"7"').data is None
    assert there.asked[1][1]["If-None-Match"] == '"7"'


def test_each_redirection_is_looked_at_anew(there: Elsewhere) -> None:
    there.says["/a"] = answering(302, Location="/b")
    there.says["/b"] = answering(200, b"there")
    assert fetch(there.address("/a"), there.net()).data == b"there"

    inside = {"school.example": ["127.0.0.1"], "inside.example": ["10.0.0.1"]}
    net = there.net(look_up=lambda host, _port: inside[host])
    for location, code in (
        (f"http://inside.example:{there.port}/", "forbidden_host"),
        ("http://school.example:22/", "port"),
        ("file:///etc/passwd", "address"),
        ("/a", "redirect"),
        ("", "redirect"),
    ):
        there.says["/a"] = answering(301, Location=location)
        with pytest.raises(NotFetched) as refused:
            fetch(there.address("/a"), net)
        assert refused.value.code == code, location


#: 900 bytes that unpack to a thousand times as many.
BOMB = answering(200, gzip.compress(bytes(900_000)), Content_Encoding="gzip")


def dribble(handler: Any) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b".")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass


@pytest.mark.parametrize(
    ("says", "code"),
    [
        (answering(200, b"x" * 5000), "too_large"),
        (BOMB, "too_large"),
        (dribble, "slow"),
        (answering(200, b"half", Content_Length="4000"), "no_answer"),
        (answering(200, b"garbage", Content_Encoding="gzip"), "no_answer"),
        (answering(200, gzip.compress(b"x" * 900)[:-9], Content_Encoding="gzip"), "no_answer"),
        (answering(200, b"", Content_Encoding="br"), "no_answer"),
        (answering(401), "not_public"),
        (answering(410), "gone"),
        (answering(500), "no_answer"),
    ],
)
def test_answers_that_are_none(there: Elsewhere, says: Any, code: str) -> None:
    there.says["/"] = says
    with pytest.raises(NotFetched) as refused:
        fetch(there.address("/"), there.net(most=1000, seconds=0.4))
    assert refused.value.code == code


def test_packed_answers_are_read(there: Elsewhere) -> None:
    there.says["/"] = answering(200, gzip.compress(b"x" * 999), Content_Encoding="gzip")
    assert fetch(there.address("/"), there.net(most=1000)).data == b"x" * 999
