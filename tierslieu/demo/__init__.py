"""The demo network: what `tierslieu demo` shows, as data.

Real, each said by a public source named in ``data/README.md``: the names, streets and areas of the
venues in ``data/venues.csv``; the sections of text in ``data/venues/*.toml`` that carry a source;
the opening hours of the days listed there as ``sourced``; operators marked ``invented = false``.
Coordinates of real venues place the neighbourhood, not the door. What nobody says is left empty.

Invented: rooms with their measures, rules and prices, all other hours and operators, the venues
``demo-27`` and ``demo-28``, and every person, group, card, membership and booking. Phone numbers
use prefixes that are not assigned, e-mails the reserved ``.example`` ending, pictures are drawings.

1. Everything here is pure: no database, no clock; the same seed and moment give the same values.
2. No two bookings that occupy a room overlap on any of its leaves, buffers included.
3. Every booking lies within the opening hours of its room.
4. The room ``prova-libera`` of ``demo-28`` is never booked.
"""
