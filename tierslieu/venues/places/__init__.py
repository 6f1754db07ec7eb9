"""Venues as places: what they are called, where they are, what is written about them.

1. An unpublished or archived venue is shown only to those who manage it.
2. A change made on an old version is refused and both versions are shown.
3. Archiving deletes nothing.
"""
