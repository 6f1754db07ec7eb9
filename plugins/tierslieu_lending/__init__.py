"""Lending: a library of things.

Thing: what is lent, described once ("Ladder, 6 m"). Item: one of them, with a number on it; it is a
resource of the engine. Loan: somebody has, or will have, items for a time; it is a claim of the
engine. Due: when they come back. Deposit: money that goes over the desk and comes back.

1. An item is promised to one person at a time, and to everybody only as long as it is in use.
2. Time stands in the claim; what happened to it, and when, in the loan.
3. A loan is over when the desk has the thing in its hands, not when it was due.
4. Whoever waits is asked in the order of asking, and what is offered is really held.
5. Nobody is kept from borrowing without a reason that she can read and somebody can take back.
"""
