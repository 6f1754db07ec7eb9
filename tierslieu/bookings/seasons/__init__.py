"""Seasons: the yearly timetable of a venue, made from applications by published criteria.

*Round*: one season of a venue, from the call to the timetable. *Slot*: a room, a weekday and its
hours, offered every week. *Application*: a group, how many times a week, its rooms and its
suitable times in order. *Points*: what the published criteria give. *Placement*: a slot given to
an application, by the method or by hand.

1. Nobody prefers to what he got a slot that the method gave to somebody of fewer points.
2. The same applications, slots and hands give the same timetable, in whatever order they come.
3. What was placed, moved or taken away by hand, with its reason, stays when the method runs again.
4. Of slots that share a part of a room and some time, one is given.
5. Every time that somebody wanted and has not got has its reason.
6. The method writes proposals only: nothing is booked or told before it is published.
"""
