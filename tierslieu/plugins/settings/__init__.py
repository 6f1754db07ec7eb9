"""Settings of plugins: declared in the manifest, said for the network, a venue or a room.

Said: somebody wrote a value at a place. In force: the value of the nearest place that says one:
the room, its venue, the network, the default.

1. A secret is never shown again, nor written in the journal or an export.
2. A plugin reads its own settings only.
3. Reading costs no question to the database.
"""
