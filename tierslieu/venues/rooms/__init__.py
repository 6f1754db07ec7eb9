"""Rooms: what people can see and book, with measured facts.

1. A room has a resource under the same number; retiring the room retires the resource.
2. A room whose capacity nobody wrote has that of its largest layout.
3. Not known is never shown as no.
"""
