"""Reading calendars: whose and of what, how much is shown, as iCalendar, as JSON, as a page.

Scope: a person's own, an organisation's, a room's, a venue's, the network's. Detail: ``public``
(confirmed, a title only if it is public), ``member`` (titles for members too, where her card
counts), ``private`` (everything, with its state). What may be left out stands in the address, so
the same secret serves many calendars.

1. A secret address opens what its owner may read at the moment it is read, and no more.
2. The network's and an organisation's public calendars tell only what has a public title.
3. JSON and the page are made of the calendar's own text: they cannot disagree with it.
"""
