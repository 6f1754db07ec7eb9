"""The application for a server such as gunicorn: ``gunicorn -k gthread tierslieu.wsgi:app``.

It refuses to start on tables that are not as it needs them; ``tierslieu upgrade`` goes first.
"""

from __future__ import annotations

from tierslieu import config
from tierslieu.app import create_app, settle
from tierslieu.installation import open_site, refuse_unless_ready
from tierslieu.worker import connect

site = open_site(config.load())
refuse_unless_ready(site)
site.plugins.guard(site)
connect(site)
app = create_app(site=site)
settle()

__all__ = ["app", "site"]
