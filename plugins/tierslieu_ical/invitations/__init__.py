"""Mails that calendars understand (iTIP, RFC 5546, carried by mail as RFC 6047 says).

Invitation: the text of a booking with METHOD:REQUEST beside the words of its mail; CANCEL when it
is over. Reply: what a calendar programme writes back when she presses "yes", "maybe" or "no".

1. An invitation has the UID and SEQUENCE that feeds have: it is made of the same text.
2. A reply counts only if it carries the seal of the invitation it answers, and names whom that was
   sent to; who a mail says it is from proves nothing.
3. A reply says who comes. It never cancels a booking: a "no" is answered with how to do that.
4. No mail, whatever is in it, makes ``tierslieu mail-in`` raise, or read more than it must.
"""
