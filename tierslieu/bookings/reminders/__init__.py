"""What is asked and told before a booking: the reminder, and "do you still need it?".

*Reconfirmation*: the question to whoever holds a long series, with a day by which to answer.

1. Each booking is reminded of once, a day before; whoever does not want it says so once for all or
   for one booking.
2. A series is asked again every so many weeks as its policy says; one question waits at a time.
3. Where nobody answers, the dates after the deadline are freed with one mail; the desk can put
   back those that are still free. Nothing that has begun is touched.
"""
