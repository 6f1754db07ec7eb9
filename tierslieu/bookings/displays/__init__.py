"""Doors that speak: a screen beside the door or in the hall, and a code on paper.

*Display*: a secret address for one room or for a whole venue, made and stopped by its manager.
``/display/…`` is read by the screen, ``/door/…`` is opened by the phone that reads its code.

1. The address is stored hashed, shown once, stopped at once, and never stands in a log.
2. A display shows what everybody may know: titles only of public bookings.
3. Its code opens nothing by itself: whoever scans it signs in or knows a booking's reference.
"""
