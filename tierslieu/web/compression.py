"""Static files sent small: compressed once, kept in memory.

Pages are left as they are: they hold form tokens, and compressing a secret beside what a visitor
may choose tells the secret by its length.
"""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, request

_TEXT = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")
#: Below so many bytes nothing is gained.
LEAST = 600


def install(app: Flask) -> None:
    """Compress what is static and text, for whoever understands it."""
    app.after_request(_smaller)


def _smaller(response: Response) -> Response:
    if response.mimetype not in _TEXT or response.status_code != 200:
        return response
    response.vary.add("Accept-Encoding")
    understood = request.accept_encodings.best_match(["gzip"]) is not None
    if not understood or (response.content_length or 0) < LEAST:
        return response
    response.direct_passthrough = False
    small = _compressed(response.get_data())
    response.set_data(small)
    response.headers["Content-Encoding"] = "gzip"
    # The same file in another coat is another representation.
    etag, _weak = response.get_etag()
    if etag:
        response.set_etag(f"{etag}-gzip")
    return response


@lru_cache(maxsize=256)
def _compressed(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)
