"""Modes of a venue: open as always, open to fewer people, or closed; from one day to another.

A *mode* covers whole local days. Where two cover one day, the shorter period speaks, then the one
that was made later, so that "open at Christmas" may lie inside "limited this winter".

1. A room holds the smaller of what its layout holds and what the mode of that day allows.
2. Closed by a mode is closed: the same locks, the same doors, words of its own.
3. Setting or ending a mode touches no booking.
"""
