"""The kernel: what every feature stands on. It knows no feature and no Flask.

Work: the one object handed from the edge to the verbs (session, hooks, actor, now, locale).
Span: half-open time between two instants. Message: a sentence not yet translated.
Reason: why something is refused, with the nearest allowed choices.
Job: a row that says what to do later.

Invariants
1. Only ``work.py`` commits.
2. A moment is an aware UTC datetime in whole seconds; anything else is refused by the column type.
3. What is said to the world (mail, webhooks) is said by a job written in the same transaction.
4. The audit log is append-only; the database refuses to change or delete its rows.
"""
