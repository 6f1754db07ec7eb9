"""Finding a booking that one may act on, and bringing it from one state to another."""
