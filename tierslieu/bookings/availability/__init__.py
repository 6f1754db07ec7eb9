"""The one availability question: free + open + policy + judges, asked by every door.

Pages, API, timeline and plugins ask `judge` for one wish in one room, or `answers` for a wish over
many rooms; both go by the same rules.
"""
