"""Weeks, days and next free times, as anybody may see them."""
