"""Preconditions: what somebody must have before booking (a training, a document, to be adult).

A *precondition* is asked for in a scope: the network, a venue, or some of its rooms. A
*qualification* says that a person or an organisation has it, from and until a day; for a "no
debts" precondition it says the contrary: that she owes. A *sponsor* is a member who vouches.

1. All preconditions of all scopes count together, for the day of the booking.
2. A refusal says what is missing and how to get it.
3. A qualification is granted by somebody at the desk and can be withdrawn; both are kept.
4. A booking that needs a sponsor waits as a request until she says yes.
"""
