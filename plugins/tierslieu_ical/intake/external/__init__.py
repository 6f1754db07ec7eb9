"""Calendars elsewhere that say when a room is busy.

1. What it says becomes claims, each refresh in one act; what somebody has stays theirs.
2. When it cannot be read, what it said last stands, and the manager sees since when and why.
"""
