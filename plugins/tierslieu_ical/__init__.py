"""Calendars: what is booked, in the calendar people already use.

Feed: an address that opens one person's bookings, and those of the organisations she acts for,
to whoever has it. Public calendar: what everybody may know of a venue or a room; it needs no
secret. Fragment: one booking as the text of a calendar, kept beside it and joined, never written
anew, when somebody asks.

1. A fragment changes in the transaction that changes its booking.
2. When nothing changed, a feed is the same bytes, and the second reader gets 304.
3. Reading a feed writes nothing.
4. A stopped address is dead at once, and answers as one that never was.
5. A public calendar shows confirmed bookings, and a title only if it is public.
6. What was cancelled stays for 90 days, marked so, that every calendar notices.
"""
