"""Locks of leaves, taken by every verb that reads before it writes."""
