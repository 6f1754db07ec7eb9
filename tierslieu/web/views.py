"""The few routes that belong to no feature: static files, the map's library, health."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from apiflask import APIFlask
from flask import Blueprint, Response, current_app, jsonify, send_from_directory
from werkzeug.exceptions import NotFound

from tierslieu.web.openapi import path_of, without
from tierslieu.web.pages import page
from tierslieu.web.requests import PUBLIC, allow, current_site

bp = Blueprint(
    "web",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)

_LEAFLET = {
    "leaflet.js": "text/javascript",
    "leaflet.css": "text/css",
    "images/marker-icon.png": "image/png",
    "images/marker-icon-2x.png": "image/png",
    "images/marker-shadow.png": "image/png",
    "images/layers.png": "image/png",
    "images/layers-2x.png": "image/png",
}


@bp.get("/leaflet/<path:path>")
@allow(PUBLIC)
def leaflet(path: str) -> Response:
    """The map's script and style, from their own package."""
    if path not in _LEAFLET:
        raise NotFound
    from xstatic.pkg import leaflet as package

    response = send_from_directory(Path(package.BASE_DIR), path, mimetype=_LEAFLET[path])
    response.headers["Cache-Control"] = "public, max-age=604800"
    return response


@bp.get("/api/openapi.json")
@allow(PUBLIC)
def openapi() -> Response:
    """The API described, OpenAPI 3.1."""
    response = jsonify(_document())
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@bp.get("/api/docs")
@allow(PUBLIC)
def api_docs() -> str:
    """The same description, to be read."""
    return page("web/api_docs.html", document=_document())


def _document() -> dict[str, Any]:
    """The description of the API without what is switched off now."""
    app = cast(APIFlask, current_app)
    document = cast("dict[str, Any]", app.spec)
    is_shown = app.extensions["tierslieu.is_shown"]
    hidden = {path_of(r.rule) for r in app.url_map.iter_rules() if not is_shown(r.endpoint)}
    return without(document, hidden)


@bp.get("/style")
@allow(PUBLIC)
def style() -> str:
    """The style guide: every piece pages are made of."""
    return page("web/style.html")


@bp.get("/accessibility")
@allow(PUBLIC)
def accessibility() -> str:
    """How far everybody can use these pages, and how to say that something is in the way."""
    return page("web/accessibility.html")


@bp.get("/privacy")
@allow(PUBLIC)
def privacy() -> str:
    """What is kept about people, why, and for how long."""
    return page("web/privacy.html")


@bp.get("/healthz")
@allow(PUBLIC)
def alive() -> Response:
    """Whether this process answers."""
    return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})


@bp.get("/readyz")
@allow(PUBLIC)
def ready() -> Response:
    """Whether it can serve: database, migrations, guards, jobs."""
    wrong = current_app.extensions["tierslieu.readiness"](current_site())
    text = "\n".join(wrong) or "ready"
    headers = {"Cache-Control": "no-store"}
    return Response(f"{text}\n", 503 if wrong else 200, mimetype="text/plain", headers=headers)
