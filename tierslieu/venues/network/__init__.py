"""The network's own settings, the kinds of venue it knows, and the holidays of its place.

1. There is one network row; before it is set up the built-in settings count.
2. A kind in use cannot be removed.
"""
