"""Facts that every answer needs, kept in memory under the version that the database counts.

1. What is kept is never older than the last commit that changed it.
2. What somebody read inside a transaction is kept only once that transaction is durable, and
   never when it changed a fact itself.
3. Whoever waited for a lock asks again: what was read before may have changed meanwhile.
"""
