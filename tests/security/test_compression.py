"""Static files are sent small, pages with their tokens are not compressed."""

from __future__ import annotations

import gzip
from typing import Any


def test_a_style_sheet_is_sent_compressed_to_who_understands_it(client: Any) -> None:
    with client.get("/static/css/base.css") as plain:
        whole = plain.get_data()
    with client.get("/static/css/base.css", headers={"Accept-Encoding": "gzip"}) as small:
        assert small.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in small.headers["Vary"]
        assert len(small.get_data()) < len(whole) / 2
        assert gzip.decompress(small.get_data()) == whole


def test_a_page_with_a_form_token_is_not(client: Any) -> None:
    answer = client.get("/sign-in", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer.headers
