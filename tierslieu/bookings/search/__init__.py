"""The sentence search: every room of the network answers one wish."""
