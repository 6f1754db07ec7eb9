"""The pages of places: one blueprint, its routes in the room of their subject."""

from __future__ import annotations

from tierslieu.venues.blueprint import bp
from tierslieu.venues.names import views as names_views
from tierslieu.venues.network import views as network_views
from tierslieu.venues.opening import views as opening_views
from tierslieu.venues.photos import views as photos_views
from tierslieu.venues.places import desk, views
from tierslieu.venues.rooms import views as rooms_views

__all__ = [
    "bp",
    "desk",
    "names_views",
    "network_views",
    "opening_views",
    "photos_views",
    "rooms_views",
    "views",
]
