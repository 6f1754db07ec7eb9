"""What comes in from calendars elsewhere.

External calendar: an address that says when a room is busy; it takes what is free, again and
again. Import: an old calendar's file, whose events become bookings once, by the house's rules.

1. Nothing that stands is moved, cancelled or overridden; what is in the way is listed.
2. Only addresses that everybody can reach are asked, at the machine that was looked at.
3. However a calendar is written, reading it ends soon.
4. The same event is imported once.
"""
