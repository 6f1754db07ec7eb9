"""Registrations: who wants to come, on which side of a date, and who waits for a place."""
