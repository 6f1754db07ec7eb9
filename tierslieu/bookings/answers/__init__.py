"""Answering requests: approve, decline, propose another time; what happens when nobody answers."""
