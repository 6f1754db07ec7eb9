"""Who is touched by a closing, and what becomes of each.

A *cause* is a closure, a mode of the venue, or a room out of use. A booking inside it is *to be
handled* until a manager cancels it, moves it, keeps it with a reason, or takes another *way* that
a plugin offers.

1. Whoever is touched is shown before anything is saved; asking saves nothing.
2. What is to be handled is derived from what is in force: nothing inside is ever lost.
3. Each person hears once about all that one act did to her bookings.
4. Back to normal restores nothing: it shows who was touched and offers to tell them.
"""
