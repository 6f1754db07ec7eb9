"""The search by words: what on this site is called so; every feature answers for its own things."""
