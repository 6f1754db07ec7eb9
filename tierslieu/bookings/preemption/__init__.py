"""Pre-emption: whoever the policy names takes a time over from somebody who has booked it.

1. Only whom the policy names, only with the notice it asks, always with a reason.
2. What is taken over is cancelled without charge; whoever had it gets the nearest alternatives.
3. The new booking is made in the same work, under the same locks: nobody slips in between.
4. What was checked in, or is held by something that is no booking, is not taken over.
"""
