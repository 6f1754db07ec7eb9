"""Changing a booking: its words at once, its time or room by the rules of booking."""
