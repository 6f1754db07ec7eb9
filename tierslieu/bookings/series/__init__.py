"""Series: bookings that repeat, asked for, answered, changed and given up together.

A *date* is one occurrence as the rule names it, by the wall clock of the venue; its *fate* says
whether it can be had. A *skipped date* could not, and is kept with its reason to be tried again.
*Scope*: this date, this and following, or all that are still to come.

1. Each date is judged as a booking of its own would be; limits are judged over the whole set.
2. Without ``skip_conflicts`` any refusal makes nothing, and every refused date is said.
3. A preview is the same judgement, and writes nothing.
4. The wall time stays through both clock changes: a time that is skipped one night comes as much
   later as the clock jumps, one that is shown twice is its first showing.
5. What has begun is never changed: a running series is split there, and the rest has an uid of
   its own and says which one it follows.
6. What was changed for one date alone stays so when the others change.
7. Nobody else is moved: a date that cannot move stays as it was, and is said.
"""
