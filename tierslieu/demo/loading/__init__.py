"""The demo's values as rows: places, people, what they booked, the pictures of the rooms."""

from __future__ import annotations
