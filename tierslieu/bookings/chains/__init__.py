"""Approval in steps: who answers a request, in which order, until when, and who instead.

A *chain* is what one scope (room, venue, network) says; the most specific counts, and one without
steps says that whoever may approve answers, as without any. A *step* is answered by any or all of
its people; its *substitute* may answer after a part of the time or while they are away.

1. A request keeps the chain it was asked under: changing a chain never alters a request.
2. Only the people of the current step answer; one refusal ends it.
3. Of two answers, or an answer and the deadline, exactly one counts.
4. Nothing is confirmed before the last step; then the time is taken or the answer is 409.
5. A step nobody could answer falls to whoever manages the venue.
"""
