"""The list: several rooms and dates that one person gathers, then sends in one go.

*Line*: one wish with its own room, span, people, places and things. A line holds nothing.

1. The list is sent in one work: all of it, or with "what fits" the lines that can be had.
2. Lines are judged in their order, each after those before: quotas and rooms count them.
3. What could not be had stays in the list, with its reasons.
4. One mail is written for one sending.
5. A line whose time has begun, or that nobody touched for 30 days, goes away.
"""
