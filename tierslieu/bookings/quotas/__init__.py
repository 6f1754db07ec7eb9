"""Quotas: how much of a room, a venue or the network somebody may have in a period.

1. Of two wishes that together pass a quota, one is refused, however close they come.
2. A series is judged as a whole; the refusal says how many of its first dates fit.
3. Whoever moves a booking may keep what she has: the one she moves does not count.
4. Cancelled, declined and expired bookings do not count; requests do.
"""
