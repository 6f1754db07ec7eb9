"""Events: what a place invites to, on one or many dates, in the room, remote, or both.

An *event* has *dates*; a date that is held in a room takes it by a booking like any other. A date
has a *side* for each way to take part, the room and the remote one, with so many places each. Who
wants to come is a *registration* on one side.

1. No side ever has more places taken than it has: the side's row is locked, and a CHECK holds it.
2. Whoever waits is offered a place in the order of joining, and nobody passes her.
3. An offer holds its places until it ends, and from that moment on no longer, job or not.
4. Whoever takes part on one side gives her place on the other one free.
5. A date without its room says so to who manages it, and takes nobody in the room.
"""
