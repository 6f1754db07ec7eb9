"""Codes that phones read."""

from __future__ import annotations

import io

import segno


def qr(address: str, *, sized: bool = False) -> str:
    """A code as SVG, dark on light whatever the page's colours; ``sized``: a picture of its own."""
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out,
        kind="svg",
        border=2,
        light="#fff",
        dark="#000",
        xmldecl=False,
        omitsize=not sized,
        svgclass="qr",
    )
    return out.getvalue().decode()
