"""When places are open, as their managers write it: weeks, single days, closures.

1. Hours go through the editor and come out as they were written, to the minute.
2. Saving a closure cancels nothing: what lies inside is listed before and stays to be handled.
"""
