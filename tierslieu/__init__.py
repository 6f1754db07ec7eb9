"""Tierslieu: rooms, bookings and memberships for a city's social places."""

from __future__ import annotations

__version__ = "0.1.0"
