"""Finding a time when the day is open: a matrix of days and rooms, near misses, and why not.

*Wanted*: any of these days, so long, within these hours. *Cell*: the first time of a day in a room
that could be booked, or the code of why there is none.

1. A cell with a time can be booked by whoever looked, unless somebody else is quicker: it passed
   the rules of the door "book" and the judges of plugins.
2. All rooms over all days cost one question about what is taken, whatever their number.
3. "Why not?" says what booking would say, with the same nearest choices.
"""
