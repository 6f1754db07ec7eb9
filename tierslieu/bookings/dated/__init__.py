"""Dated things beside the bookings: what plugins give to calendars, and the core's own deadlines.

Deadline: a day or moment until which somebody has to do something: answer an offer, say that a
series is still needed, apply for a season, answer a request.
"""
