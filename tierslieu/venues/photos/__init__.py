"""Photos of venues and rooms.

1. Nothing that was uploaded is ever served: pictures are decoded and encoded again by us.
2. Every photo says in words what it shows.
"""
