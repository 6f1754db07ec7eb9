"""Colours of paper, and how charts stand on it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: The accents of the pages as paper has them: dark enough to read white on, 4.5 to 1 and more.
ACCENTS: Final[Mapping[str, str]] = {
    "mattone": "#8a3a2a",
    "zucca": "#84401a",
    "ocra": "#6b4b0e",
    "oliva": "#4d5710",
    "prato": "#2a6230",
    "persiana": "#0f5c45",
    "acqua": "#0b5c63",
    "cielo": "#245a86",
    "notte": "#3b4f92",
    "prugna": "#6a3f80",
    "lambrusco": "#84345f",
    "rosso": "#93333b",
}


def colour(accent: str | None) -> str:
    """The colour of an accent."""
    return ACCENTS.get(accent or "", ACCENTS["persiana"])
