"""The blueprint that the rooms of this feature hang their pages on."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from tierslieu.web import nav
from tierslieu.web.pages import page

bp = Blueprint("people", __name__, template_folder="templates")


def my_page(template: str, **values: Any) -> str:
    """A page under /me, with the way to the others."""
    return page(template, nav_me=nav.entries("me"), **values)
