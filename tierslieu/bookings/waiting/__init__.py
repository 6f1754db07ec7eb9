"""The waiting list: in line for a time that is taken, offered when it becomes free, in order.

*Waiting* is never *awaiting approval*: whoever waits has asked nobody and holds nothing. An
*offer* is a booking in state held: it occupies the room until its end, worker or not.

1. Who joined first is offered first; a smaller group never jumps; a manager changes the order
   with a reason.
2. An offer holds the whole time, buffers included; nobody else can take it meanwhile.
3. One function offers, whatever set the time free; refused or lapsed, the next is offered in the
   same work.
4. Of many who accept, cancel or join at once exactly one holds the room, and the order is kept.
5. At night (22 to 8) the time is held but nobody is woken: the mail goes at eight, and the offer
   runs from then; for the same day it goes at once.
"""
