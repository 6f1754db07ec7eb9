"""Stock: things without an identity, which are only counted: chairs, tables, glasses.

*Use*: so many pieces, for a claim, for a span. *Peak*: the most in use at any one moment.
Invariant 10 of ``tierslieu.resources``.
"""
