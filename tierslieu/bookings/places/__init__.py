"""Rooms that are booked by place: so many desks, seats or lanes of one room.

*Place*: one leaf of such a room, with a name and a rank. *Whole*: the room with all its places.

1. A booking of n places has n different places for the whole of its time, buffers included.
2. Places are chosen under the locks of all places of the room: the last one is given once.
3. Whoever has places keeps them when he moves, where they are free; else he gets others.
4. The whole room is booked by taking every place, those added later included.
"""
