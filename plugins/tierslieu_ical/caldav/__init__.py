"""CalDAV (RFC 4791), to read: what a person's feed tells, one object for each event.

App password: made on one's own page for one programme, shown once, kept as a hash; it opens
this collection and nothing else, and only to read.

1. The entries, their UIDs and their texts are those of the person's feed.
2. Nothing can be written: every method that would is refused.
3. A stopped password opens nothing, at once.
4. No password is asked for over a line that others can read.
"""
