"""Purposes: what rooms are used for, in the words of the network and its venues.

1. A purpose is named in the languages of its managers; bookings keep its key.
2. One that is retired stays on the bookings that have it, and is not offered any more.
"""
