"""The public places of the network, their rooms, and when they are open.

A *venue* is a place run by one organisation; a *room* is a space in it that has a resource.
*Openness* is a rule over facts: weekly hours in periods, exceptions by day, holidays, closures.

1. For one day the strongest fact speaks: room exception, venue exception, holiday, room week,
   venue week; closures are then taken away, always.
2. A room's week replaces the venue's as a whole; it reaches beyond it only with keys.
3. Among weeks of one scope the highest priority wins, then the shortest period.
4. Open spans are sorted and apart; hours that meet at midnight are one span.
5. Changing hours or closing never alters an existing booking.
"""
