"""Getting ready and tidying up as work that somebody does; keys, codes and who has them.

*Chore list*: what is to be done before or after each booking of a room (or of every room of a
venue): a title, the points to tick, and whether it is a walk round with photos (état des lieux).
*Chore*: that list beside one booking. It is written down only once somebody touches it; its time
is the booking's own, so it moves, and ends, with the booking.
*Key*: a key or a code of a room; *handover*: to whom it was given, until when, and back when.

1. Each booking has each list of its room once; a cancelled booking has none to do.
2. What was ticked stays as it was ticked when the list is written anew.
3. A key is with one person at a time. A code is shown to its holder only, from some hours before.
4. Photos of a walk round are seen by the desk only.
"""
