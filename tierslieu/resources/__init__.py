"""Resources: what can be taken, what takes it, and what is thereby occupied.

*Resource*: a thing held in time: a room, a part of one, a desk, a lane, one lent item.
*Whole* and *part*: a divisible room is a whole of its parts; a part may belong to several wholes.
*Leaf*: a resource without parts; only leaves are ever occupied.
*Claim*: whatever takes resources (a booking, a repair, a loan); it carries the time people see.
*Occupancy*: one leaf taken by one claim, set-up and clear-up included.
*Hold*: a claim with an end of its own (``expires_at``); *firm*: a claim without.
*Pool*: interchangeable leaves. *Stock*: things that are only counted.

Spans are half-open and in UTC: what ends when another begins does not touch it. The clock is
``work.now`` (the app's), for setting holds and for judging them alike: waiting for a lock can
only make it older, so a hold is never thought past before it is.

What always holds; each number is quoted by the tests that prove it:

1. Two claims never occupy one leaf at the same moment. The database refuses it by itself.
2. Only leaves are occupied; a resource that has parts is refused by the database.
3. Occupancy is written by ``resources.services.take`` alone (``rewrite``, beneath it, also serves
   the division of rooms), under the locks of the leaves concerned, taken in the order of their ids.
4. A refused ``take`` writes nothing, says every collision at once, and leaves the work usable.
5. Takings of one call are judged together: claims may swap, and a series may shift onto itself.
6. Past ``expires_at`` a hold is free for everybody at once, whether a worker runs or not.
7. A claim that was taken without an end is firm: nobody can take its leaves by waiting.
8. ``resource_leaf`` is what the parts say; parts never go in a circle.
9. Dividing and uniting move what is still to come and leave what is past as it was.
10. A pool never gives one leaf twice; the pieces of a stock in use never pass its quantity.
11. Of any number of writers racing for one moment of one leaf, exactly one gets it; the others
    get ``Conflict``, and nobody waits for each other in a circle.
12. What ``queries.free`` calls free, ``take`` accepts, and the other way round.
"""
