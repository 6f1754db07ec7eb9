"""Dues: taken at the desk, and taken back only by a row that says so."""

from __future__ import annotations
