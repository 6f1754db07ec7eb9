"""Guests: people who book with a name and a confirmed e-mail, without an account.

A *link* is a secret that was mailed and opens one booking; only its hash is kept.

1. A guest's booking is held until its address is confirmed; the hold ends by itself.
2. One address books as often as the rules allow; no guest is asked for an account.
3. A link opens one booking, until some time after its end, and can be revoked at once.
4. What a guest booked becomes an account's only when its owner, whose address is the same and
   confirmed, says so.
5. Nothing that is asked tells whether an address is known.
6. A guest's data go some time after her last booking has ended.
"""
