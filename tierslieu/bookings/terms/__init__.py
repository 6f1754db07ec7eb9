"""Terms of use: texts to accept before booking, of a scope and a kind, in versions.

In force of each scope (network, venue, room) and kind is the newest published version whose day
has come; those of all scopes count together.

1. A published version is never changed: what somebody accepted can be read for ever.
2. Publishing alters no booking; it is asked for with the next one.
3. An acceptance says who, which version, when, with which booking, and who recorded it.
"""
