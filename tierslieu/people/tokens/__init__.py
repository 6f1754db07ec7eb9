"""Tokens: personal keys of the API, shown once, scoped, never more than their owner."""
