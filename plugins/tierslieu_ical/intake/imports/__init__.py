"""An old calendar's file becomes bookings, once: first looked at, then made by a job.

1. The house's rules are asked for every event; a rule is passed only with a reason, as at a desk.
2. The same event of a room is imported once, however often the file comes.
"""
