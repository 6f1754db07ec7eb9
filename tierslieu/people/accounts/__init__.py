"""Accounts: a way in for one person. Invariant: what is asked never tells who has an account."""
