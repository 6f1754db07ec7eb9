"""Roles: grants of a role in a scope, given and withdrawn, never by oneself to oneself."""
