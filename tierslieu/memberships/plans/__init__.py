"""Plans: what a venue's association offers, when its season starts, what it asks."""

from __future__ import annotations
