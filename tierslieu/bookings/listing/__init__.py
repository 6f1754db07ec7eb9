"""Lists of bookings as each reader may see them: whole, or as a busy span."""
