"""Lending at a venue's desk: over the counter, and what there is."""
