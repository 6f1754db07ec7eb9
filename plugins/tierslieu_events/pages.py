"""All blueprints, once every view has said its address."""

from __future__ import annotations

from tierslieu_events import managing, rest, views
from tierslieu_events.registering import desk
from tierslieu_events.registering import views as registering

BLUEPRINTS = [views.bp, rest.bp]

__all__ = ["BLUEPRINTS", "desk", "managing", "registering"]
