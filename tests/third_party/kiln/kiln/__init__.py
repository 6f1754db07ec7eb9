"""Kilns are fired by those who make pots: one at a time, never hotter than the kiln bears."""
