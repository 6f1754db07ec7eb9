"""Organisations: bodies for which people act; proposed by anybody, accepted by the network."""
