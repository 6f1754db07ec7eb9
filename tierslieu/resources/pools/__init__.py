"""Pools: interchangeable things with an identity: desks, lanes, bicycles.

*Member*: a leaf of the pool. *Rank*: which member is given first.
Invariant 10 of ``tierslieu.resources``.
"""
