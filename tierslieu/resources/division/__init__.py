"""Division: rooms that can be used whole or in parts.

*Divide*: a room becomes a whole of parts, which may belong to other wholes too (A+B and B+C).
*Unite*: it is one room again; parts that no other whole has go out of use.
Invariants 2, 8 and 9 of ``tierslieu.resources``.
"""
