"""Bookings: a room held by somebody for a span, by the rules of the house.

A *policy* is what one scope (network, venue, room) says to one audience; the *rules in force*
are its resolution field by field. A *door* is a way in: book, move, approve, accept, import.

1. What occupies is held, confirmed or checked in; the database refuses two at once.
2. A request has a claim and no occupancy, unless the policy holds it.
3. Every refusal says which rules and the nearest choices that would be allowed.
4. Each field is resolved room, venue, network, built-in; the most favourable fitting audience
   of each scope.
5. States move only as the table of moves says; what is past only by a clerk's correction.
6. Changing a policy or a tariff never alters an existing booking; its price is frozen.
"""
