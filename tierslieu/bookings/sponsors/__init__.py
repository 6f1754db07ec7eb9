"""Sponsors: members who vouch for somebody else's booking.

1. Whoever books names the member by card number or address; nobody vouches for herself.
2. Until the member says yes the booking waits as a request; a no declines it.
3. The member answers by a mailed link, or says it at the desk.
4. An address that belongs to no member is answered like any other.
"""
