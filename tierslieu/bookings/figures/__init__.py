"""What bookings know in figures: hours and their use, turning up, free use and fees, partners.

1. A booking counts in the period in which it begins, on the local day on which it begins.
2. What the house keeps to itself (``blocked``) is no use: it makes the open time shorter.
3. A room that can be divided counts as its parts: no hour is open, or taken, twice.
"""
