"""Things that are booked with a room: a projector, chairs from the store.

*Accessory*: a thing of a venue, *numbered* (a pool: projector 1, 2) or *counted* (a stock: 80
chairs). Each room says of each thing whether it is offered there, how many are included in its
price, how many at most, and what more cost.

1. Room and things are had together or not at all, under the same locks.
2. Things are had for the time people see; they are released, moved and changed with the booking.
3. A numbered thing is never given twice; of a counted one never more than there are, less those
   out of use.
4. A request that occupies nothing yet has no things either; approving it takes both.
"""
