"""Heating: what a warm room costs besides its price, in the cold months.

1. Nothing is charged until somebody says how much; what is said of a room goes before its venue's.
2. The day on which a booking begins, as the venue's clock has it, decides for the whole of it.
3. What was charged stays with the booking, whatever is set later.
"""
